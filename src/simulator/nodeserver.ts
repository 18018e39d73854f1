import { GrpcCode, GrpcError, type Status } from './call.js';
import { Health } from './health.js';
import { codecs } from './messages.js';
import { StreamEnd, type HubbleNode } from './node.js';
import type { PeerService } from './peerservice.js';
import { GrpcServer, type Handler } from './server.js';
import { serveReader } from './streams.js';

/** One node's Hubble as others reach it: in process always, by TCP where it listens. */
export class SimulatedNode {
  readonly hubble: HubbleNode;
  readonly #server: GrpcServer;
  #address: string | undefined;

  /** @param peers served too: a relay asks any node for the list of all */
  constructor(hubble: HubbleNode, peers: PeerService) {
    this.hubble = hubble;
    const handlers = new Map([...nodeHandlers(hubble), ...peers.handlers()]);
    this.#server = new GrpcServer({ handlers, headers: { 'hubble-server-version': hubble.version } });
  }

  /** `host:port`; undefined where the node does not listen. */
  get address(): string | undefined {
    return this.#address;
  }

  async listen(address: string): Promise<string> {
    this.#address = await this.#server.listen(address);
    return this.#address;
  }

  /**
   * The agent's process ends, and its memory with it.
   *
   * @param end what readers get to see; a broken connection by default
   */
  async kill(end: Status = StreamEnd.broken): Promise<void> {
    if (end === StreamEnd.broken) this.#server.reset();
    this.hubble.kill(end);
    // A status needs its connection until it has been sent.
    await this.#server.finished();
    await this.#server.close();
  }

  /** The agent's process begins, on the same port. */
  async start(): Promise<void> {
    this.hubble.start();
    if (this.#address !== undefined) await this.#server.listen(this.#address);
  }

  freeze(): void {
    this.hubble.freeze();
    this.#server.freeze();
  }

  thaw(): void {
    this.#server.thaw();
    this.hubble.thaw();
  }

  async close(): Promise<void> {
    await this.#server.close();
  }
}

function nodeHandlers(hubble: HubbleNode): [string, Handler][] {
  const { getFlows, getNodes, serverStatus } = codecs();
  return [
    [getFlows.path, (call, bytes) => serveReader(call, (wake) => hubble.read(getFlows.decode(bytes), wake))],
    [
      getNodes.path,
      () => {
        throw new GrpcError(GrpcCode.UNIMPLEMENTED, 'GetNodes not implemented');
      },
    ],
    [
      serverStatus.path,
      (call) => {
        call.send(serverStatus.encode(hubble.status()));
        call.end();
      },
    ],
    ...new Health(true).handlers(),
  ];
}
