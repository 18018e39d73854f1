/** One flow through a stage, read directly. */
import type { Flow } from '../../src/model.js';
import { denial } from '../fixtures/flows.js';
import { until } from './cluster.mjs';
import { flowJson } from './flowjson.js';
import { follow, type AnsweredFlow } from './observer.js';
import type { Stage } from './stage.js';

/** The flow as a reader gets it who asks with `request`; undefined when it does not. */
export async function read(
  stage: Stage,
  flow: Flow,
  request: object = {},
  last = denial(),
): Promise<AnsweredFlow | undefined> {
  const [node] = stage.nodes;
  const stream = follow(stage.relay.address, request);
  // The last one comes through whatever is asked: when it is there, the first would be.
  const json = [flow, last].map((each) => flowJson({ ...each, time: undefined }));
  await node.post(json, '?unknown=discard');
  await until('the last flow', () => stream.flows.some(({ uuid }) => uuid === last.uuid));
  stream.end();
  return stream.flows.find(({ uuid }) => uuid === flow.uuid);
}

/** Whether a filter lets the flow pass. */
export async function passes(stage: Stage, flow: Flow, filter: object): Promise<boolean> {
  const last = denial();
  const whitelist = [filter, { uuid: [last.uuid] }];
  return (await read(stage, flow, { whitelist }, last)) !== undefined;
}
