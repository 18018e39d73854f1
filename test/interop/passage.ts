/** A way through the network that can be closed: TCP, passed on byte by byte. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Passage {
  /** Where to knock instead; the same for as long as it stands. */
  readonly address: string;
  /** A black hole: connections stand, new ones too, and nothing passes any more. */
  swallow(): void;
  /** Passes again, also what was on its way, as TCP does when a partition heals. */
  pass(): void;
  /** Resets all connections and refuses new ones. */
  cut(): Promise<void>;
  /** Takes connections again after a cut. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a passage to `target` (host:port). */
export async function openPassage(target: string): Promise<Passage> {
  const [host = '', port = ''] = target.split(':');
  const sockets = new Set<Socket>();
  let passing = true;

  const adopt = (socket: Socket, other: Socket): void => {
    sockets.add(socket.on('close', () => sockets.delete(socket)));
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      if (!other.write(bytes)) socket.pause();
    });
    other.on('drain', () => passing && socket.resume());
    socket.on('close', () => other.destroy());
    if (!passing) socket.pause();
  };
  const server = createServer((near) => {
    const far = connect(Number(port), host);
    adopt(near, far);
    adopt(far, near);
  });
  const listen = async (at: number): Promise<void> => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
  };
  const cut = async (): Promise<void> => {
    for (const socket of sockets) socket.resetAndDestroy();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };

  await listen(0);
  const own = (server.address() as AddressInfo).port;
  return {
    address: `127.0.0.1:${own}`,
    swallow() {
      passing = false;
      for (const socket of sockets) socket.pause();
    },
    pass() {
      passing = true;
      for (const socket of sockets) socket.resume();
    },
    cut,
    mend: () => listen(own),
    close: cut,
  };
}
