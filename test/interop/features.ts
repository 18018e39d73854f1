/**
 * What of Hubble Crosstalk uses, since when it exists (the .proto files of
 * Cilium 1.13 to 1.19), what Crosstalk does where it is missing, and a way to
 * find out whether a version has it.
 */
import { refusesMask } from '../../src/hubble/request.js';
import { HubbleVerdict, type PolicyRef } from '../../src/model.js';
import { arrival, denial, endpoint, policyVerdict } from '../fixtures/flows.js';
import { until } from './cluster.mjs';
import { follow, ask } from './observer.js';
import { passes, read } from './probe.js';
import type { Stage } from './stage.js';

export interface Feature {
  readonly feature: string;
  /** Minor version of Cilium; 1.13 is the oldest that was looked at. */
  readonly since: string;
  readonly without: string;
  has(stage: Stage): Promise<boolean>;
}

const POLICY: PolicyRef = { kind: 'CiliumNetworkPolicy', namespace: 'team-a', name: 'allow-all' };
const MASK = { paths: ['time', 'uuid', 'node_name'] };
const UNKNOWN_PATH = { field_mask: { paths: ['uuid', 'no_such_field'] } };

export const features: readonly Feature[] = [
  {
    feature: 'the relay says which nodes it reads from (node status, `GetNodes`)',
    since: '1.13',
    without: 'cannot say which nodes are unobserved',
    has: async ({ relay }) => {
      const stream = follow(relay.address);
      const connected = await until('the first status', () => stream.statuses[0]);
      stream.end();
      const { nodes } = (await ask(relay.address, 'GetNodes')) as { nodes: object[] };
      return connected.state_change === 'NODE_CONNECTED' && nodes.length === connected.node_names.length;
    },
  },
  {
    feature: 'filter: `event_type` with sub type 0, `verdict`, `reply`',
    since: '1.13',
    without: 'is sent more than it asked for, and counts the same',
    has: async (stage) => {
      const filter = {
        event_type: [{ type: 4, match_sub_type: true, sub_type: 0 }],
        verdict: ['FORWARDED'],
        reply: [false],
      };
      const others = [
        arrival({ subType: 4 }),
        arrival({ isReply: true }),
        arrival({ isReply: undefined }),
        arrival({ verdict: HubbleVerdict.ERROR }),
      ];
      for (const other of others) if (await passes(stage, other, filter)) return false;
      return passes(stage, arrival(), filter);
    },
  },
  {
    feature: '`uuid` of each event',
    since: '1.14',
    without: 'tells a re-read event by its node, time, addresses, ports, flags and kind',
    has: async (stage) => (await read(stage, arrival())) !== undefined,
  },
  {
    feature: 'policies that allowed (`ingress_allowed_by`)',
    since: '1.15',
    without: 'shows a crossing without its policies',
    has: async (stage) =>
      (await read(stage, policyVerdict({ allowedBy: [POLICY] })))?.ingress_allowed_by[0]?.name ===
      POLICY.name,
  },
  {
    feature: 'policies that denied (`ingress_denied_by`)',
    since: '1.16',
    without: 'shows a denial without its policies',
    has: async (stage) =>
      (await read(stage, policyVerdict({ deniedBy: [POLICY] })))?.ingress_denied_by[0]?.name === POLICY.name,
  },
  {
    feature: 'kind of a policy',
    since: '1.17',
    without: 'shows namespace and name',
    has: async (stage) =>
      (await read(stage, policyVerdict({ allowedBy: [POLICY] })))?.ingress_allowed_by[0]?.kind ===
      POLICY.kind,
  },
  {
    feature: '`trace_reason`',
    since: '1.16',
    without: 'takes a SYN for a new connection, and knows an ICMP error by its type',
    has: async (stage) => (await read(stage, arrival()))?.trace_reason === 'NEW',
  },
  {
    feature: '`cluster_name` of an endpoint',
    since: '1.16',
    without: 'takes every endpoint for its own cluster’s',
    has: async (stage) =>
      (await read(stage, arrival({ source: endpoint({ clusterName: 'east' }) })))?.source?.cluster_name ===
      'east',
  },
  {
    feature: 'field mask',
    since: '1.16',
    without: 'is sent whole flows: more bytes, the same counts',
    has: async (stage) => (await read(stage, arrival(), { field_mask: MASK }))?.source === null,
  },
  {
    feature: 'a mask with a path it does not know is refused by name (by a relay as `NODE_ERROR`)',
    since: '1.16',
    without: 'needs no second try: the mask is not read at all',
    has: async ({ nodes, relay }) => {
      const [atNode, atRelay] = [follow(nodes[0].hubble, UNKNOWN_PATH), follow(relay.address, UNKNOWN_PATH)];
      const refusal = await until('the refusal of the node', () => atNode.errors[0]);
      const error = await until('the refusal through the relay', () =>
        atRelay.statuses.find(({ state_change }) => state_change === 'NODE_ERROR'),
      );
      atNode.end();
      atRelay.end();
      return refusesMask(refusal) && refusesMask(error.message);
    },
  },
  {
    feature: 'lost events reach a reader who filters',
    since: '1.16',
    without: 'hears of losses with `--flows.filter=all` only',
    has: async ({ nodes, relay }) => {
      const stream = follow(relay.address, { whitelist: [{ verdict: ['DROPPED'] }] });
      await nodes[0].lost('PERF_EVENT_RING_BUFFER', 3);
      await until('the loss', () => stream.lost.length > 0);
      stream.end();
      return stream.lost[0]?.num_events_lost === 3;
    },
  },
  {
    feature: 'filter: `drop_reason_desc`',
    since: '1.16',
    without: 'loses nothing: it asks for every drop and looks at the reason itself',
    has: async (stage) =>
      (await passes(stage, denial(), { drop_reason_desc: ['POLICY_DENIED'] })) &&
      !(await passes(stage, denial(), { drop_reason_desc: ['POLICY_DENY'] })),
  },
  {
    feature: 'filter: `encrypted`',
    since: '1.19',
    without:
      'loses nothing: it does not ask for it (a filter that a server does not know lets everything pass)',
    has: async (stage) => !(await passes(stage, arrival(), { encrypted: [true] })),
  },
];
