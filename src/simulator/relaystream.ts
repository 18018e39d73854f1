import { GrpcCode, type Call } from './call.js';
import { codecs, type GetFlowsRequest, type GetFlowsResponse } from './messages.js';
import { NodeErrors } from './nodeerrors.js';
import type { FlowsMessage, FlowsReader } from './reader.js';
import { statusOf } from './server.js';
import { SortBuffer } from './sortbuffer.js';
import { NodeStateNumber, wireTime } from './wire.js';

/** A node as the relay's pool has it. */
export interface RelayPeer {
  readonly name: string;
  /** Whether the relay believes in its connection. */
  available(): boolean;
  /** @throws where the call fails at once: refused, or no connection */
  read(request: GetFlowsRequest, wake: () => void): FlowsReader;
}

/** The relay's numbers (cilium pkg/hubble/relay/defaults). */
export interface RelayTimings {
  readonly sortBufferMaxLength: number;
  readonly sortBufferDrainMs: number;
  readonly errorAggregationMs: number;
  readonly peerUpdateMs: number;
  readonly healthCheckMs: number;
}

export const RELAY_TIMINGS: RelayTimings = {
  sortBufferMaxLength: 100,
  sortBufferDrainMs: 1000,
  errorAggregationMs: 10_000,
  peerUpdateMs: 2000,
  healthCheckMs: 5000,
};

interface Options {
  readonly call: Call;
  readonly request: GetFlowsRequest;
  readonly peers: () => readonly RelayPeer[];
  readonly timings: RelayTimings;
  /** The relay's own, not a node's of the cluster. */
  readonly nodeName: string;
}

/** One GetFlows call at the relay: the same call to every node, merged (cilium pkg/hubble/relay/observer). */
export class RelayStream {
  readonly #options: Options;
  readonly #readers = new Map<string, FlowsReader>();
  /** Nodes whose stream was opened and did not fail. One that ended well stays, and is never asked again. */
  readonly #connected = new Set<string>();
  readonly #buffer: SortBuffer;
  readonly #errors: NodeErrors;
  #update: NodeJS.Timeout | undefined;
  #drain: NodeJS.Timeout | undefined;
  #scheduled = false;
  #caughtUp = false;
  #over = false;

  constructor(options: Options) {
    this.#options = options;
    const { call, request, timings, peers } = options;
    const length = (request.number ?? 0) * peers().length;
    const most = timings.sortBufferMaxLength;
    this.#buffer = new SortBuffer(length > 0 && length < most ? length : most);
    this.#errors = new NodeErrors(timings.errorAggregationMs, (error) => {
      const names = error.names;
      this.#sort(this.#status(NodeStateNumber.ERROR, names, error.message, error.time));
    });
    call.onClosed(() => this.#close());
    call.onDrain(() => this.#pump());
    this.#begin();
  }

  /** Nothing to read, and nothing kept back by the client's flow control. */
  get idle(): boolean {
    return !this.#scheduled && this.#caughtUp && this.#options.call.writable;
  }

  #begin(): void {
    const { call, request, timings } = this.#options;
    const { connected, unavailable } = this.#collect();
    if (connected.length > 0) call.send(this.#status(NodeStateNumber.CONNECTED, connected).bytes);
    if (unavailable.length > 0) call.send(this.#status(NodeStateNumber.UNAVAILABLE, unavailable).bytes);
    if (request.follow === true) {
      // Who is found connected or unavailable later is told to nobody.
      this.#update = setInterval(() => this.#collect(), timings.peerUpdateMs);
    }
    this.#armDrain();
    this.#pump();
  }

  /** Opens streams to nodes that have none. */
  #collect(): { connected: string[]; unavailable: string[] } {
    const connected: string[] = [];
    const unavailable: string[] = [];
    for (const peer of this.#options.peers()) {
      if (!this.#connected.has(peer.name) && !peer.available()) {
        unavailable.push(peer.name);
        continue;
      }
      connected.push(peer.name);
      if (!this.#connected.has(peer.name)) this.#open(peer);
    }
    this.#wake();
    return { connected, unavailable };
  }

  #open(peer: RelayPeer): void {
    this.#connected.add(peer.name);
    try {
      this.#readers.set(
        peer.name,
        peer.read(this.#options.request, () => this.#wake()),
      );
    } catch (error) {
      this.#failed(peer.name, statusOf(error));
    }
  }

  #failed(name: string, status: { readonly code: number; readonly message?: string }): void {
    this.#readers.delete(name);
    // A clean end and a cancellation look alike to the relay, and both like the end of the node's flows.
    if (status.code === GrpcCode.OK || status.code === GrpcCode.CANCELLED) return;
    this.#connected.delete(name);
    this.#errors.add(name, errorText(status), Date.now());
  }

  #wake(): void {
    if (this.#scheduled || this.#over) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  /** One message from each node in turn, while the client takes them. */
  #pump(): void {
    let progress = true;
    this.#caughtUp = false;
    while (progress && this.#options.call.writable) {
      progress = false;
      for (const [name, reader] of [...this.#readers]) {
        const next = reader.next();
        if (next === 'wait') continue;
        progress = true;
        if ('code' in next) this.#failed(name, next);
        else this.#sort(next);
      }
    }
    this.#caughtUp = !progress;
    // No node is being read any more, not even one that failed a moment ago: the stream is over, follow or not.
    if (this.#readers.size === 0 && !this.#over) this.#finish();
  }

  #sort(message: FlowsMessage): void {
    const out = this.#buffer.push(message);
    if (out !== undefined) this.#options.call.send(out.bytes);
    this.#armDrain();
  }

  /** Every arrival starts the second of silence anew. */
  #armDrain(): void {
    if (this.#over) return;
    const { sortBufferDrainMs } = this.#options.timings;
    if (this.#drain !== undefined) {
      this.#drain.refresh();
      return;
    }
    this.#drain = setInterval(() => {
      for (const message of this.#buffer.popUntil(Date.now() - sortBufferDrainMs)) {
        this.#options.call.send(message.bytes);
      }
    }, sortBufferDrainMs);
  }

  #finish(): void {
    this.#errors.flush();
    for (const message of this.#buffer.popUntil(Infinity)) this.#options.call.send(message.bytes);
    this.#close();
    this.#options.call.end();
  }

  #close(): void {
    this.#over = true;
    clearInterval(this.#update);
    clearInterval(this.#drain);
    this.#errors.close();
    for (const reader of this.#readers.values()) reader.close();
    this.#readers.clear();
  }

  #status(state: number, names: readonly string[], message = '', time = Date.now()): FlowsMessage {
    const response: GetFlowsResponse = {
      node_status: { state_change: state, node_names: names, message },
      node_name: this.#options.nodeName,
      time: wireTime(time),
    };
    return { time, bytes: codecs().getFlows.encode(response) };
  }
}

const CODE_NAMES: Readonly<Record<number, string>> = {
  [GrpcCode.INVALID_ARGUMENT]: 'InvalidArgument',
  [GrpcCode.PERMISSION_DENIED]: 'PermissionDenied',
  [GrpcCode.RESOURCE_EXHAUSTED]: 'ResourceExhausted',
  [GrpcCode.UNIMPLEMENTED]: 'Unimplemented',
  [GrpcCode.INTERNAL]: 'Internal',
  [GrpcCode.UNAVAILABLE]: 'Unavailable',
  [GrpcCode.UNAUTHENTICATED]: 'Unauthenticated',
};

/** A gRPC error as Go prints it; of an unknown one only the message. */
function errorText(status: { readonly code: number; readonly message?: string }): string {
  const { code, message = '' } = status;
  return code === GrpcCode.UNKNOWN
    ? message
    : `rpc error: code = ${CODE_NAMES[code] ?? code} desc = ${message}`;
}
