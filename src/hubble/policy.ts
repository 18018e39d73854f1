import type { PolicyRef } from '../model.js';
import type { StringTable } from './strings.js';
import type { Wire } from './wire.js';

/** How deep a policy stands in a GetFlowsResponse. */
const DEPTH = 2;

/** The policies that a verdict names, still apart by direction: on the wire they may come in any order. */
export interface PolicyLists {
  readonly egressAllowed: PolicyRef[];
  readonly ingressAllowed: PolicyRef[];
  readonly egressDenied: PolicyRef[];
  readonly ingressDenied: PolicyRef[];
}

export function noPolicies(): PolicyLists {
  return { egressAllowed: [], ingressAllowed: [], egressDenied: [], ingressDenied: [] };
}

/** `flow.Policy`; labels and revision are stepped over. */
export function readPolicy(wire: Wire, strings: StringTable): PolicyRef {
  const outer = wire.enter();
  let kind = '';
  let namespace = '';
  let name = '';
  while (wire.pos < wire.end) {
    const tag = wire.uint32();
    switch (tag >>> 3) {
      case 1:
        name = strings.next(wire);
        break;
      case 2:
        namespace = strings.next(wire);
        break;
      case 3:
        wire.skipString();
        break;
      case 4:
        wire.long();
        break;
      case 5:
        kind = strings.next(wire);
        break;
      default:
        wire.skip(tag & 7, DEPTH);
    }
  }
  wire.leave(outer);
  return { kind, namespace, name };
}
