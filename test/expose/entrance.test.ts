/** What the entrance does with requests that Fastify never sees. */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEntrance, type EntranceOptions } from '../../src/expose/entrance.js';

class Response extends EventEmitter {
  destroyed = false;
  headersSent = false;
  status = 0;
  body = '';
  readonly headers = new Map<string, unknown>();
  setHeader(name: string, value: unknown): void {
    this.headers.set(name.toLowerCase(), value);
  }
  writeHead(status: number, headers: object): void {
    this.status = status;
    this.headersSent = true;
    for (const [name, value] of Object.entries(headers)) this.setHeader(name, value);
  }
  end(body = ''): void {
    this.body = body;
  }
}

function enter(options: Partial<EntranceOptions> = {}) {
  const socket = { destroyed: false, destroy: vi.fn() };
  const request = { method: 'GET', url: '/metrics?x', headers: {}, socket };
  const response = new Response();
  const next = vi.fn();
  const failed = vi.fn();
  const entrance = createEntrance({
    mostBytes: () => 0,
    headers: () => ({}),
    admit: () => ({ ok: true }),
    failed,
    next,
    ...options,
  });
  entrance(
    request as unknown as IncomingMessage,
    response as unknown as ServerResponse & { req: IncomingMessage },
  );
  return { socket, response, next, failed };
}

describe('a client that reads slowly', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('holds its connection for 30 seconds and no longer, however much it has read', () => {
    const { socket } = enter();
    vi.advanceTimersByTime(29_999);
    expect(socket.destroy).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(socket.destroy).toHaveBeenCalledOnce();
  });

  test('keeps it when the answer was read in time: the next request has 30 seconds again', () => {
    const { socket, response } = enter();
    response.emit('close');
    vi.advanceTimersByTime(60_000);
    expect(socket.destroy).not.toHaveBeenCalled();
  });
});

test('when passwords cannot be checked, nobody is admitted: 500, and the log knows', async () => {
  const { next, failed, response } = enter({ admit: async () => Promise.reject(new Error('no thread')) });
  await vi.waitFor(() => expect(response.status).toBe(500));
  expect(next).not.toHaveBeenCalled();
  expect(failed).toHaveBeenCalledWith(expect.objectContaining({ url: '/metrics?x' }), new Error('no thread'));
  expect(JSON.parse(response.body)).toMatchObject({ title: 'Internal Server Error', instance: '/metrics' });
});

test('a client that has gone while its password was checked costs no answer', async () => {
  let admit = (): void => undefined;
  const admission = new Promise<{ ok: true }>((resolve) => (admit = () => resolve({ ok: true })));
  const { next, response } = enter({ admit: async () => admission });
  response.destroyed = true;
  admit();
  await admission;
  await new Promise((resolve) => setImmediate(resolve));
  expect(next).not.toHaveBeenCalled();
});
