/** The shortcut through grpc-js, on real connections: that it is taken, and that nobody can tell from what comes. */
import { once } from 'node:events';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createDecoder } from '../../src/hubble/decode.js';
import type { Failure } from '../../src/hubble/failures.js';
import { createConnect } from '../../src/hubble/relay.js';
import { followRequest } from '../../src/hubble/request.js';
import * as shortcut from '../../src/hubble/shortcut.js';
import { parseServer } from '../../src/hubble/target.js';
import { systemTimers } from '../../src/hubble/timers.js';
import { codecs } from '../../src/simulator/messages.js';
import type { HubbleEvent } from '../../src/model.js';

vi.mock('../../src/hubble/shortcut.js', { spy: true });
const { Http2SubchannelCall } = createRequire(import.meta.url)('@grpc/grpc-js/build/src/subchannel-call') as {
  Http2SubchannelCall: { prototype: { tryPush(message: Buffer): void } };
};

const cleanups: (() => void)[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  vi.mocked(shortcut.takeShortcut).mockReset();
  for (const clean of cleanups.splice(0).reverse()) clean();
});

type Talk = (stream: ServerHttp2Stream) => void | Promise<void>;

/** An HTTP/2 server that does `talk` with every GetFlows. */
async function serve(talk: Talk, headers: Record<string, string> = {}): Promise<string> {
  const server = createServer();
  server.on('session', (session) => cleanups.push(() => session.destroy()));
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', ...headers },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    void talk(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Heard {
  readonly events: HubbleEvent[];
  readonly why: Failure;
  readonly plain: string[];
  /** Messages that went the way of grpc-js. */
  readonly pushed: number;
}

async function listen(talk: Talk, headers?: Record<string, string>, most = Infinity): Promise<Heard> {
  const push = vi.spyOn(Http2SubchannelCall.prototype, 'tryPush');
  const events: HubbleEvent[] = [];
  const plain: string[] = [];
  const connection = await createConnect({
    target: parseServer(await serve(talk, headers)),
    tls: undefined,
    decode: createDecoder({ endpoints: 100 }),
    timers: systemTimers,
    fileTrouble: () => undefined,
    plainReading: (why) => plain.push(why),
  })(() => undefined);
  cleanups.push(() => connection.close());
  const why = await new Promise<Failure>((resolve) => {
    const call = connection.flows(followRequest({ filter: 'judged', since: 0, mask: 'full' }), {
      message(event) {
        events.push(event);
        if (events.length < most) return;
        call.cancel();
        // Time for what must not come.
        setTimeout(() => resolve({ reason: 'shutdown', message: 'cancelled', hint: '' }), 50);
      },
      versions: () => undefined,
      ended: resolve,
    });
  });
  return { events, why, plain, pushed: push.mock.calls.length };
}

const { getFlows } = codecs();
function message(uuid: string, podName = 'web-0'): Buffer {
  return Buffer.from(
    getFlows.encode({
      flow: { uuid, node_name: 'n1', source: { ID: 7, pod_name: podName, labels: ['k8s:app=web'] } },
    }),
  );
}
function frame(payload: Buffer, flag = 0): Buffer {
  const header = Buffer.alloc(5);
  header[0] = flag;
  header.writeUInt32BE(payload.length, 1);
  return Buffer.concat([header, payload]);
}
const many = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, i) => frame(message(`u${i}`, `web-${i % 7}`)));
const uuids = (events: readonly HubbleEvent[]) =>
  events.map((event) => (event.kind === 'flow' ? event.flow.uuid : event.kind));

/** Lets a piece reach the other side by itself. */
function piece(stream: ServerHttp2Stream, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    stream.write(bytes, () => setImmediate(resolve));
  });
}

const conversations: [string, Talk, Record<string, string>?][] = [
  ['many messages in one write', (stream) => void stream.end(Buffer.concat(many(500)))],
  [
    'messages cut anywhere',
    async (stream) => {
      const all = Buffer.concat(many(40));
      for (let at = 0, step = 1; at < all.length; at += step, step = (step * 7) % 251)
        await piece(stream, all.subarray(at, at + step));
      stream.end();
    },
  ],
  ['no message at all', (stream) => void stream.end()],
  [
    'bytes that are no protobuf, and none',
    (stream) =>
      void stream.end(Buffer.concat([frame(Buffer.from('??')), frame(Buffer.alloc(0)), ...many(2)])),
  ],
  [
    'compressed messages among others',
    (stream) =>
      void stream.end(Buffer.concat([...many(3), frame(gzipSync(message('zipped')), 1), ...many(3)])),
    { 'grpc-encoding': 'gzip' },
  ],
  [
    'a compressed message where none was announced',
    (stream) => void stream.end(frame(gzipSync(message('zipped')), 1)),
  ],
  [
    'a message too long',
    (stream) => void stream.write(Buffer.concat([Buffer.from([0, 0x7f, 0, 0, 0]), message('x')])),
  ],
  ['a reset', (stream) => void piece(stream, many(1)[0] ?? Buffer.alloc(0)).then(() => stream.close(2))],
  [
    'a refusal after some messages',
    (stream) => {
      stream.removeAllListeners('wantTrailers');
      stream.on('wantTrailers', () =>
        stream.sendTrailers({ 'grpc-status': '14', 'grpc-message': 'shutting down' }),
      );
      stream.end(Buffer.concat(many(5)));
    },
  ],
];

describe('what comes is the same with the shortcut and without it', () => {
  test.each(conversations)('%s', async (_, talk, headers) => {
    const short = await listen(talk, headers);
    vi.mocked(shortcut.takeShortcut).mockReturnValue('the test says so');
    const plain = await listen(talk, headers);
    expect(short.plain).toEqual([]);
    expect(plain.plain).toEqual(['the test says so']);
    expect(short.events).toEqual(plain.events);
    expect(short.why).toEqual(plain.why);
  });
});

test('the shortcut is really taken: no message goes the way of grpc-js', async () => {
  const short = await listen((stream) => void stream.end(Buffer.concat(many(300))));
  expect(uuids(short.events)).toEqual(Array.from({ length: 300 }, (_, i) => `u${i}`));
  expect(short.pushed).toBe(0);
  vi.restoreAllMocks();
  vi.mocked(shortcut.takeShortcut).mockReturnValue('the test says so');
  expect((await listen((stream) => void stream.end(Buffer.concat(many(300))))).pushed).toBe(300);
});

test('what is compressed goes the way of grpc-js, and all that follows it', async () => {
  const talk: Talk = (stream) =>
    void stream.end(Buffer.concat([...many(3), frame(gzipSync(message('zipped')), 1), ...many(2)]));
  const { events, pushed } = await listen(talk, { 'grpc-encoding': 'gzip' });
  expect(uuids(events)).toEqual(['u0', 'u1', 'u2', 'zipped', 'u0', 'u1']);
  expect(pushed).toBe(3);
});

test('nothing comes after a cancellation in the middle of a piece', async () => {
  const { events } = await listen((stream) => void stream.end(Buffer.concat(many(100))), {}, 10);
  expect(uuids(events)).toHaveLength(10);
});

test('what is sixty times the window comes whole', async () => {
  let written = 0;
  let isFull = false;
  const batch = Buffer.concat(many(100));
  const talk: Talk = (stream) => {
    const fill = (): void => {
      while (!stream.destroyed && !isFull && stream.write(batch)) written += batch.length;
      isFull = written > 64 * 1024 * 1024;
      if (isFull) stream.end();
    };
    stream.on('drain', fill);
    fill();
  };
  const { events } = await listen(talk);
  expect(events.length).toBeGreaterThan(((64 * 1024 * 1024) / batch.length) * 99);
});
