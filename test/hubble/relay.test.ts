import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createHttp2 } from 'node:http2';
import { createServer as createTls } from 'node:tls';
import { type ChannelOptions, ServerCredentials, status } from '@grpc/grpc-js';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createDecoder } from '../../src/hubble/decode.js';
import type { TlsSettings } from '../../src/hubble/certificates.js';
import { CHANNEL_OPTIONS, serverNameOptions } from '../../src/hubble/channel.js';
import type { RelayConnection } from '../../src/hubble/connection.js';
import type { Failure } from '../../src/hubble/failures.js';
import { createConnect } from '../../src/hubble/relay.js';
import { followRequest, oldestRequest } from '../../src/hubble/request.js';
import { parseServer } from '../../src/hubble/target.js';
import { systemTimers } from '../../src/hubble/timers.js';
import type { HubbleEvent } from '../../src/model.js';
import { authority, files, issued, type KeyPair } from './certs.js';
import { connected, type FlowsCall, refuse, type RunningHubble, startHubble, type Rpcs } from './hubble.js';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0).reverse()) clean();
});
async function hubble(rpcs: Rpcs, options?: Parameters<typeof startHubble>[1]): Promise<RunningHubble> {
  const running = await startHubble(rpcs, options);
  cleanups.push(() => running.stop());
  return running;
}

/** Listens on a free port and does `talk` with everybody who comes. */
async function tcp(talk: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    cleanups.push(() => socket.destroy());
    talk(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const PLAIN: TlsSettings = {
  caFiles: [],
  certFile: undefined,
  keyFile: undefined,
  serverName: undefined,
  insecure: false,
};
interface Opened {
  readonly connection: RelayConnection;
  readonly events: HubbleEvent[];
  readonly versions: string[];
  readonly moved: Promise<Failure>;
  readonly ended: Promise<Failure>;
  cancel(): void;
  /** Resolves when `count` events have come. */
  received(count: number): Promise<readonly HubbleEvent[]>;
}

async function connect(
  server: string,
  tls?: Partial<TlsSettings>,
  move: (failure: Failure) => void = () => undefined,
) {
  const connection = await createConnect({
    target: parseServer(server),
    tls: tls === undefined ? undefined : { ...PLAIN, ...tls },
    decode: createDecoder({ endpoints: 100 }),
    timers: systemTimers,
    fileTrouble: () => undefined,
    plainReading: () => undefined,
  })(move);
  cleanups.push(() => connection.close());
  return connection;
}

async function open(server: string, tls?: Partial<TlsSettings>): Promise<Opened> {
  const events: HubbleEvent[] = [];
  const versions: string[] = [];
  const waiting: { count: number; resolve: (events: readonly HubbleEvent[]) => void }[] = [];
  let move: (failure: Failure) => void = () => undefined;
  const moved = new Promise<Failure>((resolve) => (move = resolve));
  const connection = await connect(server, tls, (failure) => move(failure));
  let call = { cancel: (): void => undefined };
  const ended = new Promise<Failure>((resolve) => {
    call = connection.flows(followRequest({ filter: 'judged', since: Date.now(), mask: 'full' }), {
      message(event) {
        events.push(event);
        for (const wait of waiting) if (events.length >= wait.count) wait.resolve(events);
      },
      versions: (...found) => versions.push(...found),
      ended: resolve,
    });
  });
  return {
    connection,
    events,
    versions,
    moved,
    ended,
    cancel: () => call.cancel(),
    received: (count) =>
      new Promise((resolve) => (events.length >= count ? resolve(events) : waiting.push({ count, resolve }))),
  };
}

const flow = (uuid: string) => ({
  flow: { uuid, time: { seconds: 1, nanos: 0 }, node_name: 'n1', verdict: 'FORWARDED' },
});

describe('a stream', () => {
  test('brings every message of the server, in order, and tells the versions in its headers', async () => {
    const { server } = await hubble({
      GetFlows(call) {
        call.write(connected('n1', 'n2'));
        call.write(flow('u1'));
        call.write(flow('u2'));
      },
    });
    const stream = await open(server);
    const events = await stream.received(3);
    expect(events.map((event) => event.kind)).toEqual(['node_status', 'flow', 'flow']);
    expect(events[0]).toMatchObject({ state: 'connected', nodeNames: ['n1', 'n2'] });
    expect(events[2]).toMatchObject({ flow: { uuid: 'u2', nodeName: 'n1' } });
    expect(stream.versions).toEqual(['', '']);
  });

  test('asks for what request.ts says: follow, since, filter and mask reach the server', async () => {
    let asked: Record<string, unknown> = {};
    const { server } = await hubble({
      GetFlows(call) {
        asked = call.request;
        call.write(connected('n1'));
      },
    });
    await (await open(server)).received(1);
    expect(asked).toMatchObject({
      follow: true,
      number: 1,
      whitelist: [
        { event_type: [{ type: 4, match_sub_type: true }], verdict: [1], reply: [false] },
        { event_type: [{ type: 5 }] },
        { event_type: [{ type: 1 }], verdict: [2] },
      ],
      field_mask: { paths: expect.arrayContaining(['time', 'uuid', 'node_name', 'l4']) as unknown },
    });
    expect(asked['since']).toBeDefined();
  });

  test('goes on over bytes that are no protobuf: they are an event of their own', async () => {
    const { server } = await garbage();
    const stream = await open(server);
    const events = await stream.received(2);
    expect(events.map((event) => event.kind)).toEqual(['unreadable', 'node_status']);
  });

  test('brings what came before the server cut it, though nobody waited in between', async () => {
    const { server } = await hubble({
      GetFlows(call) {
        for (let i = 0; i < 2000; i++) call.write(flow(`u${i}`));
        call.emit('error', { code: status.UNAVAILABLE, details: 'transport is closing' });
      },
    });
    const stream = await open(server);
    expect(await stream.ended).toMatchObject({ reason: 'reset' });
    expect(stream.events).toHaveLength(2000);
  });

  test('works over a unix socket', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'crosstalk-')), 'hubble.sock');
    await hubble({ GetFlows: (call) => call.write(connected('n1')) }, { unix: path });
    expect(await (await open(`unix://${path}`)).received(1)).toHaveLength(1);
  });

  test('is silent once it was cancelled', async () => {
    const { server } = await hubble({ GetFlows: (call) => call.write(connected('n1')) });
    const stream = await open(server);
    await stream.received(1);
    stream.cancel();
    stream.connection.close();
    const first = await Promise.race([
      stream.ended,
      new Promise((resolve) => setTimeout(resolve, 100, 'silent')),
    ]);
    expect(first).toBe('silent');
  });
});

/** A gRPC server that answers GetFlows with bytes of its own, then with a node status. */
async function garbage() {
  const frame = (bytes: Buffer): Buffer => {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(bytes.length, 1);
    return Buffer.concat([head, bytes]);
  };
  const nodeStatus = Buffer.from([0x12, 0x06, 0x08, 0x01, 0x12, 0x02, 0x6e, 0x31]);
  return http2((stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    stream.write(Buffer.concat([frame(Buffer.from([0xff, 0xff, 0xff])), frame(nodeStatus)]));
  });
}

async function http2(answer: (stream: import('node:http2').ServerHttp2Stream) => void) {
  const server = createHttp2();
  server.on('stream', (stream: import('node:http2').ServerHttp2Stream) => {
    stream.on('error', () => undefined);
    answer(stream);
  });
  server.on('session', (session) => cleanups.push(() => session.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return { server: `127.0.0.1:${(server.address() as AddressInfo).port}`, http2: server };
}

describe('an end has a reason that a platform engineer can act on', () => {
  async function endOf(server: string, tls?: Partial<TlsSettings>): Promise<Failure> {
    return (await open(server, tls)).ended;
  }
  const answering = (act: (call: FlowsCall) => void) => hubble({ GetFlows: act });

  test('a name that does not resolve', async () => {
    const end = await endOf('no-such-name.invalid:80');
    expect(end).toMatchObject({ reason: 'name_not_found' });
    expect(end.hint).toContain('--server');
  });

  test('a port where nothing listens', async () => {
    const server = await tcp(() => undefined);
    cleanups.splice(0).forEach((clean) => clean());
    expect(await endOf(server)).toMatchObject({
      reason: 'refused',
      message: expect.stringContaining(server) as string,
    });
  });

  test('a socket that is not there', async () => {
    const end = await endOf('unix:///nowhere/hubble.sock');
    expect(end.reason).toBe('refused');
    expect(end.hint).toContain('/var/run/cilium');
  });

  test('a server that expects TLS', async () => {
    const ca = await authority('ca');
    const pair = await issued(ca, ['relay.test']);
    const credentials = ServerCredentials.createSsl(null, [
      { private_key: Buffer.from(pair.key), cert_chain: Buffer.from(pair.cert) },
    ]);
    const { server } = await hubble({}, { credentials });
    const end = await endOf(server);
    expect(end.reason).toBe('server_speaks_tls');
    expect(end.hint).toContain('tls://');
  });

  test('a server that expects no TLS', async () => {
    const { server } = await hubble({});
    const end = await endOf(server, {});
    expect(end.reason).toBe('server_speaks_plaintext');
    expect(end.hint).toContain('remove --tls');
  });

  test('a server of lines of text, with and without TLS asked for', async () => {
    const server = await tcp((socket) => {
      socket.end('220 mail.example ready\r\n');
    });
    const plain = await endOf(server);
    expect(plain).toMatchObject({
      reason: 'unimplemented',
      message: expect.stringContaining('220 mail') as string,
    });
    expect(await endOf(server, {})).toMatchObject({ reason: 'server_speaks_plaintext' });
  });

  test('a TLS server that is no gRPC', async () => {
    const ca = await authority('ca');
    const pair = await issued(ca, ['relay.test']);
    const web = createTls({ key: pair.key, cert: pair.cert }, (socket) => {
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    cleanups.push(() => web.close());
    const server = `127.0.0.1:${(web.address() as AddressInfo).port}`;
    const { ca: caFile } = files({ ca: ca.cert });
    expect(await endOf(server, { caFiles: [caFile], serverName: 'relay.test' })).toMatchObject({
      reason: 'unimplemented',
    });
  });

  test('a gRPC server that is no Hubble', async () => {
    const { server } = await hubble({});
    expect(await endOf(server)).toMatchObject({ reason: 'unimplemented' });
  });

  test('a web server that speaks HTTP/2', async () => {
    const { server } = await http2((stream) => {
      stream.respond({ ':status': 404, 'content-type': 'text/html' });
      stream.end('<html>no such page</html>');
    });
    expect(await endOf(server)).toMatchObject({ reason: 'unimplemented' });
  });

  test.each([
    [status.UNAUTHENTICATED, 'who are you', 'unauthenticated'],
    [status.PERMISSION_DENIED, 'not you', 'permission_denied'],
    [status.INVALID_ARGUMENT, 'first cannot be specified with follow', 'invalid_request'],
    [status.UNKNOWN, 'invalid fieldmask', 'invalid_request'],
    [status.UNAVAILABLE, 'shedding load', 'unavailable'],
    [status.RESOURCE_EXHAUSTED, 'too many streams', 'unavailable'],
    [status.INTERNAL, 'oops', 'reset'],
    [status.DATA_LOSS, 'oops', 'other'],
  ])('a server that answers %i %s', async (code, details, reason) => {
    const { server } = await answering((call) => {
      call.write(connected('n1'));
      call.emit('error', { code, details });
    });
    expect(await endOf(server)).toMatchObject({ reason, message: details });
  });

  test('an end in good order', async () => {
    const { server } = await answering((call) => {
      call.write(connected('n1'));
      call.end();
    });
    expect(await endOf(server)).toMatchObject({ reason: 'closed_by_server' });
  });

  test('a message beyond the limit of 16 MiB', async () => {
    const { server } = await answering((call) =>
      call.write({ node_status: { message: 'x'.repeat(17 * 1024 * 1024) } }),
    );
    expect(await endOf(server)).toMatchObject({
      reason: 'message_too_large',
      hint: expect.stringContaining('16 MiB') as string,
    });
  });

  test('not a message of 4 MB: that one is read', async () => {
    const { server } = await answering((call) =>
      call.write({ node_status: { message: 'x'.repeat(4_200_000) } }),
    );
    const [event] = await (await open(server)).received(1);
    expect(event).toMatchObject({
      kind: 'node_status',
      message: expect.objectContaining({ length: 4_200_000 }) as string,
    });
  });

  test('a connection that is cut', async () => {
    const running = await answering((call) => call.write(connected('n1')));
    const stream = await open(running.server);
    await stream.received(1);
    running.stop();
    expect(await stream.ended).toMatchObject({ reason: 'reset' });
  });

  test.each([
    ['an RST', (socket: Socket) => socket.resetAndDestroy()],
    ['a FIN', (socket: Socket) => socket.destroy()],
  ])('%s in the middle of the stream', async (_name, cut) => {
    const running = await answering((call) => call.write(connected('n1')));
    const sockets: Socket[] = [];
    const proxy = await tcp((socket) => {
      const [host = '', port = ''] = running.server.split(':');
      const onward = new (socket.constructor as typeof Socket)().connect(Number(port), host);
      onward.on('error', () => undefined);
      socket.pipe(onward).pipe(socket);
      sockets.push(socket);
    });
    const stream = await open(proxy);
    await stream.received(1);
    sockets.forEach(cut);
    expect(await stream.ended).toMatchObject({ reason: 'reset' });
  });

  test('a server that forbids our pings', async () => {
    const { server, http2: h2 } = await http2((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.session?.goaway(11, 0, Buffer.from('too_many_pings'));
    });
    expect(await endOf(server)).toMatchObject({ reason: 'too_many_pings' });
    h2.close();
  });

  test('a stream reset by the server', async () => {
    const { server } = await http2((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.close(8);
    });
    expect(await endOf(server)).toMatchObject({ reason: 'reset' });
  });
});

describe('a server that asks us to move', () => {
  test('is noticed though the stream stays open', async () => {
    const { server, http2: h2 } = await http2((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      setTimeout(() => stream.session?.goaway(0), 10);
    });
    const stream = await open(server);
    expect(await stream.moved).toMatchObject({ reason: 'goaway' });
    h2.close();
  });
});

describe('a connection that stays silent', () => {
  test('is blamed on the stream when the server is there', async () => {
    const { server } = await hubble({ GetFlows: () => undefined, Check: () => ({ status: 'SERVING' }) });
    const stream = await open(server);
    await stream.connection.health(5000);
    expect(await stream.connection.whySilent()).toMatchObject({ reason: 'first_message_timeout' });
  });
  test('is blamed on the way there when no HTTP/2 was ever spoken', async () => {
    const stream = await open(await tcp(() => undefined));
    expect(await stream.connection.whySilent()).toMatchObject({ reason: 'unreachable' });
  });
});

describe('TLS', () => {
  let ca: KeyPair, other: KeyPair, good: KeyPair, client: KeyPair;
  beforeAll(async () => {
    [ca, other] = await Promise.all([authority('hubble ca'), authority('another ca')]);
    [good, client] = await Promise.all([
      issued(ca, ['*.hubble-relay.cilium.io']),
      issued(ca, ['*.hubble-ui.cilium.io']),
    ]);
  });
  const RPCS: Rpcs = { GetFlows: (call) => call.write(connected('n1')) };
  const NAME = 'ui.hubble-relay.cilium.io';
  async function relay(pair: KeyPair, clientCa?: KeyPair): Promise<string> {
    const credentials = ServerCredentials.createSsl(
      clientCa === undefined ? null : Buffer.from(clientCa.cert),
      [{ private_key: Buffer.from(pair.key), cert_chain: Buffer.from(pair.cert) }],
      clientCa !== undefined,
    );
    return (await hubble(RPCS, { credentials })).server;
  }
  const trusting = (pair: KeyPair) => [files({ ca: pair.cert }).ca];

  test("takes the relay's certificate by the name it has", async () => {
    const stream = await open(await relay(good), { caFiles: trusting(ca), serverName: NAME });
    expect(await stream.received(1)).toHaveLength(1);
  });
  test('asks for the server name as :authority too', async () => {
    const h2 = (await import('node:http2')).createSecureServer({ key: good.key, cert: good.cert });
    const authorities: unknown[] = [];
    h2.on('stream', (stream, headers) => {
      authorities.push(headers[':authority']);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.close();
    });
    h2.listen(0, '127.0.0.1');
    await once(h2, 'listening');
    cleanups.push(() => h2.close());
    const server = `127.0.0.1:${(h2.address() as AddressInfo).port}`;
    await (
      await open(server, { caFiles: trusting(ca), serverName: NAME })
    ).ended;
    expect(authorities).toEqual([NAME]);
  });
  test('believes anybody only when told to', async () => {
    const server = await relay(good);
    expect(await (await open(server, { insecure: true })).received(1)).toHaveLength(1);
    expect(await (await open(server, { caFiles: trusting(ca) })).ended).toMatchObject({
      reason: 'certificate',
    });
  });
  test('shows its certificate to a relay that wants one', async () => {
    const { cert, key } = files({ cert: client.cert, key: client.key });
    const stream = await open(await relay(good, ca), {
      caFiles: trusting(ca),
      serverName: NAME,
      certFile: cert,
      keyFile: key,
    });
    expect(await stream.received(1)).toHaveLength(1);
  });

  async function endOf(server: string, tls: Partial<TlsSettings>): Promise<Failure> {
    return (await open(server, tls)).ended;
  }
  test('a certificate for another name: says which names it has, and the flag', async () => {
    const end = await endOf(await relay(good), { caFiles: trusting(ca) });
    expect(end.reason).toBe('certificate');
    expect(end.message).toContain('DNS:*.hubble-relay.cilium.io');
    expect(end.hint).toContain('--tls-server-name');
  });
  test('a certificate of an unknown authority: says whose', async () => {
    const end = await endOf(await relay(good), { caFiles: trusting(other), serverName: NAME });
    expect(end).toMatchObject({
      reason: 'certificate',
      message: expect.stringContaining('hubble ca') as string,
    });
    expect(end.hint).toContain('--tls-ca-cert-files');
  });
  test('a certificate that expired', async () => {
    const pair = await issued(ca, ['*.hubble-relay.cilium.io'], { from: -10, to: -1 });
    const end = await endOf(await relay(pair), { caFiles: trusting(ca), serverName: NAME });
    expect(end).toMatchObject({
      reason: 'certificate',
      message: expect.stringContaining('expired on') as string,
    });
  });
  test('a certificate from the future', async () => {
    const pair = await issued(ca, ['*.hubble-relay.cilium.io'], { from: 2, to: 10 });
    const end = await endOf(await relay(pair), { caFiles: trusting(ca), serverName: NAME });
    expect(end).toMatchObject({
      reason: 'certificate',
      message: expect.stringContaining('not yet valid') as string,
    });
  });
  test('a relay that wants a certificate we did not give', async () => {
    const end = await endOf(await relay(good, ca), { caFiles: trusting(ca), serverName: NAME });
    expect(end).toMatchObject({
      reason: 'certificate',
      message: expect.stringContaining('requires a client certificate') as string,
    });
    expect(end.hint).toContain('--tls-client-cert-file');
  });
  test('a relay that does not trust the certificate we gave', async () => {
    const { cert, key } = files(await issued(other, ['x']));
    const end = await endOf(await relay(good, ca), {
      caFiles: trusting(ca),
      serverName: NAME,
      certFile: cert,
      keyFile: key,
    });
    expect(end).toMatchObject({
      reason: 'certificate',
      message: expect.stringContaining('hung up right after the TLS handshake') as string,
    });
  });
});

describe('a certificate file that cannot be used is told before connecting, with its flag and path', () => {
  const attempt = (tls: Partial<TlsSettings>) =>
    connect('127.0.0.1:1', tls).then(
      () => '',
      (error: unknown) => (error instanceof Error ? error.message : ''),
    );
  test('missing', async () => {
    expect(await attempt({ caFiles: ['/no/ca.crt'] })).toBe(
      '--tls-ca-cert-files: cannot read /no/ca.crt (ENOENT)',
    );
  });
  test('no certificate in it', async () => {
    const { ca } = files({ ca: 'hello' });
    expect(await attempt({ caFiles: [ca] })).toBe(
      `--tls-ca-cert-files ${ca} cannot be used: no certificate in it`,
    );
  });
  test('a key without its certificate', async () => {
    const { key } = files(await authority('a'));
    expect(await attempt({ keyFile: key })).toContain('one of the two is missing');
  });
  test('a key that belongs to another certificate', async () => {
    const [a, b] = await Promise.all([authority('a'), authority('b')]);
    const found = files({ cert: a.cert, key: b.key });
    expect(await attempt({ certFile: found.cert, keyFile: found.key })).toContain('key values mismatch');
  });
});

describe('certificate files that change', () => {
  test('lead to a move, but not while they do not fit each other', async () => {
    const [ca, first, second] = await Promise.all([authority('ca'), authority('1'), authority('2')]);
    const paths = files({ ca: ca.cert, cert: first.cert, key: first.key });
    const looks: (() => void)[] = [];
    const told: string[] = [];
    const moves: Failure[] = [];
    const connection = await createConnect({
      target: parseServer('127.0.0.1:1'),
      tls: { ...PLAIN, caFiles: [paths.ca], certFile: paths.cert, keyFile: paths.key },
      decode: createDecoder({ endpoints: 1 }),
      timers: {
        after(_ms, run) {
          looks.push(run);
          return () => undefined;
        },
      },
      fileTrouble: (message) => told.push(message),
      plainReading: () => undefined,
    })((failure) => moves.push(failure));
    cleanups.push(() => connection.close());
    const look = async (until: () => boolean) => {
      for (;;) {
        looks.splice(0).forEach((run) => run());
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (until()) return;
      }
    };
    writeFileSync(paths.cert, second.cert);
    await look(() => told.length > 0);
    expect(told[0]).toContain('key values mismatch');
    expect(moves).toEqual([]);
    writeFileSync(paths.key, second.key);
    await look(() => moves.length > 0);
    expect(moves.map((move) => move.reason)).toEqual(['certificates_changed']);
    expect(told).toHaveLength(1);
  });
});

describe('questions beside the stream', () => {
  test('nodes: what a relay knows of each', async () => {
    const { server } = await hubble({
      GetNodes: () => ({
        nodes: [
          {
            name: 'n1',
            address: '10.0.0.1:4244',
            state: 'NODE_CONNECTED',
            version: '1.19.4',
            uptime_ns: 5e9,
            num_flows: 3,
            max_flows: 4095,
            seen_flows: 7,
          },
          { name: 'n2', state: 'NODE_UNAVAILABLE' },
          { name: 'n3', state: 'NODE_ERROR' },
        ],
      }),
    });
    expect(await (await connect(server)).nodes(5000)).toMatchObject({
      kind: 'relay',
      nodes: [
        {
          name: 'n1',
          state: 'connected',
          version: '1.19.4',
          uptimeMs: 5000,
          numFlows: 3,
          maxFlows: 4095,
          seenFlows: 7,
        },
        { name: 'n2', state: 'unavailable' },
        { name: 'n3', state: 'error' },
      ],
    });
  });
  test("nodes: a node's own Hubble tells of itself", async () => {
    const { server } = await hubble({
      ServerStatus: () => ({ num_flows: 1, max_flows: 4095, seen_flows: 2, uptime_ns: 1e6, version: 'v' }),
    });
    expect(await (await connect(server)).nodes(5000)).toMatchObject({
      kind: 'node',
      nodes: [{ name: '', state: 'connected', uptimeMs: 1, numFlows: 1 }],
    });
  });
  test('health: serving, not serving, and a server without the service', async () => {
    let state = 'SERVING';
    const withIt = await connect((await hubble({ Check: () => ({ status: state }) })).server);
    expect(await withIt.health(5000)).toBe('serving');
    state = 'NOT_SERVING';
    expect(await withIt.health(5000)).toBe('not_serving');
    expect(await (await connect((await hubble({})).server)).health(5000)).toBe('answered');
  });
  test('health: a refusal is an answer, silence is none', async () => {
    const refusing = await hubble({ Check: () => refuse(status.PERMISSION_DENIED, 'no') });
    expect(await (await connect(refusing.server)).health(5000)).toBe('answered');
    const silent = await hubble({ Check: () => undefined });
    await expect((await connect(silent.server)).health(50)).rejects.toMatchObject({ answered: false });
  });
  test('flows of the past: what the request brings, or why not', async () => {
    const { server } = await hubble({
      GetFlows(call) {
        call.write(connected('n1'));
        call.write(flow('a'));
        call.write(flow('b'));
        call.end();
      },
    });
    const read = await (await connect(server)).read(oldestRequest('full'), 5000);
    expect(read.map(({ uuid }) => uuid)).toEqual(['a', 'b']);
    const hanging = await hubble({ GetFlows: (call) => call.write(flow('a')) });
    await expect((await connect(hanging.server)).read(oldestRequest('full'), 50)).rejects.toBeDefined();
  });
  test('flows of the past, for as long as we wait: what has come until then', async () => {
    const hanging = await hubble({ GetFlows: (call) => call.write(flow('a')) });
    const some = await (await connect(hanging.server)).readFor(oldestRequest('full'), 500);
    expect(some.map(({ uuid }) => uuid)).toEqual(['a']);
    const refusing = await hubble({});
    await expect((await connect(refusing.server)).readFor(oldestRequest('full'), 500)).rejects.toBeDefined();
  });
});

test('every channel option is one that grpc-js knows: a misspelled one would be ignored in silence', async () => {
  const { readFileSync } = await import('node:fs');
  const known = readFileSync(
    new URL('../../node_modules/@grpc/grpc-js/build/src/channel-options.d.ts', import.meta.url),
    'utf8',
  );
  const names = Object.keys({ ...CHANNEL_OPTIONS, ...serverNameOptions('x') } satisfies ChannelOptions);
  expect(names.filter((name) => !known.includes(`'${name}'?:`))).toEqual([]);
});

test('the ping comes less often than the health check, so that Go servers never count it as a strike', async () => {
  const { HEALTH_EVERY_MS } = await import('../../src/hubble/session.js');
  expect(CHANNEL_OPTIONS['grpc.keepalive_time_ms']).toBeGreaterThan(HEALTH_EVERY_MS);
});
