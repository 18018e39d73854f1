/**
 * Who has to go when it gets crowded. A bound alone would let a few dozen idle
 * sockets keep Prometheus out; so a newcomer takes the place of the connection
 * that has waited the longest without asking for anything. A client that sends
 * its request at once is in no danger.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { CROWDED, MAX_CONNECTIONS } from './limits.js';

export interface Crowd {
  /** Open connections, those in their TLS handshake included. */
  readonly size: number;
  /** Ends every connection. */
  disperse(): void;
}

/** Watches the connections of an HTTP or HTTPS server; call before it listens. */
export function watchCrowd(server: Server): Crowd {
  server.maxConnections = MAX_CONNECTIONS;
  /** By the peer's address and port: a request comes on the TLS socket, which is not the one that was accepted. */
  const idle = new Map<string, Socket>();
  const busy = new Map<string, Socket>();

  server.on('connection', (socket: Socket) => {
    if (idle.size + busy.size >= CROWDED) {
      for (const longest of idle.values()) {
        longest.destroy();
        break;
      }
    }
    const peer = peerOf(socket);
    idle.set(peer, socket);
    socket.once('close', () => {
      idle.delete(peer);
      busy.delete(peer);
    });
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const peer = peerOf(request.socket);
    move(peer, idle, busy);
    response.once('close', () => move(peer, busy, idle));
  });

  return {
    get size() {
      return idle.size + busy.size;
    },
    disperse() {
      for (const socket of [...idle.values(), ...busy.values()]) socket.destroy();
    },
  };
}

function move(peer: string, from: Map<string, Socket>, to: Map<string, Socket>): void {
  const socket = from.get(peer);
  if (socket === undefined) return;
  from.delete(peer);
  to.set(peer, socket); // last in its map: of those without a request, the one that had one most recently
}

function peerOf({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
