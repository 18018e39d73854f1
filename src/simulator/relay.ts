import { GrpcCode, type Call } from './call.js';
import { Health } from './health.js';
import { codecs, type NodeInfo, type ServerStatusResponse } from './messages.js';
import type { HubbleNode } from './node.js';
import { PooledNode } from './pool.js';
import { RelayStream, type RelayPeer, type RelayTimings } from './relaystream.js';
import type { Handler } from './server.js';
import { NodeStateNumber } from './wire.js';

/** How many unavailable nodes a relay names at most (relay/observer/server.go). */
const UNAVAILABLE_NAMED = 10;

/**
 * Hubble Relay in front of simulated nodes: what a real one answers, without
 * the second hop. Its nodes are asked in the same process.
 */
export class Relay {
  readonly #pool = new Map<string, PooledNode>();
  readonly #timings: RelayTimings;
  readonly #version: string;
  readonly #health = new Health(false);
  readonly #streams = new Set<RelayStream>();
  #healthTimer: NodeJS.Timeout | undefined;

  constructor(options: { readonly timings: RelayTimings; readonly version: string }) {
    this.#timings = options.timings;
    this.#version = options.version;
  }

  /** @param address as GetNodes tells it */
  add(node: HubbleNode, address: string): void {
    this.#pool.set(node.name, new PooledNode(node, address));
    this.checkHealth();
  }

  remove(name: string): void {
    const peer = this.#pool.get(name);
    this.#pool.delete(name);
    peer?.hangUp();
  }

  /** Whether everything that the nodes have for the open streams has been read and handed to the network. */
  get idle(): boolean {
    return [...this.#streams].every((stream) => stream.idle);
  }

  /** Begins to look after its health, as often as a relay does. */
  start(): void {
    this.checkHealth();
    this.#healthTimer = setInterval(() => this.checkHealth(), this.#timings.healthCheckMs);
    this.#healthTimer.unref();
  }

  stop(): void {
    clearInterval(this.#healthTimer);
  }

  /** Serving needs one node that is available. */
  checkHealth(): void {
    this.#health.set([...this.#pool.values()].some((peer) => peer.available()));
  }

  handlers(): Map<string, Handler> {
    const { getFlows, getNodes, serverStatus } = codecs();
    return new Map<string, Handler>([
      [
        getFlows.path,
        (call, bytes) => {
          const request = getFlows.decode(bytes);
          const peers = (): readonly RelayPeer[] => [...this.#pool.values()];
          const stream = new RelayStream({
            call,
            request,
            peers,
            timings: this.#timings,
            nodeName: 'hubble-relay',
          });
          this.#streams.add(stream);
          call.onClosed(() => this.#streams.delete(stream));
        },
      ],
      [getNodes.path, (call) => answer(call, this.#nodes(), (nodes) => getNodes.encode({ nodes }))],
      [serverStatus.path, (call) => answer(call, this.#status(), (status) => serverStatus.encode(status))],
      ...this.#health.handlers(),
    ]);
  }

  /** Asks every available node for its status: a frozen one keeps the client waiting. */
  async #nodes(): Promise<NodeInfo[]> {
    return Promise.all(
      [...this.#pool.values()].map(async (peer): Promise<NodeInfo> => {
        const { name, address, node } = peer;
        const known = { name, address, tls: { enabled: false, server_name: '' } };
        if (!peer.available()) return { ...known, state: NodeStateNumber.UNAVAILABLE };
        if (node.state === 'down') return { ...known, state: NodeStateNumber.ERROR };
        await node.responsive();
        const { version, uptime_ns, num_flows, max_flows, seen_flows } = node.status();
        return {
          ...known,
          state: NodeStateNumber.CONNECTED,
          version,
          uptime_ns,
          num_flows,
          max_flows,
          seen_flows,
        };
      }),
    );
  }

  async #status(): Promise<ServerStatusResponse> {
    const nodes = await this.#nodes();
    const connected = nodes.filter((node) => node.state === NodeStateNumber.CONNECTED);
    const unavailable = nodes.filter((node) => node.state !== NodeStateNumber.CONNECTED);
    const sum = (field: 'num_flows' | 'max_flows' | 'seen_flows'): number =>
      connected.reduce((total, node) => total + (node[field] ?? 0), 0);
    return {
      version: `hubble-relay v${this.#version}`,
      num_flows: sum('num_flows'),
      max_flows: sum('max_flows'),
      seen_flows: sum('seen_flows'),
      // The oldest: a sum of ages would mean nothing.
      uptime_ns: Math.max(0, ...connected.map((node) => node.uptime_ns ?? 0)),
      num_connected_nodes: { value: connected.length },
      num_unavailable_nodes: { value: unavailable.length },
      unavailable_nodes: unavailable.slice(0, UNAVAILABLE_NAMED).map((node) => node.name),
    };
  }
}

function answer<T>(call: Call, result: Promise<T>, encode: (value: T) => Buffer): void {
  result.then(
    (value) => {
      call.send(encode(value));
      call.end();
    },
    (error: unknown) => call.end({ code: GrpcCode.INTERNAL, message: String(error) }),
  );
}
