import type { HubbleEvent } from '../model.js';
import type { Decode } from './decode.js';
import { raise } from './frames.js';

/**
 * The messages of one piece of a stream: decoded as they are found, delivered when
 * the piece is through.
 *
 * Reading a flow and judging it are other code on other memory. A dozen flows of the
 * one and then a dozen of the other cost less than turn by turn, and what is known of
 * their endpoints can be fetched for all of them at once (docs/performance.md).
 */
export class Batch {
  /** Flows of whose two endpoints the same is noted. Nobody asks; but what is read for nothing, the engine leaves out. */
  alike = 0;

  private readonly decode: Decode;
  private readonly deliver: (event: HubbleEvent) => void;
  private readonly events: HubbleEvent[] = [];
  private stopped = false;

  /** @param deliver may call {@link stop}: then what is still to be delivered is dropped */
  constructor(decode: Decode, deliver: (event: HubbleEvent) => void) {
    this.decode = decode;
    this.deliver = deliver;
  }

  /** Takes one message; false: no more are wanted. */
  take(bytes: Buffer, start: number, end: number): boolean {
    if (!this.stopped) this.events.push(this.decode(bytes, start, end));
    return !this.stopped;
  }

  /**
   * Delivers, in the order they came, what was taken since the last time; false: no
   * more are wanted. Never throws: a fault of ours ends the process.
   */
  flush(): boolean {
    const { events } = this;
    this.lookAhead();
    try {
      for (const event of events) if (!this.stopped) this.deliver(event);
    } catch (error) {
      this.stopped = true;
      raise(error);
    }
    events.length = 0;
    return !this.stopped;
  }

  /** From now on nothing is delivered. */
  stop(): void {
    this.stopped = true;
  }

  /** Memory that no cache holds is then waited for once, not for one endpoint after the other. */
  private lookAhead(): void {
    for (const event of this.events) {
      if (event.kind !== 'flow') continue;
      const { source, destination } = event.flow;
      if (source.standing === destination.standing) this.alike += 1;
    }
  }
}
