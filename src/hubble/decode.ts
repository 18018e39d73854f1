import type { HubbleEvent } from '../model.js';
import { FlowReader, type FlowDraft } from './flow.js';
import { readLoss, readNodeStatus, type Loss } from './status.js';
import { StringTable } from './strings.js';
import { readTimestamp } from './wellknown.js';
import { Wire, WireError } from './wire.js';

const TRUNCATED: HubbleEvent = Object.freeze({ kind: 'unreadable', reason: 'truncated' });
const MALFORMED: HubbleEvent = Object.freeze({ kind: 'unreadable', reason: 'malformed' });
const UNKNOWN: HubbleEvent = Object.freeze({ kind: 'unknown' });

/** The bytes of one `observer.GetFlowsResponse`, `bytes[start, end)`, or all of them, to one {@link HubbleEvent}. */
export type Decode = (bytes: Uint8Array, start?: number, end?: number) => HubbleEvent;

/**
 * Makes the decoder of the live stream.
 *
 * Total: bytes that protobuf does not allow are `unreadable`, never an
 * exception, because an exception in a gRPC deserializer ends the whole stream
 * and the next one would replay the same bytes. The answers are those of
 * `@grpc/proto-loader` with `proto/` on the same bytes, in a fifth of its time;
 * see {@link Wire} for what that includes.
 *
 * @param options.endpoints how many distinct endpoints are kept, so that the
 * same bytes give the same Endpoint object; at least 1
 */
export function createDecoder(options: { readonly endpoints: number }): Decode {
  const response = new ResponseReader(options.endpoints);
  return (bytes, start = 0, end = bytes.length) => response.read(bytes, start, end);
}

/** Reads `observer.GetFlowsResponse`. */
class ResponseReader {
  private readonly wire = new Wire();
  private readonly names = new StringTable(128);
  private readonly flows: FlowReader;

  constructor(endpoints: number) {
    this.flows = new FlowReader(endpoints);
  }

  read(bytes: Uint8Array, start: number, end: number): HubbleEvent {
    const { wire } = this;
    const all = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    wire.open(all, start, end);
    try {
      return this.members();
    } catch (error) {
      // Whatever it is: thrown on, it would end the stream, and the next would bring the same bytes.
      return error instanceof WireError && error.reason === 'truncated' ? TRUNCATED : MALFORMED;
    } finally {
      wire.close();
    }
  }

  /** Where the oneof has more than one member, the highest number counts, as with proto-loader's `oneofs`. */
  private members(): HubbleEvent {
    const { wire, names } = this;
    let flow: FlowDraft | undefined;
    let status: ReturnType<typeof readNodeStatus> | undefined;
    let loss: Loss | undefined;
    let nameStart = -1;
    let time: number | undefined;
    while (wire.pos < wire.end) {
      const tag = wire.uint32();
      switch (tag >>> 3) {
        case 1:
          flow = this.flows.read(wire);
          break;
        case 2:
          status = readNodeStatus(wire, names);
          break;
        case 3:
          loss = readLoss(wire);
          break;
        case 1000:
          nameStart = wire.pos;
          wire.skipString();
          break;
        case 1001:
          time = readTimestamp(wire, 1);
          break;
        default:
          wire.skip(tag & 7, 0);
      }
    }
    if (loss !== undefined) return lostEvents(loss, this.nameAt(nameStart), time);
    if (status !== undefined) return { ...status, time };
    if (flow === undefined) return UNKNOWN;
    // A field mask can take node and time from the flow and leave them in the message around it.
    if (flow.nodeName === '') flow.nodeName = this.nameAt(nameStart);
    flow.time ??= time;
    return { kind: 'flow', flow };
  }

  private nameAt(start: number): string {
    if (start < 0) return '';
    this.wire.pos = start;
    return this.names.next(this.wire);
  }
}

function lostEvents(
  { source, count, cpu, last }: Loss,
  nodeName: string,
  time: number | undefined,
): HubbleEvent {
  return { kind: 'lost_events', source, count, cpu, nodeName, time: time ?? last };
}
