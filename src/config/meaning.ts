/**
 * What a schema cannot say: entries that contradict each other, and agreements
 * that would exempt everything. Pure; it sees the entries that fit the schema,
 * whatever is wrong with the others.
 */
import type { ExpectedTraffic, NamespaceRule } from '../model.js';
import { plain } from '../outside.js';
import type { Entry, ProblemIn } from './file.js';
import { covers } from './patterns.js';
import { pathText, type Problem } from './problem.js';

interface Entries {
  readonly namespaces: readonly Entry<NamespaceRule>[];
  readonly platformNamespaces: readonly Entry<string>[];
  readonly expected: readonly Entry<ExpectedTraffic>[];
}

interface Findings {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** @param now milliseconds since the epoch */
export function meaningProblems(entries: Entries, now: number, problem: ProblemIn): Findings {
  const { namespaces, platformNamespaces, expected } = entries;
  return {
    problems: [
      ...namespaceTwice(namespaces, problem),
      ...oneNameForTwo(namespaces, problem),
      ...tenantAndPlatform(namespaces, platformNamespaces, problem),
      ...expected.flatMap((entry) => exemptsTooMuch(entry, problem)),
    ],
    warnings: [
      ...platformTwice(platformNamespaces, problem),
      ...expected.flatMap((entry) => hasEnded(entry, now, problem)),
      ...expected.flatMap((entry) => namesNoTenant(entry, namespaces, problem)),
    ],
  };
}

function namespaceTwice(namespaces: Entries['namespaces'], problem: ProblemIn): Problem[] {
  return repeated(namespaces, (rule) => rule.namespace).map(([entry, first]) =>
    problem(
      [...entry.path, 'namespace'],
      `${entry.value.namespace} is listed already at ${pathText(first.path)}, expected once: a namespace has one owner`,
    ),
  );
}

function platformTwice(platform: Entries['platformNamespaces'], problem: ProblemIn): Problem[] {
  return repeated(platform, (namespace) => namespace).map(([entry, first]) =>
    problem(entry.path, `${plain(entry.value)} is listed already at ${pathText(first.path)}`),
  );
}

/** Entries that share name and vCluster are one tenant; those that share only the name are two, and nobody could tell them apart. */
function oneNameForTwo(namespaces: Entries['namespaces'], problem: ProblemIn): Problem[] {
  const owners = new Map<string, Entry<NamespaceRule>>();
  const found: Problem[] = [];
  for (const entry of namespaces) {
    const name = shownName(entry.value);
    if (name === undefined) continue;
    const owner = owners.get(name);
    if (owner === undefined) owners.set(name, entry);
    else if (!isOneTenant(owner.value, entry.value)) {
      const at = entry.value.name === undefined ? entry.path : [...entry.path, 'name'];
      found.push(
        problem(
          at,
          `${JSON.stringify(name)} is already the name of the tenant at ${pathText(owner.path)}, expected a name of its own; ` +
            `if both are one tenant, give both the same vcluster and name`,
        ),
      );
    }
  }
  return found;
}

function isOneTenant(a: NamespaceRule, b: NamespaceRule): boolean {
  return a.vcluster === b.vcluster && a.name === b.name && a.name !== undefined;
}

/**
 * The name without `/` that a rule's tenant is shown under, if it has one: the
 * configured name, or the vCluster's where the host namespace has the same name.
 */
function shownName({ name, namespace, vcluster }: NamespaceRule): string | undefined {
  return name ?? (namespace === vcluster ? vcluster : undefined);
}

/**
 * A platform pattern may be cut out of a tenant's (`team-a-*` is the tenant,
 * `team-a-ingress` the platform's); the other way round the tenant's entry would
 * never apply.
 */
function tenantAndPlatform(
  namespaces: Entries['namespaces'],
  platform: Entries['platformNamespaces'],
  problem: ProblemIn,
): Problem[] {
  const exact = new Set(platform.map((entry) => entry.value));
  const patterns = [...exact].filter((pattern) => pattern.endsWith('*'));
  return namespaces.flatMap((entry) => {
    const { namespace } = entry.value;
    const over = exact.has(namespace) ? namespace : patterns.find((pattern) => covers(pattern, namespace));
    if (over === undefined) return [];
    return [
      problem(
        [...entry.path, 'namespace'],
        `${namespace} is also the platform's (tenants.platformNamespaces has ${over}), expected one of the two`,
      ),
    ];
  });
}

function exemptsTooMuch({ value, path }: Entry<ExpectedTraffic>, problem: ProblemIn): Problem[] {
  const { source, destination, ports } = value;
  if (source === '*' && destination === '*' && ports.length === 0) {
    return [
      problem(
        path,
        'source and destination are both * and there are no ports: that exempts all traffic; name a side or ports',
      ),
    ];
  }
  if (source !== '*' && source === destination) {
    return [
      problem(
        [...path, 'destination'],
        `${JSON.stringify(plain(destination))} is also the source, expected another tenant: traffic inside one tenant is never cross-tenant`,
      ),
    ];
  }
  return [];
}

function hasEnded({ value, path }: Entry<ExpectedTraffic>, now: number, problem: ProblemIn): Problem[] {
  if (value.until === undefined || value.until > now) return [];
  const at = new Date(value.until).toISOString().replace('.000Z', 'Z');
  return [
    problem(
      [...path, 'until'],
      `ended at ${at} and no longer applies: this traffic is unexpected again; renew or remove the entry`,
    ),
  ];
}

/** A side that names a configured tenant's namespace or vCluster instead of its display name matches nothing, in silence. */
function namesNoTenant(
  { value, path }: Entry<ExpectedTraffic>,
  namespaces: Entries['namespaces'],
  problem: ProblemIn,
): Problem[] {
  return (['source', 'destination'] as const).flatMap((side) => {
    const given = value[side];
    const rules = namespaces.map((entry) => entry.value);
    if (given === '*' || rules.some((rule) => shownName(rule) === given)) return [];
    const meant = rules.find(
      ({ namespace, vcluster, name }) =>
        name !== undefined && [namespace, vcluster, `${namespace}/${vcluster}`].includes(given),
    );
    if (meant?.name === undefined) return [];
    return [
      problem(
        [...path, side],
        `no configured tenant is called ${JSON.stringify(plain(given))}; the one in namespace ${meant.namespace} is called ${JSON.stringify(meant.name)}`,
      ),
    ];
  });
}

/** Each entry whose key was seen before, with the first that had it. */
function repeated<T>(
  entries: readonly Entry<T>[],
  key: (value: T) => string,
): (readonly [Entry<T>, Entry<T>])[] {
  const first = new Map<string, Entry<T>>();
  return entries.flatMap((entry) => {
    const earlier = first.get(key(entry.value));
    if (earlier !== undefined) return [[entry, earlier] as const];
    first.set(key(entry.value), entry);
    return [];
  });
}
