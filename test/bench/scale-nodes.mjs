// When events of a simulated cluster can be read: paced, through the nodes' rings
// and the relay's sort buffer, which make most of the delay on a quiet cluster.
import { Heap } from '../../dist/simulator/heap.js';
import { SortBuffer } from '../../dist/simulator/sortbuffer.js';

/** Something else happens at a node this often, as kubelet's probes of ten pods do: it lets the newest event out of the ring. */
const BACKGROUND_MS = 1000;
/** pkg/hubble/relay/defaults: SortBufferMaxLen, SortBufferDrainTimeout (Cilium 1.19). */
const SORT_BUFFER = { most: 100, drainMs: 1000 };

/** The rings: each keeps its newest event back until the next one comes (pkg/hubble/container/ring.go). */
export class Rings {
  /** Events seen, by node. */
  seen;
  #held;
  #release;
  #next = 0;
  #background;

  /** @param {(event: object) => void} release what can be read now */
  constructor(nodes, release, now) {
    this.seen = new Float64Array(nodes);
    this.#held = new Array(nodes);
    this.#release = release;
    this.#background = now;
  }

  happened(event) {
    const { node } = event;
    this.seen[node] += 1;
    this.#letOut(node);
    this.#held[node] = event;
  }

  /** What nobody asks for happens everywhere, in turn. */
  tick(now) {
    const nodes = this.#held.length;
    const due = Math.min(nodes, Math.floor(((now - this.#background) * nodes) / BACKGROUND_MS));
    if (due === 0) return;
    this.#background = now;
    for (let i = 0; i < due; i += 1) {
      this.seen[this.#next] += 1;
      this.#letOut(this.#next);
      this.#next = (this.#next + 1) % nodes;
    }
  }

  #letOut(node) {
    const held = this.#held[node];
    if (held === undefined) return;
    this.#held[node] = undefined;
    if (held.template !== undefined) this.#release(held);
  }
}

/** The relay's sorting (pkg/hubble/relay/observer/observer.go): `number` × peers flows are kept back, at most 100. */
export class Sorting {
  #buffer;
  #send;
  #lastArrival = 0;

  constructor({ number, peers, send }) {
    const wanted = number * peers;
    this.#buffer = new SortBuffer(wanted > 0 && wanted < SORT_BUFFER.most ? wanted : SORT_BUFFER.most);
    this.#send = send;
  }

  arrived(event, now) {
    this.#lastArrival = now;
    const out = this.#buffer.push(event);
    if (out !== undefined) this.#send(out);
  }

  /** After a second in which nothing came, what is older than that second leaves. */
  tick(now) {
    if (now - this.#lastArrival < SORT_BUFFER.drainMs) return;
    this.#lastArrival = now;
    for (const event of this.#buffer.popUntil(now - SORT_BUFFER.drainMs)) this.#send(event);
  }
}

/** Connections that begin at random, as of independent clients, and their events when they are due. */
export class Pace {
  #connections;
  #perSecond;
  #agenda = new Heap();
  #nextAt;
  #index = 0;

  /** @param {number} perSecond connections */
  constructor(connections, perSecond, now) {
    this.#connections = connections;
    this.#perSecond = perSecond;
    this.#nextAt = now;
  }

  /** @yields {{ event: object, time: number }} what has happened by now, in order */
  *due(now) {
    for (;;) {
      const first = this.#agenda.firstKey() ?? Infinity;
      if (this.#nextAt <= now && this.#nextAt <= first) this.#begin();
      else if (first <= now) yield { time: first, event: this.#agenda.pop() };
      else return;
    }
  }

  #begin() {
    const connection = this.#connections[this.#index];
    this.#index = (this.#index + 1) % this.#connections.length;
    for (const event of connection) this.#agenda.push(this.#nextAt + event.delayMs, event);
    this.#nextAt += (-Math.log(1 - Math.random()) * 1000) / this.#perSecond;
  }
}
