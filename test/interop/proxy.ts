/** A network that can fail: a TCP proxy on 127.0.0.1. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface Proxy {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** No byte passes any more, and nobody is told; new connections are taken and left waiting. */
  stall(): void;
  /** All connections are reset, new ones refused. */
  cut(): void;
  /** It works again: what was stalled goes on, what was cut may come back. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** Passes connections on to `target` (host:port), which may come and go. */
export async function startProxy(target: string): Promise<Proxy> {
  const [host = '', targetPort] = target.split(':');
  const pairs = new Set<readonly [Socket, Socket]>();
  let stalled = false;
  const serve = (inside: Socket): void => {
    const outside = connect(Number(targetPort), host);
    const pair = [inside, outside] as const;
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      inside.destroy();
      outside.destroy();
    };
    for (const socket of pair) socket.setNoDelay(true).on('error', end).on('close', end);
    if (!stalled) join(pair);
  };
  let server = await listen(serve, 0);
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    stall() {
      stalled = true;
      for (const pair of pairs) pair.forEach((socket) => socket.unpipe().pause());
    },
    cut() {
      server.close();
      for (const pair of pairs) pair.forEach((socket) => socket.resetAndDestroy());
    },
    async mend() {
      if (!server.listening) server = await listen(serve, port);
      if (stalled) pairs.forEach(join);
      stalled = false;
    },
    async close() {
      const closed = server.listening ? once(server, 'close') : undefined;
      server.close();
      for (const pair of pairs) pair.forEach((socket) => socket.destroy());
      await closed;
    },
  };
}

function join([inside, outside]: readonly [Socket, Socket]): void {
  inside.pipe(outside).pipe(inside);
}

async function listen(serve: (socket: Socket) => void, port: number): Promise<Server> {
  const server = createServer(serve).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
