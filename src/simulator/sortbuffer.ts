import { Heap } from './heap.js';
import type { FlowsMessage } from './reader.js';

/**
 * How a relay brings the flows of its nodes into order: it holds back as many
 * as the buffer takes, lets the oldest go when the next one comes, and after a
 * silence those that are older than the silence was long (cilium
 * pkg/hubble/relay/observer/observer.go sortFlows, relay/queue).
 *
 * So on a quiet stream a flow waits for up to `length` others.
 */
export class SortBuffer {
  readonly #heap = new Heap<FlowsMessage>();
  readonly #length: number;

  /** @param length at least 1 */
  constructor(length: number) {
    this.#length = length;
  }

  get size(): number {
    return this.#heap.size;
  }

  /** @returns the one that has to make room, if any */
  push(message: FlowsMessage): FlowsMessage | undefined {
    const out = this.#heap.size === this.#length ? this.#heap.pop() : undefined;
    this.#heap.push(message.time, message);
    return out;
  }

  /** Everything up to `time`, oldest first. */
  *popUntil(time: number): Generator<FlowsMessage> {
    for (
      let first = this.#heap.firstKey();
      first !== undefined && first <= time;
      first = this.#heap.firstKey()
    ) {
      const message = this.#heap.pop();
      if (message !== undefined) yield message;
    }
  }
}
