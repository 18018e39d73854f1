/**
 * Which pods a selector of a Cilium policy means where it does not say so: those
 * of the policy's namespace, or of any for a clusterwide one, in its own cluster
 * (cilium pkg/k8s/apis/cilium.io/utils/utils.go, getEndpointSelector and
 * ParseToCiliumRule).
 */
import type { Context } from './context.js';
import { NAMESPACE_LABELS, POD_NAMESPACE, POLICY_CLUSTER } from './label.js';
import { ciliumKey } from './labelsyntax.js';
import { equals, type Requirement, type Selector, toSelector, type WrittenSelector } from './selector.js';

/** The pods that a policy applies to. Whatever it says of the namespace is overridden by the policy's own. */
export function subjectSelector(written: WrittenSelector, { ref }: Context): Selector {
  const selector = toSelector(written, ciliumKey);
  if (ref.namespace === '') return selector;
  // As AddMatch does: the matchLabels entry is replaced, expressions stay.
  const others = selector.filter(
    (requirement, index) =>
      !(isOnKubernetes(requirement) && index < Object.keys(written.matchLabels ?? {}).length),
  );
  return [...others, equals('k8s', POD_NAMESPACE, ref.namespace)];
}

const isOnKubernetes = ({ source, key }: Requirement): boolean => source === 'k8s' && key === POD_NAMESPACE;

/** Peers of `fromEndpoints` and `toEndpoints`. */
export function peerSelector(
  written: WrittenSelector,
  subject: Selector,
  { ref, cluster }: Context,
): Selector {
  const selector = toSelector(written, ciliumKey);
  // Reserved identities have no namespace and no cluster.
  if (selector.some(({ source }) => source === 'reserved')) return selector;
  const scope: Requirement[] = [];
  if (!names(selector, POD_NAMESPACE)) {
    if (ref.namespace === '') {
      // A pod that is still being set up has no namespace to be known by.
      if (!subject.some(({ source, key }) => source === 'reserved' && key === 'init')) {
        scope.push({ source: 'k8s', key: POD_NAMESPACE, operator: 'Exists', values: [] });
      }
    } else if (!selector.some((requirement) => isNamed(requirement, `${NAMESPACE_LABELS}.`))) {
      scope.push(equals('k8s', POD_NAMESPACE, ref.namespace));
    }
  }
  if (cluster.localOnly && !names(selector, POLICY_CLUSTER))
    scope.push(equals('k8s', POLICY_CLUSTER, cluster.name));
  return [...selector, ...scope];
}

function names(selector: Selector, key: string): boolean {
  return selector.some((requirement) => requirement.key === key && isKubernetesOrAny(requirement));
}

function isNamed(requirement: Requirement, prefix: string): boolean {
  return requirement.key.startsWith(prefix) && isKubernetesOrAny(requirement);
}

const isKubernetesOrAny = ({ source }: Requirement): boolean => source === 'k8s' || source === 'any';
