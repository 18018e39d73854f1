/** However slowly a client reads, it holds its connection for so long and no longer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { RESPONSE_TIMEOUT_MS } from './limits.js';

const timers = new WeakMap<ServerResponse, NodeJS.Timeout>();

export function limitTime({ socket }: IncomingMessage, response: ServerResponse): void {
  const timer = setTimeout(() => socket.destroy(), RESPONSE_TIMEOUT_MS);
  timer.unref();
  timers.set(response, timer);
  response.once('close', () => clearTimeout(timer));
}

/** For an answer that goes on for as long as someone listens, and has limits of its own (follow.ts). */
export function liftLimit(response: ServerResponse): void {
  clearTimeout(timers.get(response));
}
