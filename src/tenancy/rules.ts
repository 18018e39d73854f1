/**
 * The operator's word, made ready to be asked: which namespaces are the
 * platform's, which belong to which tenant. It speaks of the analyzer's own
 * cluster only; another cluster may use the same namespaces for others.
 */
import type { NamespaceRule, TenancyRules } from '../model.js';

/** A tenant of the configuration. */
export interface ConfiguredTenant {
  readonly vcluster: string;
  /** First exact namespace of the entries that are this tenant, else the text of its first pattern. */
  readonly hostNamespace: string;
  readonly name: string | undefined;
}

export interface Rules {
  readonly cluster: string;
  /** In the order of the configuration, each once. */
  readonly tenants: readonly ConfiguredTenant[];
  isPlatform(cluster: string, namespace: string): boolean;
  tenantOf(cluster: string, namespace: string): ConfiguredTenant | undefined;
}

/** Expects rules that have been validated: entries that contradict each other are settled by their order. */
export function compileRules(rules: TenancyRules): Rules {
  const tenants = groupTenants(rules.namespaces);
  const tenantFor = matcher(rules.namespaces.map((entry) => [entry.namespace, tenants.get(entry)] as const));
  const platformFor = matcher(rules.platformNamespaces.map((pattern) => [pattern, true] as const));
  return {
    cluster: rules.cluster,
    tenants: [...new Set(tenants.values())],
    isPlatform: (cluster, namespace) => cluster === rules.cluster && platformFor(namespace) === true,
    tenantOf: (cluster, namespace) => (cluster === rules.cluster ? tenantFor(namespace) : undefined),
  };
}

/**
 * Entries of one name and vCluster are one tenant (namespace sync spreads a
 * tenant over namespaces); an entry without a name stands for itself.
 */
function groupTenants(entries: readonly NamespaceRule[]): Map<NamespaceRule, ConfiguredTenant> {
  const groups = new Map<string, NamespaceRule[]>();
  for (const entry of entries) {
    const key = JSON.stringify([
      entry.name ?? null,
      entry.vcluster,
      entry.name === undefined ? entry.namespace : '',
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return new Map(
    [...groups.values()].flatMap((group) => {
      const tenant = tenantOfGroup(group);
      return group.map((entry) => [entry, tenant] as const);
    }),
  );
}

function tenantOfGroup(group: readonly NamespaceRule[]): ConfiguredTenant {
  const home = group.find((entry) => !isPattern(entry.namespace)) ?? group[0];
  if (home === undefined) throw new Error('a group of namespace rules without a rule');
  return { vcluster: home.vcluster, hostNamespace: home.namespace, name: home.name };
}

function isPattern(text: string): boolean {
  return text.endsWith('*');
}

/** Exact entries before patterns, a longer pattern before a shorter one, an earlier entry before a later one. */
function matcher<T>(
  entries: readonly (readonly [pattern: string, value: T])[],
): (text: string) => T | undefined {
  const exact = new Map<string, T>();
  const patterns: { prefix: string; value: T }[] = [];
  for (const [pattern, value] of entries) {
    if (isPattern(pattern)) patterns.push({ prefix: pattern.slice(0, -1), value });
    else if (!exact.has(pattern)) exact.set(pattern, value);
  }
  patterns.sort((a, b) => b.prefix.length - a.prefix.length);
  return (text) => exact.get(text) ?? patterns.find(({ prefix }) => text.startsWith(prefix))?.value;
}
