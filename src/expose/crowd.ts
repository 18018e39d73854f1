/**
 * Who has to go when it gets crowded. A bound alone would let one client that
 * opens enough connections keep Prometheus out. So a newcomer takes the place of
 * a connection of whichever address has the most: one that waits without asking
 * for anything, else one that does not read its answer, else the oldest.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { CROWDED, MAX_CONNECTIONS } from './limits.js';

export interface Crowd {
  /** Ends every connection, those in their TLS handshake included. */
  disperse(): void;
}

interface Guest {
  readonly socket: Socket;
  readonly address: string;
  /** The answer to its last request, until it has been sent to the end. */
  response: ServerResponse | undefined;
}

/** Watches the connections of an HTTP or HTTPS server; call before it listens. */
export function watchCrowd(server: Server): Crowd {
  server.maxConnections = MAX_CONNECTIONS;
  /** By address and port, the oldest first: a request comes on the TLS socket, which is not the one that was accepted. */
  const guests = new Map<string, Guest>();

  server.on('connection', (socket: Socket) => {
    if (guests.size >= CROWDED) leave(nextToGo(guests));
    const key = keyOf(socket);
    const guest: Guest = { socket, address: socket.remoteAddress ?? '', response: undefined };
    guests.set(key, guest);
    socket.once('close', () => {
      if (guests.get(key) === guest) guests.delete(key);
    });
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const guest = guests.get(keyOf(request.socket));
    if (guest === undefined) return;
    guest.response = response;
    response.once('close', () => {
      if (guest.response === response) guest.response = undefined;
    });
  });

  /** Counted as gone at once: its end is known to the server only after this turn of the event loop. */
  function leave(guest: Guest | undefined): void {
    if (guest === undefined) return;
    guests.delete(keyOf(guest.socket));
    guest.socket.destroy();
  }

  return {
    disperse() {
      for (const { socket } of [...guests.values()]) socket.destroy();
    },
  };
}

function nextToGo(guests: ReadonlyMap<string, Guest>): Guest | undefined {
  const byAddress = new Map<string, Guest[]>();
  for (const guest of guests.values()) {
    const known = byAddress.get(guest.address);
    if (known === undefined) byAddress.set(guest.address, [guest]);
    else known.push(guest);
  }
  let most: readonly Guest[] = [];
  for (const some of byAddress.values()) if (some.length > most.length) most = some;
  return (
    most.find(({ response }) => response === undefined) ??
    most.find(({ response }) => response?.writableEnded) ??
    most[0]
  );
}

function keyOf({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
