/**
 * A NetworkPolicy as rules, as Cilium reads it (cilium pkg/k8s/network_policy.go,
 * ParseNetworkPolicy). What the API server refuses is refused here
 * (kubernetes pkg/apis/networking/validation).
 */
import { exceptions, parsedBlock } from './ciliumpeers.js';
import type { Context } from './context.js';
import { NAMESPACE_LABELS, POD_NAMESPACE, POLICY_CLUSTER } from './label.js';
import type { WrittenNetworkSpec, WrittenPeer } from './networkschema.js';
import { networkPorts } from './networkports.js';
import { type Path, pathText } from './problem.js';
import type { Direction, Peer, Rule, Subject } from './rule.js';
import { checkSelector } from './selectorcheck.js';
import {
  equals,
  type LabelKey,
  type Requirement,
  type Selector,
  toSelector,
  type WrittenSelector,
} from './selector.js';

const onPod = (key: string): LabelKey => ({ source: 'k8s', key });
const onNamespace = (key: string): LabelKey => ({ source: 'k8s', key: `${NAMESPACE_LABELS}.${key}` });

export function networkRules(spec: WrittenNetworkSpec, path: Path, context: Context): Rule[] {
  const { podSelector = {}, policyTypes = [] } = spec;
  checkPlain(podSelector, [...path, 'podSelector'], context);
  const subject: Subject = { kind: 'endpoint', selector: inNamespace(podSelector, context.ref.namespace) };
  const make = (direction: Direction, here: Path, said: Pick<Rule, 'peers' | 'ports'>): Rule => ({
    policy: context.ref,
    path: pathText(here),
    direction,
    effect: 'allow',
    subject,
    defaultDeny: true,
    ...said,
  });
  const ingress = (spec.ingress ?? []).map(({ from, ports }, index) => {
    const here = [...path, 'ingress', index];
    return make('ingress', here, {
      peers: peers(from, [...here, 'from'], context),
      ports: networkPorts(ports, here, context),
    });
  });
  const egress = (spec.egress ?? []).map(({ to, ports }, index) => {
    const here = [...path, 'egress', index];
    return make('egress', here, {
      peers: peers(to, [...here, 'to'], context),
      ports: networkPorts(ports, here, context),
    });
  });
  const closed = { peers: 'nobody', ports: undefined } as const;
  // Without a rule a direction is closed if its type is listed; ingress also where no type speaks for egress.
  if (ingress.length === 0 && (policyTypes.includes('Ingress') || !policyTypes.includes('Egress')))
    ingress.push(make('ingress', path, closed));
  if (egress.length === 0 && policyTypes.includes('Egress')) egress.push(make('egress', path, closed));
  noteIgnoredTypes(spec, path, context);
  return [...ingress, ...egress];
}

/** Kubernetes says that rules of a type that is not listed do nothing; Cilium applies them. */
function noteIgnoredTypes(
  { ingress = [], egress = [], policyTypes }: WrittenNetworkSpec,
  path: Path,
  context: Context,
): void {
  if (policyTypes === undefined || policyTypes.length === 0) return;
  for (const [type, field, rules] of [
    ['Ingress', 'ingress', ingress],
    ['Egress', 'egress', egress],
  ] as const) {
    if (rules.length > 0 && !policyTypes.includes(type))
      context.note(
        [...path, field],
        `policyTypes does not list ${type}: Cilium applies these rules nevertheless`,
      );
  }
}

/** Empty or missing: everyone, in the cluster and outside it. */
function peers(list: readonly WrittenPeer[] | undefined, path: Path, context: Context): readonly Peer[] {
  if (list === undefined || list.length === 0) return [{ kind: 'labels', selector: [] }];
  return list.flatMap((peer, index) => one(peer, [...path, index], context));
}

function one({ podSelector, namespaceSelector, ipBlock }: WrittenPeer, path: Path, context: Context): Peer[] {
  if (ipBlock !== undefined) {
    if (podSelector !== undefined || namespaceSelector !== undefined)
      context.complain(path, 'got ipBlock beside a selector, expected one of them: write a peer for each');
    const here = [...path, 'ipBlock'];
    const outer = parsedBlock(ipBlock.cidr, [...here, 'cidr'], context);
    if (outer === undefined) return [];
    return [{ kind: 'block', block: outer, except: exceptions(outer, ipBlock.except, here, context) }];
  }
  if (podSelector === undefined && namespaceSelector === undefined) {
    context.complain(
      path,
      'got none, expected podSelector, namespaceSelector or ipBlock; {} as podSelector is every pod of the namespace',
    );
    return [];
  }
  if (podSelector !== undefined) checkPlain(podSelector, [...path, 'podSelector'], context);
  const cluster = clusterOf(podSelector ?? {}, context);
  if (namespaceSelector === undefined)
    return [
      { kind: 'labels', selector: [...inNamespace(podSelector ?? {}, context.ref.namespace), ...cluster] },
    ];
  checkPlain(namespaceSelector, [...path, 'namespaceSelector'], context);
  const namespaces = toSelector(namespaceSelector, onNamespace);
  const anywhere: Requirement = { source: 'k8s', key: POD_NAMESPACE, operator: 'Exists', values: [] };
  return [
    {
      kind: 'labels',
      selector: [
        ...(namespaces.length === 0 ? [anywhere] : namespaces),
        ...toSelector(podSelector ?? {}, onPod),
        ...cluster,
      ],
    },
  ];
}

/** Pods of the policy's own cluster, unless the selector names one (parseNetworkPolicyPeer). */
function clusterOf({ matchLabels = {}, matchExpressions }: WrittenSelector, { cluster }: Context): Selector {
  const isNamed =
    (matchLabels?.[POLICY_CLUSTER] ?? '') !== '' ||
    (matchExpressions ?? []).some(({ key }) => key === POLICY_CLUSTER);
  return cluster.localOnly && !isNamed ? [equals('k8s', POLICY_CLUSTER, cluster.name)] : [];
}

/** The policy's namespace stands in place of one that the selector's labels name (parsePodSelector). */
function inNamespace({ matchLabels, matchExpressions }: WrittenSelector, namespace: string): Selector {
  return toSelector({ matchLabels: { ...matchLabels, [POD_NAMESPACE]: namespace }, matchExpressions }, onPod);
}

function checkPlain(selector: WrittenSelector, path: Path, context: Context): void {
  checkSelector(selector, path, (key) => key, context);
}
