/**
 * The semantics once more, written another way: no rules, no requirements, no
 * order. A policy is the set of all (peer, protocol, port) that it allows and the
 * set of all that it denies, of a small world in which every one of them can be
 * listed. Knows what test/policy/cases.ts generates, and nothing of src/policy.
 */
import type { Asked, End, Written } from './cases.js';

/** `peer|protocol|port` */
type Reach = Set<string>;

const PROTOCOLS = ['TCP', 'UDP', 'SCTP', 'ICMP', 'ICMPv6'] as const;

interface World {
  readonly ends: readonly End[];
  readonly ports: readonly number[];
}

interface Scope {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly localOnly: boolean;
}

type List = Written[] | undefined;
const list = (value: unknown): List => value as List;
const strings = (value: unknown): string[] => value as string[];

/** Allowed or denied in one direction, by everything that is written. */
export function naive(
  policies: readonly Written[],
  { from, to, protocol, port }: Asked,
  direction: 'ingress' | 'egress',
  world: World,
  localOnly: boolean,
): 'allowed' | 'denied' {
  const [subject, peer] = direction === 'ingress' ? [to, from] : [from, to];
  const allowed: Reach = new Set();
  const denied: Reach = new Set();
  let closed = hasLabel(world.ends[subject]!, 'reserved:init');
  for (const policy of policies) {
    const { name: _, namespace } = policy['metadata'] as { name: string; namespace?: string };
    const scope: Scope = { kind: String(policy['kind']), namespace, localOnly };
    for (const spec of [policy['spec'], ...((policy['specs'] as unknown[] | undefined) ?? [])] as (
      Written | undefined
    )[]) {
      if (spec === undefined) continue;
      if (!isSubject(spec, world.ends[subject]!, scope)) continue;
      if (isClosed(spec, direction, scope)) closed = true;
      add(allowed, list(spec[direction]), direction, world, scope);
      add(denied, list(spec[`${direction}Deny`]), direction, world, scope);
    }
  }
  const point = `${peer}|${protocol}|${port}`;
  if (denied.has(point)) return 'denied';
  if (allowed.has(point) || !closed) return 'allowed';
  return direction === 'ingress' && hasLabel(world.ends[peer]!, 'reserved:host') ? 'allowed' : 'denied';
}

function hasLabel(end: End, start: string): boolean {
  return end.labels.some((label) => label === start || label.startsWith(`${start}=`));
}

function isSubject(spec: Written, end: End, { kind, namespace }: Scope): boolean {
  if (!end.managed) return false;
  const inside =
    namespace === undefined || end.labels.includes(`k8s:io.kubernetes.pod.namespace=${namespace}`);
  const written = (kind === 'NetworkPolicy' ? spec['podSelector'] : spec['endpointSelector']) as Written;
  const own = { ...(written['matchLabels'] as Record<string, string> | undefined) };
  if (namespace !== undefined) delete own['k8s:io.kubernetes.pod.namespace'];
  return inside && fits({ ...written, matchLabels: own }, end, kind === 'NetworkPolicy' ? 'k8s:' : '');
}

function isClosed(spec: Written, direction: 'ingress' | 'egress', { kind }: Scope): boolean {
  const allow = list(spec[direction]) ?? [];
  if (kind === 'NetworkPolicy') {
    const types = strings(spec['policyTypes'] ?? []);
    if (allow.length > 0) return true;
    return direction === 'egress'
      ? types.includes('Egress')
      : types.includes('Ingress') || !types.includes('Egress');
  }
  const deny = list(spec[`${direction}Deny`]) ?? [];
  const said = (spec['enableDefaultDeny'] as Record<string, boolean> | undefined)?.[direction];
  return allow.length + deny.length > 0 && said !== false;
}

/** Each key by how it is written: with its source, or for any source. */
function fits(selector: Written, end: End, prefix: string): boolean {
  const values = (key: string): string[] => {
    const full = key.replace(/^\$/, 'reserved:').replace(/^reserved\./, 'reserved:');
    const named = full.includes(':') && !full.startsWith('any:') ? full : undefined;
    const bare = full.replace(/^any:/, '');
    return end.labels.flatMap((label) => {
      const [written = '', value = ''] = label.split(/=(.*)/s, 2);
      const matches =
        named === undefined ? written.slice(written.indexOf(':') + 1) === bare : written === named;
      return matches ? [value] : [];
    });
  };
  const labels = Object.entries((selector['matchLabels'] ?? {}) as Record<string, string>);
  const expressions = list(selector['matchExpressions']) ?? [];
  return (
    labels.every(([key, value]) => values(prefix + key)[0] === value) &&
    expressions.every(({ key, operator, values: wanted }) => {
      const found = values(prefix + String(key)).slice(0, 1);
      const among = found.some((value) => strings(wanted ?? []).includes(value));
      if (operator === 'In') return among;
      if (operator === 'NotIn') return !among;
      return operator === 'Exists' ? found.length > 0 : found.length === 0;
    })
  );
}

function add(reach: Reach, rules: List, direction: 'ingress' | 'egress', world: World, scope: Scope): void {
  for (const rule of rules ?? []) {
    const who =
      scope.kind === 'NetworkPolicy'
        ? networkPeers(rule, world, scope)
        : ciliumPeers(rule, direction, world, scope);
    const what = scope.kind === 'NetworkPolicy' ? networkPorts(rule, world) : ciliumPorts(rule, world);
    // Neither side of the rule says anything: it says nothing.
    if (who === 'anyone' && what === 'everything') continue;
    const everyone = world.ends.map((_, index) => index);
    for (const peer of who === 'anyone' ? everyone : who)
      for (const point of what === 'everything' ? every(world, PROTOCOLS, () => true) : what)
        reach.add(`${peer}|${point}`);
  }
}

function every(world: World, protocols: readonly string[], covers: (port: number) => boolean): string[] {
  return protocols.flatMap((protocol) => world.ports.filter(covers).map((port) => `${protocol}|${port}`));
}

function where(world: World, holds: (end: End) => boolean): number[] {
  return world.ends.flatMap((end, index) => (holds(end) ? [index] : []));
}

function ciliumPeers(rule: Written, direction: string, world: World, scope: Scope): number[] | 'anyone' {
  const verb = direction === 'ingress' ? 'from' : 'to';
  const fields = ['Endpoints', 'Entities', 'CIDR', 'CIDRSet'].map(
    (name) => rule[`${verb}${name}`] as unknown[] | undefined,
  );
  if (fields.some((field) => field?.length === 0)) return [];
  if (fields.every((field) => field === undefined)) return 'anyone';
  const [endpoints = [], entities = [], blocks = [], sets = []] = fields;
  return where(
    world,
    (end) =>
      endpoints.some(
        (selector) => fits(selector as Written, end, '') && inScope(selector as Written, end, scope),
      ) ||
      entities.some((entity) => isEntity(String(entity), end)) ||
      blocks.some((block) => inBlock({ cidr: String(block) }, end)) ||
      sets.some((set) => inBlock(set as { cidr: string }, end)),
  );
}

function inScope(selector: Written, end: End, { namespace, localOnly }: Scope): boolean {
  const keys = [
    ...Object.keys(selector['matchLabels'] ?? {}),
    ...(list(selector['matchExpressions']) ?? []).map(({ key }) => String(key)),
  ];
  if (keys.some((key) => /^(reserved[:.]|\$)/.test(key))) return true;
  const names = (text: string): boolean =>
    keys.some((key) => key.replace(/^(k8s|any):/, '').startsWith(text));
  const own =
    namespace === undefined
      ? 'k8s:io.kubernetes.pod.namespace'
      : `k8s:io.kubernetes.pod.namespace=${namespace}`;
  const byLabels = namespace !== undefined && names('io.cilium.k8s.namespace.labels.');
  const here = names('io.kubernetes.pod.namespace') || byLabels || hasLabel(end, own);
  return (
    here &&
    (!localOnly ||
      names('io.cilium.k8s.policy.cluster') ||
      end.labels.includes('k8s:io.cilium.k8s.policy.cluster=default'))
  );
}

function isEntity(entity: string, end: End): boolean {
  const world = ['reserved:world', 'reserved:world-ipv4', 'reserved:world-ipv6'];
  if (entity === 'all') return true;
  if (entity === 'world') return end.labels.some((label) => world.includes(label));
  if (entity === 'cluster')
    return (
      end.labels.includes('k8s:io.cilium.k8s.policy.cluster=default') ||
      end.labels.some((label) => label.startsWith('reserved:') && !world.includes(label))
    );
  return end.labels.includes(`reserved:${entity}`);
}

/** Only what is outside the cluster has an address to a policy. Bits as text: slow, and plain to see. */
function inBlock(
  { cidr, except = [] }: { readonly cidr: string; readonly except?: string[] },
  end: End,
): boolean {
  if (!end.labels.some((label) => label.startsWith('reserved:world'))) return false;
  const holds = (block: string): boolean => {
    const [address = '', length = ''] = block.split('/');
    return (
      bits(end.ip).length === bits(address).length &&
      bits(end.ip).startsWith(bits(address).slice(0, Number(length)))
    );
  };
  return holds(cidr) && !except.some(holds);
}

function bits(address: string): string {
  if (!address.includes(':')) return address.split('.').map((part) => Number(part).toString(2).padStart(8, '0')).join(''); // prettier-ignore
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const missing = 8 - groups(head).length - groups(tail).length;
  return [...groups(head), ...Array.from({ length: missing }, () => '0'), ...groups(tail)]
    .map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0'))
    .join('');
}

function ciliumPorts(rule: Written, world: World): string[] | 'everything' {
  const toPorts = list(rule['toPorts']) ?? [];
  const icmps = list(rule['icmps']) ?? [];
  if (toPorts.length + icmps.length === 0) return 'everything';
  return [
    ...toPorts.flatMap(({ ports }) =>
      (list(ports) ?? []).flatMap(({ port, protocol = 'ANY', endPort = 0 }) => {
        const first = Number(port);
        const last = Math.max(first, Number(endPort));
        const isAll = first === 0 && last === 0;
        const protocols = protocol === 'ANY' ? ['TCP', 'UDP', 'SCTP'] : [String(protocol)];
        return every(world, protocols, (number) => isAll || (first <= number && number <= last));
      }),
    ),
    ...icmps.flatMap(({ fields }) =>
      (list(fields) ?? []).flatMap(({ family = 'IPv4', type }) => {
        const number = type === 'EchoRequest' ? (family === 'IPv4' ? 8 : 128) : Number(type);
        return every(world, [family === 'IPv4' ? 'ICMP' : 'ICMPv6'], (one) => number === 0 || one === number);
      }),
    ),
  ];
}

function networkPeers(rule: Written, world: World, { namespace, localOnly }: Scope): number[] {
  const peers = list(rule['from'] ?? rule['to']) ?? [];
  if (peers.length === 0) return where(world, () => true);
  return where(world, (end) =>
    peers.some(({ podSelector = {}, namespaceSelector, ipBlock }) => {
      if (ipBlock !== undefined) return inBlock(ipBlock as { cidr: string }, end);
      const isLocal = !localOnly || end.labels.includes('k8s:io.cilium.k8s.policy.cluster=default');
      if (!isLocal || !fits(podSelector as Written, end, 'k8s:')) return false;
      if (namespaceSelector === undefined)
        return hasLabel(end, `k8s:io.kubernetes.pod.namespace=${String(namespace)}`);
      // An empty selector holds for whatever is in a namespace.
      const isEmpty = Object.values(namespaceSelector as Written).every(
        (part) => Object.keys(part as object).length === 0,
      );
      return isEmpty
        ? hasLabel(end, 'k8s:io.kubernetes.pod.namespace')
        : fits(namespaceSelector as Written, end, 'k8s:io.cilium.k8s.namespace.labels.');
    }),
  );
}

function networkPorts(rule: Written, world: World): string[] | 'everything' {
  const ports = list(rule['ports']) ?? [];
  if (ports.length === 0) return every(world, PROTOCOLS, () => true);
  return ports.flatMap(({ port = 0, protocol = 'TCP', endPort = 0 }) =>
    every(world, [String(protocol)], (number) => {
      if (port === 0) return true;
      return Number(port) <= number && number <= Math.max(Number(port), Number(endPort));
    }),
  );
}
