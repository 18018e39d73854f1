import type { Endpoint } from '../model.js';
import type { LabelSets, StringTable } from './strings.js';
import type { Wire } from './wire.js';

/** What an absent endpoint reads as. */
export const NO_ENDPOINT: Endpoint = Object.freeze({
  standing: undefined,
  side: undefined,
  slot: undefined,
  id: 0,
  identity: 0,
  namespace: '',
  podName: '',
  labels: Object.freeze([]),
  clusterName: '',
});

/** How deep an endpoint stands in a GetFlowsResponse. */
const DEPTH = 2;

/** `flow.Endpoint`: all that is left of the message that is being read. */
export function readEndpoint(wire: Wire, strings: StringTable, sets: LabelSets): Endpoint {
  let id = 0;
  let identity = 0;
  let namespace = '';
  let podName = '';
  let clusterName = '';
  const labels: string[] = [];
  while (wire.pos < wire.end) {
    const tag = wire.uint32();
    switch (tag >>> 3) {
      case 1:
        id = wire.uint32();
        break;
      case 2:
        identity = wire.uint32();
        break;
      case 3:
        namespace = strings.next(wire);
        break;
      case 4:
        labels.push(strings.next(wire));
        break;
      case 5:
        podName = wire.string();
        break;
      case 6:
        skipWorkload(wire);
        break;
      case 7:
        clusterName = strings.next(wire);
        break;
      default:
        wire.skip(tag & 7, DEPTH);
    }
  }
  return {
    standing: undefined,
    side: undefined,
    slot: undefined,
    id,
    identity,
    namespace,
    podName,
    labels: sets.share(labels),
    clusterName,
  };
}

/** Not needed, but an endpoint with a broken one is a broken endpoint: `flow.Workload` is two strings. */
function skipWorkload(wire: Wire): void {
  const outer = wire.enter();
  while (wire.pos < wire.end) {
    const tag = wire.uint32();
    const field = tag >>> 3;
    if (field === 1 || field === 2) wire.skipString();
    else wire.skip(tag & 7, DEPTH + 1);
  }
  wire.leave(outer);
}
