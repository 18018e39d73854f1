/**
 * A cluster in memory with a clock of its own: nodes with rings, and a relay
 * over them that behaves as pkg/hubble/relay/observer (Cilium 1.19) does, with
 * its silences: it adds nodes without a word, tells errors late, never re-opens
 * a node whose stream ended in good order.
 */
import type { FlowsListener, NodeReport, NodesAnswer, RelayConnection } from '../../src/hubble/connection.js';
import { type Failure, failure, RelayError } from '../../src/hubble/failures.js';
import type { FlowsRequest } from '../../src/hubble/request.js';
import type { Timers } from '../../src/hubble/timers.js';
import type { Endpoint, Flow } from '../../src/model.js';

export const START = Date.UTC(2026, 10, 1);

/** A clock that stands until it is advanced, and the timers on it. */
export class FakeTime implements Timers {
  now = START;
  private due: { at: number; run: () => void }[] = [];
  readonly clock = (): number => this.now;

  after(ms: number, run: () => void): () => void {
    const entry = { at: this.now + Math.max(0, ms), run };
    this.due.push(entry);
    return () => {
      this.due = this.due.filter((other) => other !== entry);
    };
  }

  get pending(): number {
    return this.due.length;
  }

  /** Lets `ms` pass, timer by timer; what they set in motion settles before the next. */
  async advance(ms: number): Promise<void> {
    const until = this.now + ms;
    await settle();
    for (;;) {
      const next = this.due.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.due = this.due.filter((entry) => entry !== next);
      this.now = Math.max(this.now, next.at);
      next.run();
      await settle();
    }
    this.now = until;
  }
}

/** Lets promises that are ready run to their end. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

const ENDPOINT: Endpoint = { id: 1, identity: 1, namespace: 'ns', podName: 'p', labels: [], clusterName: '' };
let nextUuid = 0;

/** With its uuid as text. */
export type Emitted = Flow & { readonly uuid: string };

export function flowOf(nodeName: string, time: number, uuid = uuidOf(nextUuid++)): Emitted {
  return {
    time,
    uuid,
    nodeName,
    verdict: 1,
    dropReason: 0,
    sourceIp: '10.0.0.1',
    destinationIp: '10.0.0.2',
    l4: { protocol: 'tcp', sourcePort: 1, destinationPort: 2, flags: 2, icmpVersion: 0 },
    source: ENDPOINT,
    destination: ENDPOINT,
    eventType: 4,
    subType: 0,
    isReply: false,
    traceReason: 1,
    trafficDirection: 0,
    destinationService: '',
    allowedBy: [],
    deniedBy: [],
  };
}

export function uuidOf(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}

interface RingEntry {
  readonly flow: Flow;
  readonly judged: boolean;
}

export class FakeNode {
  readonly name: string;
  ring: RingEntry[] = [];
  seen = 0;
  startedAt: number;
  up = true;
  /** Answers questions, and streams nothing to anybody. */
  mute = false;
  /** Answers nobody and streams nothing, and the relay waits for it. */
  frozen = false;
  /** Behind a black hole: nothing reaches it or comes from it, and the relay, which is told nothing, waits for it. */
  cutOff = false;
  address = '10.0.0.1:4244';
  /** How far its clock is ahead of ours. */
  ahead = 0;
  readonly capacity: number;

  constructor(name: string, startedAt: number, capacity: number) {
    this.name = name;
    this.startedAt = startedAt;
    this.capacity = capacity;
  }
}

interface OpenStream {
  readonly request: FlowsRequest;
  readonly listener: FlowsListener;
  /** As in the relay: a node whose stream ended in good order stays in here. */
  readonly connected: Set<string>;
  /** Nodes whose flows it really brings, and what of each is on its way: a ring takes its time, and live flows wait behind it. */
  readonly reading: Map<string, { readonly flows: Flow[]; busy: boolean }>;
}

/** How many flows of a node arrive in one go, and how long the next take. */
const CHUNK = 5;
const CHUNK_MS = 150;
const FIRST_CHUNK_MS = 20;
/** How soon an answer that waits for a node comes when it can. */
const ASK_AGAIN_MS = 100;

/** Something for a connection to do instead of what a good one does. */
export interface Fault {
  /** The attempt to connect fails. */
  readonly connect?: Failure;
  /** Nothing ever comes; health is not answered. */
  readonly frozen?: boolean;
  /** Nodes answer a request with a mask with this. */
  readonly maskError?: string;
}

export class World {
  readonly time = new FakeTime();
  readonly nodes = new Map<string, FakeNode>();
  /** Faults of the coming connections, one each; then they are good. */
  readonly faults: Fault[] = [];
  /** Spoken to directly: no node status, no GetNodes. */
  single = false;
  /** What questions beside the stream answer. */
  nodesFail = false;
  /** How long the relay takes to hand on what its nodes say of themselves: as long as the slowest of them. */
  nodesTakeMs = 0;
  readsFail = false;
  healthFails = false;
  readonly requests: FlowsRequest[] = [];
  readonly reads: FlowsRequest[] = [];
  connections = 0;
  private current: FakeConnection | undefined;

  get someFrozen(): boolean {
    return [...this.nodes.values()].some(({ frozen }) => frozen);
  }

  get someCutOff(): boolean {
    return [...this.nodes.values()].some(({ cutOff }) => cutOff);
  }

  add(name: string, { capacity = 4095, startedAt = START - 3_600_000 } = {}): FakeNode {
    const node = new FakeNode(name, startedAt, capacity);
    this.nodes.set(name, node);
    return node;
  }

  readonly connect = (move: (why: Failure) => void): RelayConnection => {
    this.connections += 1;
    const fault = this.faults.shift() ?? {};
    if (fault.connect !== undefined) throw new RelayError(fault.connect, false);
    this.current = new FakeConnection(this, fault, move);
    return this.current;
  };

  /** One flow on a node, now; delivered to whoever reads it. `judged` false: only in the ring. */
  emit(name: string, { judged = true, uuid }: { judged?: boolean; uuid?: string } = {}): Emitted {
    const node = this.node(name);
    const flow = flowOf(name, this.time.now + node.ahead, uuid);
    node.seen += 1;
    node.ring.push({ flow, judged });
    if (node.ring.length > node.capacity) node.ring.shift();
    if (judged && node.up && !node.frozen && !node.cutOff) this.current?.pass(node, flow);
    return flow;
  }

  /** Ends the present stream as a broken connection does. */
  cut(why: Failure = failure('reset', 'Connection dropped')): void {
    this.current?.end(why);
  }

  move(why: Failure): void {
    this.current?.moveAway(why);
  }

  freeze(): void {
    if (this.current !== undefined) this.current.frozen = true;
  }

  /** The node's stream behind the relay fails; the relay tells so `late` ms later, and opens it again within 2 s. */
  failNode(name: string, late = 0, message = 'transport is closing'): void {
    this.current?.nodeFailed(name, late, message);
  }

  /** The node's stream behind the relay ends in good order: the relay never opens it again. */
  endNode(name: string): void {
    this.current?.nodeEnded(name);
  }

  cutOff(name: string): void {
    this.node(name).cutOff = true;
  }

  /** It can be reached again: what the relay asked of it meanwhile arrives at once. */
  reach(name: string): void {
    this.node(name).cutOff = false;
    this.current?.arrive();
  }

  /** The node's Hubble is gone, and its ring with it. */
  restartNode(name: string): void {
    const node = this.node(name);
    node.ring = [];
    node.seen = 0;
    node.startedAt = this.time.now;
  }

  say(event: Parameters<FlowsListener['message']>[0]): void {
    this.current?.say(event);
  }

  node(name: string): FakeNode {
    const found = this.nodes.get(name);
    if (found === undefined) throw new Error(`no node ${name}`);
    return found;
  }
}

class FakeConnection implements RelayConnection {
  frozen: boolean;
  private readonly world: World;
  private readonly fault: Fault;
  private readonly move: (why: Failure) => void;
  private stream: OpenStream | undefined;
  private closed = false;
  private stopCollecting: () => void = () => undefined;

  constructor(world: World, fault: Fault, move: (why: Failure) => void) {
    this.world = world;
    this.fault = fault;
    this.move = move;
    this.frozen = fault.frozen ?? false;
  }

  flows(request: FlowsRequest, listener: FlowsListener): { cancel(): void } {
    this.world.requests.push(request);
    const stream: OpenStream = { request, listener, connected: new Set(), reading: new Map() };
    this.stream = stream;
    this.later(5, () => this.begin(stream));
    return { cancel: () => (this.stream = undefined) };
  }

  private begin(stream: OpenStream): void {
    if (this.frozen) return;
    const { maskError } = this.fault;
    if (maskError !== undefined && stream.request.field_mask !== undefined) {
      if (this.world.single) this.end(failure('invalid_request', maskError));
      else
        this.say({
          kind: 'node_status',
          state: 'error',
          nodeNames: [...this.world.nodes.keys()],
          message: maskError,
          time: this.world.time.now,
        });
      return;
    }
    const nodes = [...this.world.nodes.values()];
    if (!this.world.single) {
      if (nodes.length === 0) {
        this.end(failure('closed_by_server', 'the server ended the stream'));
        return;
      }
      this.status(
        'connected',
        nodes.filter(({ up }) => up).map(({ name }) => name),
      );
      this.status(
        'unavailable',
        nodes.filter(({ up }) => !up).map(({ name }) => name),
      );
    }
    this.collect(stream);
  }

  private status(state: 'connected' | 'unavailable', nodeNames: string[]): void {
    if (nodeNames.length > 0)
      this.say({ kind: 'node_status', state, nodeNames, message: '', time: this.world.time.now });
  }

  private collect(stream: OpenStream): void {
    if (this.stream !== stream) return;
    this.readNodes(stream);
    this.stopCollecting = this.later(2000, () => this.collect(stream));
  }

  arrive(): void {
    if (this.stream !== undefined && !this.frozen) this.readNodes(this.stream);
  }

  private readNodes(stream: OpenStream): void {
    for (const node of this.world.nodes.values()) {
      if (!node.up || node.cutOff || stream.connected.has(node.name)) continue;
      stream.connected.add(node.name);
      stream.reading.set(node.name, { flows: [], busy: true });
      for (const { flow, judged } of node.ring) if (judged) this.pass(node, flow);
      // A question about the nodes may be answered before the first flow is here.
      this.later(FIRST_CHUNK_MS, () => this.pump(stream, node.name));
    }
  }

  /** A flow that the node's reader comes to: what is older than was asked for stays at the node. */
  pass(node: FakeNode, flow: Flow): void {
    const { stream } = this;
    const onTheWay = stream?.reading.get(node.name);
    if (stream === undefined || node.mute || onTheWay === undefined) return;
    const since = stream.request.since;
    if (since !== undefined && (flow.time ?? 0) < since.seconds * 1000 + since.nanos / 1e6) return;
    onTheWay.flows.push(flow);
    if (!onTheWay.busy) this.pump(stream, node.name);
  }

  private pump(stream: OpenStream, name: string): void {
    const onTheWay = stream.reading.get(name);
    if (this.stream !== stream || this.frozen || onTheWay === undefined) return;
    for (const flow of onTheWay.flows.splice(0, CHUNK)) stream.listener.message({ kind: 'flow', flow });
    onTheWay.busy = onTheWay.flows.length > 0;
    if (onTheWay.busy) this.later(CHUNK_MS, () => this.pump(stream, name));
  }

  say(event: Parameters<FlowsListener['message']>[0]): void {
    if (!this.frozen) this.stream?.listener.message(event);
  }

  end(why: Failure): void {
    const { stream } = this;
    this.stream = undefined;
    stream?.listener.ended(why);
  }

  moveAway(why: Failure): void {
    this.move(why);
  }

  nodeFailed(name: string, late: number, message: string): void {
    // A stream that has ended already cannot fail; and the relay would not notice.
    if (this.stream?.reading.delete(name) !== true) return;
    this.stream.connected.delete(name);
    const time = this.world.time.now;
    this.later(late, () =>
      this.say({ kind: 'node_status', state: 'error', nodeNames: [name], message, time }),
    );
  }

  nodeEnded(name: string): void {
    this.stream?.reading.delete(name);
  }

  async read(request: FlowsRequest): Promise<readonly Flow[]> {
    this.world.reads.push(request);
    const { readsFail, someFrozen, someCutOff } = this.world;
    if (readsFail || this.frozen || someFrozen || someCutOff) throw unanswered();
    return this.shown(request);
  }

  async readFor(request: FlowsRequest): Promise<readonly Flow[]> {
    return this.world.readsFail || this.frozen ? [] : this.shown(request);
  }

  private shown(request: FlowsRequest): readonly Flow[] {
    return [...this.world.nodes.values()]
      .filter(({ up, frozen, cutOff }) => up && !frozen && !cutOff)
      .flatMap(({ ring }) => {
        const entry = request.first === true ? ring[0] : ring.findLast(({ judged }) => judged);
        return entry === undefined ? [] : [entry.flow];
      });
  }

  health(deadlineMs: number): Promise<'serving'> {
    if (!this.frozen && !this.world.healthFails) return Promise.resolve('serving');
    return new Promise((_resolve, reject) => {
      this.world.time.after(deadlineMs, () => reject(unanswered()));
    });
  }

  async nodes(deadlineMs: number): Promise<NodesAnswer> {
    if (this.world.nodesFail || this.frozen || this.world.someFrozen) throw unanswered();
    for (let waited = 0; this.world.someCutOff; waited += ASK_AGAIN_MS) {
      if (waited >= deadlineMs) throw unanswered();
      await new Promise<void>((done) => void this.world.time.after(ASK_AGAIN_MS, done));
    }
    const reports = [...this.world.nodes.values()].map((node) => this.report(node));
    const { nodesTakeMs, time } = this.world;
    if (nodesTakeMs > 0) await new Promise<void>((done) => void time.after(nodesTakeMs, done));
    const [only] = reports;
    return this.world.single && only !== undefined
      ? { kind: 'node', nodes: [{ ...only, name: '' }] }
      : { kind: 'relay', nodes: reports };
  }

  private report(node: FakeNode): NodeReport {
    if (!node.up) {
      return {
        name: node.name,
        address: node.address,
        state: 'unavailable',
        version: '',
        uptimeMs: 0,
        numFlows: 0,
        maxFlows: 0,
        seenFlows: 0,
      };
    }
    return {
      name: node.name,
      address: node.address,
      state: 'connected',
      version: '1.19.4',
      uptimeMs: this.world.time.now - node.startedAt,
      numFlows: node.ring.length,
      maxFlows: node.capacity,
      seenFlows: node.seen,
    };
  }

  async whySilent(): Promise<Failure> {
    return failure('first_message_timeout', 'no message came');
  }

  close(): void {
    this.closed = true;
    this.stopCollecting();
  }

  private later(ms: number, run: () => void): () => void {
    return this.world.time.after(ms, () => {
      if (!this.closed) run();
    });
  }
}

function unanswered(): RelayError {
  return new RelayError(failure('stalled', 'Deadline exceeded'), false);
}
