import type { Flow } from '../model.js';
import { readAddress } from './address.js';
import { NO_ENDPOINT } from './endpoint.js';
import { EndpointReader } from './endpoints.js';
import { NO_LAYER4, readLayer4 } from './layer4.js';
import { noPolicies, readPolicy, type PolicyLists } from './policy.js';
import { StringTable } from './strings.js';
import { readUuid } from './uuid.js';
import { readTimestamp, readWrapped } from './wellknown.js';
import type { Wire } from './wire.js';

/** A flow in the making. */
export type FlowDraft = { -readonly [Field in keyof Flow]: Flow[Field] };

/** How deep a flow stands in a GetFlowsResponse. */
const DEPTH = 1;

/**
 * Reads `flow.Flow` (numbers: proto/flow/flow.proto), and of it what {@link Flow} holds.
 *
 * What is not held is stepped over, but not unread: the fields that the proto
 * declares are read as it declares them, so that a flow is unreadable here
 * exactly when it is to a reader made from the proto.
 */
export class FlowReader {
  private readonly endpoints: EndpointReader;
  private readonly addresses = new StringTable(48);
  private readonly names = new StringTable(128);

  /** @param endpoints how many endpoints are kept, so that the same bytes give the same object */
  constructor(endpoints: number) {
    this.endpoints = new EndpointReader(endpoints);
  }

  /** The flow that is next on the wire, its length first. */
  read(wire: Wire): FlowDraft {
    const outer = wire.enter();
    const flow = emptyFlow();
    let dropReason = 0;
    let policies: PolicyLists | undefined;
    while (wire.pos < wire.end) {
      const tag = wire.uint32();
      switch (tag >>> 3) {
        case 1:
          flow.time = readTimestamp(wire, DEPTH + 1);
          break;
        case 2:
          flow.verdict = wire.int32();
          break;
        case 3:
          dropReason = wire.uint32();
          break;
        case 5:
          this.readAddresses(wire, flow);
          break;
        case 6:
          flow.l4 = readLayer4(wire);
          break;
        case 8:
          flow.source = this.endpoints.read(wire);
          break;
        case 9:
          flow.destination = this.endpoints.read(wire);
          break;
        case 11:
          flow.nodeName = this.names.next(wire);
          break;
        case 19:
          readEventType(wire, flow);
          break;
        case 21:
          flow.destinationService = this.readServiceName(wire);
          break;
        case 22:
          flow.trafficDirection = wire.int32();
          break;
        case 25:
          flow.dropReason = wire.int32();
          break;
        case 26:
          flow.isReply = readWrapped(wire, DEPTH + 1) !== 0;
          break;
        case 28:
          skipInterface(wire);
          break;
        case 34:
          flow.uuid = readUuid(wire);
          break;
        case 36:
          flow.traceReason = wire.int32();
          break;
        // Type, policy_match_type, trace_observation_point, proxy_port
        case 10:
        case 23:
        case 24:
        case 29:
          wire.uint32();
          break;
        // node_labels, Summary
        case 37:
        case 100_000:
          wire.skipString();
          break;
        case 21_001:
          (policies ??= noPolicies()).egressAllowed.push(readPolicy(wire, this.names));
          break;
        case 21_002:
          (policies ??= noPolicies()).ingressAllowed.push(readPolicy(wire, this.names));
          break;
        case 21_004:
          (policies ??= noPolicies()).egressDenied.push(readPolicy(wire, this.names));
          break;
        case 21_005:
          (policies ??= noPolicies()).ingressDenied.push(readPolicy(wire, this.names));
          break;
        default:
          wire.skip(tag & 7, DEPTH);
      }
    }
    wire.leave(outer);
    if (flow.dropReason === 0) flow.dropReason = dropReason;
    if (policies !== undefined) {
      flow.allowedBy = [...policies.egressAllowed, ...policies.ingressAllowed];
      flow.deniedBy = [...policies.egressDenied, ...policies.ingressDenied];
    }
    return flow;
  }

  /** `flow.IP`; of its two strings. Each occurrence replaces the one before as a whole. */
  private readAddresses(wire: Wire, flow: FlowDraft): void {
    const outer = wire.enter();
    flow.sourceIp = '';
    flow.destinationIp = '';
    while (wire.pos < wire.end) {
      const tag = wire.uint32();
      switch (tag >>> 3) {
        case 1:
          flow.sourceIp = readAddress(wire, this.addresses);
          break;
        case 2:
          flow.destinationIp = readAddress(wire, this.addresses);
          break;
        case 3: // ipVersion
        case 4: // encrypted
          wire.uint32();
          break;
        case 5: // source_xlated
          wire.skipString();
          break;
        default:
          wire.skip(tag & 7, DEPTH + 1);
      }
    }
    wire.leave(outer);
  }

  private readServiceName(wire: Wire): string {
    const outer = wire.enter();
    let name = '';
    while (wire.pos < wire.end) {
      const tag = wire.uint32();
      const field = tag >>> 3;
      if (field === 1) name = this.names.next(wire);
      else if (field === 2) wire.skipString();
      else wire.skip(tag & 7, DEPTH + 1);
    }
    wire.leave(outer);
    return name;
  }
}

function readEventType(wire: Wire, flow: FlowDraft): void {
  const outer = wire.enter();
  flow.eventType = 0;
  flow.subType = 0;
  while (wire.pos < wire.end) {
    const tag = wire.uint32();
    const field = tag >>> 3;
    if (field === 1) flow.eventType = wire.int32();
    else if (field === 2) flow.subType = wire.int32();
    else wire.skip(tag & 7, DEPTH + 1);
  }
  wire.leave(outer);
}

function skipInterface(wire: Wire): void {
  const outer = wire.enter();
  while (wire.pos < wire.end) {
    const tag = wire.uint32();
    const field = tag >>> 3;
    if (field === 1) wire.uint32();
    else if (field === 2) wire.skipString();
    else wire.skip(tag & 7, DEPTH + 1);
  }
  wire.leave(outer);
}

const NO_POLICIES: Flow['allowedBy'] = Object.freeze([]);

/** All fields at once and always in this order, so that every flow is of one shape to the engine. */
function emptyFlow(): FlowDraft {
  return {
    time: undefined,
    uuid: '',
    nodeName: '',
    verdict: 0,
    dropReason: 0,
    sourceIp: '',
    destinationIp: '',
    l4: NO_LAYER4,
    source: NO_ENDPOINT,
    destination: NO_ENDPOINT,
    eventType: 0,
    subType: 0,
    isReply: undefined,
    traceReason: 0,
    trafficDirection: 0,
    destinationService: '',
    allowedBy: NO_POLICIES,
    deniedBy: NO_POLICIES,
  };
}
