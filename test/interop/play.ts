/** Plays flows on a stage's nodes, followed by a mark that tells when all of them must have come through. */
import { EventType, type Flow } from '../../src/model.js';
import { denial } from '../fixtures/flows.js';
import { until } from './cluster.mjs';
import type { Crosstalk } from './crosstalk.js';
import { flowJson } from './flowjson.js';
import type { Node, Stage } from './stage.js';

/** INVALID_PACKET_DROPPED: passes the default filter, is no policy's decision, and no situation has one. */
const MARK = { dropReason: 134, subType: 134 };
export const MARK_SAMPLE = 'flows_total{event="drop"}';

/**
 * Posts each flow to the node that its `nodeName` means (worker-1 and worker-2
 * are the first and the second), in order. A node hands its events on in the
 * order of its ring and the relay keeps it, since their times rise: whoever has
 * seen every node's mark has seen all that was before it.
 *
 * @returns when the last of it happened, by the flows' own clock
 */
export async function play(stage: Stage, flows: readonly Flow[]): Promise<number> {
  for (const flow of flows) await post(nodeOf(stage, flow), flow);
  const last = Math.max(Date.now(), ...flows.map(({ time }) => time ?? 0)) + 1;
  for (const node of stage.nodes) await post(node, denial({ ...MARK, time: last }));
  return last;
}

/** Waits until the marks of `plays` plays have come through all nodes. */
export async function played(crosstalk: Crosstalk, stage: Stage, plays = 1): Promise<void> {
  const marks = plays * stage.nodes.length;
  await until(
    'the marks of all nodes',
    async () => (await crosstalk.metric(`crosstalk_${MARK_SAMPLE}`)) >= marks,
  );
}

/** Whether a flow that came out of Hubble is a mark. */
export function isMark(flow: { drop_reason_desc?: string }): boolean {
  return flow.drop_reason_desc === 'INVALID_PACKET_DROPPED';
}

function nodeOf({ nodes }: Stage, { nodeName }: Flow): Node {
  return nodeName === 'worker-2' ? nodes[1] : nodes[0];
}

/** Fields that a version does not know are left out, as its agent leaves them out. */
async function post(node: Node, flow: Flow): Promise<void> {
  await node.post([flowJson(flow, kindOf(flow))], '?unknown=discard');
}

/** What Cilium's parsers set on records that are not of a packet (pkg/hubble/parser/seven, parser/sock). */
function kindOf({ eventType, isReply }: Flow): Record<string, unknown> {
  if (eventType === EventType.L7)
    return {
      Type: 'L7',
      l7: { type: isReply === true ? 'RESPONSE' : 'REQUEST', http: { method: 'GET', url: 'http://nginx/' } },
    };
  if (eventType === EventType.SOCK) return { Type: 'SOCK' };
  return {};
}
