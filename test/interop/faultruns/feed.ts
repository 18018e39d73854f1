/** Hands a node its flows, as its datapath would: what happens while it is away, nobody saw. */
import { request, type ClientRequest } from 'node:http';
import type { Batch } from '../load.js';
import type { Node } from '../stage.js';

export class Feed {
  /** Flows that reached the node's control port. */
  written = 0;
  private node: Node;
  private open: ClientRequest | undefined;
  private frozen = false;
  /** Flows that the datapath could not hand over while the node stood still. */
  private overflowed = 0;

  constructor(node: Node) {
    this.node = node;
    this.attach(node);
  }

  give({ bytes, count }: Batch): void {
    if (this.frozen) this.overflowed += count;
    else if (this.open !== undefined && bytes.length > 0) {
      this.open.write(Buffer.concat(bytes));
      this.written += count;
    }
  }

  /** A node that has (re)started takes flows from now on. */
  attach(node: Node): void {
    this.node = node;
    this.open = request(`http://${node.control}/flows`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
    });
    this.open.on('response', (answer) => answer.resume()).on('error', () => undefined);
    this.open.flushHeaders();
  }

  /** The node is gone, or about to go. */
  detach(): void {
    this.open?.destroy();
    this.open = undefined;
  }

  /** The node stands still from now on. */
  freeze(): void {
    this.frozen = true;
  }

  /** It goes on, and says what the perf buffer could not hold meanwhile. */
  async thaw(): Promise<void> {
    const count = this.overflowed;
    this.overflowed = 0;
    this.frozen = false;
    if (count > 0) await this.node.lost('PERF_EVENT_RING_BUFFER', count);
  }

  /** No more flows; answers when the node has taken all of them. */
  async end(): Promise<void> {
    const { open } = this;
    this.open = undefined;
    if (open === undefined) return;
    await new Promise<void>((done) => {
      open.on('close', () => done());
      open.end();
    });
  }
}
