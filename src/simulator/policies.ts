import type { WirePolicy } from './wire.js';

/** `flow.DropReason`: the ones that are a policy's doing. */
export const PolicyDropReason = {
  /** Nothing allowed it. */
  POLICY_DENIED: 133,
  /** A deny rule names it. */
  POLICY_DENY: 181,
  AUTH_REQUIRED: 189,
} as const;

/**
 * What one endpoint's policy says about a connection. Where an endpoint has no
 * policy for a direction there is no decision at all, and no event either.
 */
export type Decision =
  | { readonly action: 'allow'; readonly by: readonly WirePolicy[] }
  /** Would be denied, but the endpoint is in audit mode: the packet passes. No policy is named. */
  | { readonly action: 'audit' }
  | { readonly action: 'redirect'; readonly by: readonly WirePolicy[]; readonly proxyPort: number }
  | { readonly action: 'deny'; readonly reason: number; readonly by: readonly WirePolicy[] };

export const allow = (...by: readonly WirePolicy[]): Decision => ({ action: 'allow', by });
export const audit: Decision = { action: 'audit' };

/** Allowed, through the proxy that a rule for layer 7 asks for. */
export const redirect = (...by: readonly WirePolicy[]): Decision => ({
  action: 'redirect',
  by,
  proxyPort: 15001,
});

/** Denied because no rule allows it: the packet's drop names no policy, since none matched. */
export const denyByDefault: Decision = { action: 'deny', reason: PolicyDropReason.POLICY_DENIED, by: [] };

/** Denied by a rule that says so, hence named (cilium pkg/policy/correlation names deny rules only for this reason). */
export const denyBy = (...by: readonly WirePolicy[]): Decision => ({
  action: 'deny',
  reason: PolicyDropReason.POLICY_DENY,
  by,
});

/** Dropped until both sides have authenticated each other. */
export const authRequired: Decision = { action: 'deny', reason: PolicyDropReason.AUTH_REQUIRED, by: [] };

export function redirects(
  decision: Decision | undefined,
): decision is Extract<Decision, { action: 'redirect' }> {
  return decision?.action === 'redirect';
}

/** A policy as a verdict names it. */
export function policy(name: string, namespace: string, kind = 'CiliumNetworkPolicy'): WirePolicy {
  return {
    name,
    namespace,
    kind,
    revision: 7,
    labels: [
      `k8s:io.cilium.k8s.policy.derived-from=${kind}`,
      `k8s:io.cilium.k8s.policy.name=${name}`,
      `k8s:io.cilium.k8s.policy.namespace=${namespace}`,
    ],
  };
}
