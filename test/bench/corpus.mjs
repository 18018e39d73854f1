// The flows that are sent: what a server sends that was given our filter, whole or as
// our field mask leaves them.
import { createDecoder } from '../../dist/hubble/decode.js';
import { followRequest } from '../../dist/hubble/request.js';
import { buildCorpus } from '../../dist/simulator/corpus.js';
import { fieldMask } from '../../dist/simulator/fieldmask.js';
import { judge } from '../../dist/traffic/judge.js';
import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';

const PROTO = fileURLToPath(new URL('../../proto', import.meta.url));
export const JUDGED = new Set(['arrival', 'denial', 'drop', 'policy_verdict']);
/** About one event in five passes the filter. */
const EVENTS_A_FLOW = 8;

/**
 * @param {{ flows?: number, endpoints?: number, tenants?: number, crossShare?: number, openings?: boolean, masked?: boolean }} wanted
 * @returns {Buffer[]} serialized GetFlowsResponse messages, in the order of their times
 */
export function corpusOf({ masked = false, ...wanted } = {}) {
  const shape = {
    flows: 6_000,
    endpoints: 500,
    tenants: 20,
    crossShare: 0.001,
    labels: 8,
    seed: 1,
    ...wanted,
  };
  const decode = createDecoder({ endpoints: 200_000 });
  const all = buildCorpus({ ...shape, flows: shape.openings ? shape.flows : shape.flows * EVENTS_A_FLOW });
  const judged = all.filter((bytes) => JUDGED.has(judge(decode(bytes).flow))).slice(0, shape.flows);
  return masked ? judged.map(maskWith(followRequest({ filter: 'judged', since: 0, mask: 'full' }))) : judged;
}

function maskWith(request) {
  const definition = loadSync('observer/observer.proto', { keepCase: true, includeDirs: [PROTO] });
  const { serialize, deserialize } = definition['observer.GetFlowsResponse'];
  const mask = fieldMask(request.field_mask.paths, '1.19');
  return (bytes) => {
    const message = deserialize(bytes);
    return serialize({ ...message, flow: mask.apply(message.flow) });
  };
}
