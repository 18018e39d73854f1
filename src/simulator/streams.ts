import type { Call } from './call.js';
import type { FlowsReader, NextMessage } from './reader.js';

/**
 * Sends what a reader has, as fast as the client takes it. When the client's
 * HTTP/2 window is full nothing more is pulled, so that a slow client costs
 * the ring's oldest events and never memory.
 */
export function serveReader(call: Call, open: (wake: () => void) => FlowsReader): void {
  let scheduled = false;
  const wake = (): void => {
    if (scheduled) return;
    scheduled = true;
    // Once the writer has had its turn: an agent, too, reads its ring in batches.
    setImmediate(() => {
      scheduled = false;
      pump();
    });
  };
  const reader = open(wake);
  const pump = (): void => {
    while (call.writable) {
      const next: NextMessage = reader.next();
      if (next === 'wait') return;
      if ('code' in next) {
        call.end(next);
        reader.close();
        return;
      }
      call.send(next.bytes);
    }
  };
  call.onDrain(pump);
  call.onClosed(() => reader.close());
  pump();
}
