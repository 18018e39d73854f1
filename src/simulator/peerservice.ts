import type { Call } from './call.js';
import { codecs } from './messages.js';
import type { Handler } from './server.js';

/** `peer.ChangeNotificationType`. */
const Change = { ADDED: 1, DELETED: 2, UPDATED: 3 } as const;

/**
 * peer.Peer/Notify: how a relay learns which nodes there are. It is told all of
 * them first and every change after that (cilium pkg/hubble/peer). Without TLS
 * information, because the simulated nodes speak plain text.
 */
export class PeerService {
  readonly #peers = new Map<string, string>();
  readonly #watching = new Set<Call>();

  /** @param address `host:port` of the node's Hubble */
  add(name: string, address: string): void {
    const known = this.#peers.get(name);
    if (known === address) return;
    this.#peers.set(name, address);
    this.#tellAll(name, address, known === undefined ? Change.ADDED : Change.UPDATED);
  }

  remove(name: string): void {
    const address = this.#peers.get(name);
    if (address === undefined) return;
    this.#peers.delete(name);
    this.#tellAll(name, address, Change.DELETED);
  }

  handlers(): [string, Handler][] {
    const { peerNotify } = codecs();
    return [
      [
        peerNotify.path,
        (call) => {
          this.#watching.add(call);
          call.onClosed(() => this.#watching.delete(call));
          for (const [name, address] of this.#peers) {
            call.send(peerNotify.encode({ name, address, type: Change.ADDED }));
          }
        },
      ],
    ];
  }

  #tellAll(name: string, address: string, type: number): void {
    for (const call of this.#watching) call.send(codecs().peerNotify.encode({ name, address, type }));
  }
}
