import { GrpcCode, GrpcError } from './call.js';
import type { GetFlowsRequest } from './messages.js';
import { StreamEnd, type HubbleNode } from './node.js';
import type { FlowsReader, NextMessage } from './reader.js';
import type { RelayPeer } from './relaystream.js';

/**
 * A node in a relay's pool. A broken connection is idle at first, which the
 * relay takes for good: only the next call finds that nobody listens, and from
 * then on the node is unavailable (grpc-go's pick_first, relay/pool).
 */
export class PooledNode implements RelayPeer {
  readonly node: HubbleNode;
  readonly address: string;
  readonly #open = new Set<PooledReader>();
  #failing = false;

  constructor(node: HubbleNode, address: string) {
    this.node = node;
    this.address = address;
  }

  get name(): string {
    return this.node.name;
  }

  available(): boolean {
    if (this.node.state !== 'down') this.#failing = false;
    return !this.#failing;
  }

  read(request: GetFlowsRequest, wake: () => void): FlowsReader {
    if (this.node.state === 'down') {
      this.#failing = true;
      throw new GrpcError(GrpcCode.UNAVAILABLE, refused(this.address));
    }
    const reader = new PooledReader(this.node.read(request, wake), wake);
    this.#open.add(reader);
    reader.onClose = () => this.#open.delete(reader);
    return reader;
  }

  /** The node has left the cluster: the relay hangs up, and its own streams end as cancelled. */
  hangUp(): void {
    for (const reader of [...this.#open]) reader.cancel();
  }
}

class PooledReader implements FlowsReader {
  readonly #inner: FlowsReader;
  readonly #wake: () => void;
  #cancelled = false;
  onClose: () => void = () => undefined;

  constructor(inner: FlowsReader, wake: () => void) {
    this.#inner = inner;
    this.#wake = wake;
  }

  next(): NextMessage {
    return this.#cancelled ? StreamEnd.cancelled : this.#inner.next();
  }

  cancel(): void {
    this.#cancelled = true;
    this.close();
    this.#wake();
  }

  close(): void {
    this.#inner.close();
    this.onClose();
  }
}

function refused(address: string): string {
  return `connection error: desc = "transport: Error while dialing: dial tcp ${address}: connect: connection refused"`;
}
