import { HubbleVerdict } from '../model.js';
import { labelSelector } from './selectors.js';
import type { WireEndpoint, WireFlow } from './wire.js';

/** `flow.FlowFilter` as the request carries it; only the fields the simulator can answer. */
export interface FlowFilter {
  readonly uuid?: readonly string[];
  readonly event_type?: readonly {
    readonly type?: number;
    readonly match_sub_type?: boolean;
    readonly sub_type?: number;
  }[];
  readonly verdict?: readonly number[];
  readonly drop_reason_desc?: readonly number[];
  readonly reply?: readonly boolean[];
  readonly traffic_direction?: readonly number[];
  readonly node_name?: readonly string[];
  readonly source_pod?: readonly string[];
  readonly destination_pod?: readonly string[];
  readonly source_label?: readonly string[];
  readonly destination_label?: readonly string[];
  readonly source_identity?: readonly number[];
  readonly destination_identity?: readonly number[];
  readonly source_ip?: readonly string[];
  readonly destination_ip?: readonly string[];
}

export type FlowPredicate = (flow: WireFlow) => boolean;

/** Each rule answers one field of a filter: the values are alternatives. */
type Rules = {
  readonly [Field in keyof FlowFilter]-?: (values: NonNullable<FlowFilter[Field]>) => FlowPredicate;
};

/**
 * The predicates of cilium pkg/hubble/filters, one a field. A request that uses
 * another one is refused, not widened: a test that relies on it should say so.
 */
const RULES: Rules = {
  uuid: (uuids) => (flow) => uuids.includes(flow.uuid),
  event_type: (types) => (flow) =>
    types.some(
      (wanted) =>
        (!wanted.type || wanted.type === flow.event_type.type) &&
        // 0 is a sub type like any other: it has to be asked for.
        (wanted.match_sub_type !== true || (wanted.sub_type ?? 0) === (flow.event_type.sub_type ?? 0)),
    ),
  verdict: (verdicts) => (flow) => verdicts.includes(flow.verdict),
  // What was not dropped has no reason, not even one of 0.
  drop_reason_desc: (reasons) => (flow) =>
    flow.verdict === HubbleVerdict.DROPPED && reasons.includes(flow.drop_reason_desc ?? 0),
  reply: (replies) => (flow) => {
    // Unknown matches nothing, except on drops, where it passes for "no reply".
    if (flow.is_reply === undefined && flow.verdict !== HubbleVerdict.DROPPED) return false;
    return replies.includes(flow.is_reply?.value ?? false);
  },
  traffic_direction: (directions) => (flow) => directions.includes(flow.traffic_direction ?? 0),
  node_name: nodeNames,
  source_pod: (names) => podNames(names, (flow) => flow.source),
  destination_pod: (names) => podNames(names, (flow) => flow.destination),
  source_label: (selectors) => labels(selectors, (flow) => flow.source),
  destination_label: (selectors) => labels(selectors, (flow) => flow.destination),
  source_identity: (identities) => (flow) => identities.includes(flow.source.identity),
  destination_identity: (identities) => (flow) => identities.includes(flow.destination.identity),
  source_ip: (addresses) => (flow) => addresses.includes(flow.IP.source),
  destination_ip: (addresses) => (flow) => addresses.includes(flow.IP.destination),
};

/**
 * What a request lets through: any of the whitelist (all where it is empty),
 * none of the blacklist.
 *
 * @throws where a filter cannot be read or answered, naming the field
 */
export function flowPredicate(
  whitelist: readonly FlowFilter[] = [],
  blacklist: readonly FlowFilter[] = [],
): FlowPredicate {
  const wanted = whitelist.map(oneFilter);
  const unwanted = blacklist.map(oneFilter);
  return (flow) =>
    (wanted.length === 0 || wanted.some((matches) => matches(flow))) &&
    !unwanted.some((matches) => matches(flow));
}

function oneFilter(filter: FlowFilter): FlowPredicate {
  const predicates = Object.entries(filter)
    .filter(([, values]) => Array.isArray(values) && values.length > 0)
    .map(([field, values]) => {
      const rule = (RULES as Readonly<Record<string, (values: unknown) => FlowPredicate>>)[field];
      if (rule === undefined) throw new Error(`simulator: filter "${field}" is not simulated`);
      return rule(values);
    });
  return (flow) => predicates.every((matches) => matches(flow));
}

/** `namespace/prefix`; a bare name means namespace `default`, `/prefix` any namespace (filters/k8s.go). */
function podNames(names: readonly string[], end: (flow: WireFlow) => WireEndpoint): FlowPredicate {
  const wanted = names.map((name) => {
    if (name === '') throw new Error('invalid filter, name must not be empty');
    const [namespace = '', prefix] = name.split('/');
    return prefix === undefined ? { namespace: 'default', prefix: namespace } : { namespace, prefix };
  });
  return (flow) => {
    const { namespace = '', pod_name: pod = '' } = end(flow);
    if (namespace === '' && pod === '') return false;
    return wanted.some(
      (want) => pod.startsWith(want.prefix) && (want.namespace === '' || want.namespace === namespace),
    );
  };
}

function labels(selectors: readonly string[], end: (flow: WireFlow) => WireEndpoint): FlowPredicate {
  const predicates = selectors.map(labelSelector);
  return (flow) => predicates.some((matches) => matches(end(flow).labels));
}

/** `cluster/node`, `cluster/`, or `node` in any cluster; `*` within each part (filters/patterns.go). */
function nodeNames(patterns: readonly string[]): FlowPredicate {
  const regexps = patterns.map((pattern) => {
    const [first = '', second] = pattern.split('/');
    const [cluster, node] = second === undefined ? ['', first] : [first, second];
    return new RegExp(`^${glob(cluster)}/${glob(node)}$`);
  });
  return (flow) => {
    const name = flow.node_name.includes('/') ? flow.node_name : `default/${flow.node_name}`;
    return regexps.some((regexp) => regexp.test(name));
  };
}

function glob(pattern: string): string {
  return pattern === '' ? '[-0-9_a-z.]+' : pattern.replaceAll('.', '\\.').replaceAll('*', '[-.0-9a-z]*');
}
