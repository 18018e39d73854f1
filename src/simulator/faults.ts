import { HubbleVerdict } from '../model.js';
import { GrpcCode, type Call, type Status } from './call.js';
import { codecs } from './messages.js';
import type { GrpcServer } from './server.js';
import { wireTime } from './wire.js';

/**
 * Everything that has been seen to go wrong between a relay and its client,
 * each as one call. Those that end connections leave the relay listening; only
 * {@link RelayFaults.stop} does not.
 */
export class RelayFaults {
  readonly #server: GrpcServer;
  readonly #address: string;

  constructor(server: GrpcServer, address: string) {
    this.#server = server;
    this.#address = address;
  }

  /** Connections that clients hold now. */
  get connections(): number {
    return this.#server.connections;
  }

  /** GetFlows calls in progress. */
  get streams(): number {
    return this.#flowCalls().length;
  }

  /** TCP RST on every connection: a process that crashed, a firewall. */
  reset(): void {
    this.#server.reset();
  }

  /** TCP FIN on every connection: a process that ended. */
  disconnect(): void {
    this.#server.disconnect();
  }

  /** Accepts and answers nothing, and ends nothing: SIGSTOP, a black hole. */
  freeze(): void {
    this.#server.freeze();
  }

  thaw(): void {
    this.#server.thaw();
  }

  /** GOAWAY without an error: streams go on. */
  goaway(): void {
    this.#server.goaway();
  }

  /** GOAWAY ENHANCE_YOUR_CALM, `too_many_pings`, and the connection closes. */
  tooManyPings(): void {
    this.#server.tooManyPings();
  }

  /** Flow streams end: OK by default, which for a stream that follows is as bad as an error. */
  endStreams(status: Status = { code: GrpcCode.OK }): void {
    for (const call of this.#flowCalls()) call.end(status);
  }

  /** Flow streams end by RST_STREAM, without a status. */
  resetStreams(http2Code?: number): void {
    for (const call of this.#flowCalls()) call.reset(http2Code);
  }

  /** A message of the right frame that is no protobuf. */
  garbage(): void {
    this.#send(Buffer.from('ffffffffffffffffffffffff07', 'hex'));
  }

  /** A message that ends in the middle of a field. */
  truncated(): void {
    this.#send(this.#flow().subarray(0, 40));
  }

  /** A readable message with `bytes` bytes in a field that nobody knows. */
  huge(bytes: number): void {
    // Field 2047, length-delimited: what a newer server might send.
    const prefix = Buffer.from([0xfa, 0x7f, ...varint(bytes)]);
    this.#send(Buffer.concat([prefix, Buffer.alloc(bytes, 0x2a)]));
  }

  /** A frame that claims compression although none was agreed on. */
  compressed(): void {
    for (const call of this.#flowCalls()) call.send(this.#flow(), 1);
  }

  /** A flow, a node status and a loss with enum numbers of the future. */
  unknownEnums(): void {
    this.#send(this.#flow());
    const time = wireTime(Date.now());
    this.#send(
      codecs().getFlows.encode({ node_status: { state_change: 99, node_names: ['worker-9'] }, time }),
    );
    this.#send(codecs().getFlows.encode({ lost_events: { source: 99, num_events_lost: 3 }, time }));
  }

  /** Bytes in the connection that are not HTTP/2 at all. */
  inject(bytes: Buffer = Buffer.from('HTTP/1.1 502 Bad Gateway\r\n\r\n')): void {
    this.#server.inject(bytes);
  }

  /** The relay is gone: connections break, new ones are refused. */
  async stop(): Promise<void> {
    this.#server.reset();
    await this.#server.close();
  }

  /** The relay is back, on the same port. */
  async start(): Promise<void> {
    await this.#server.listen(this.#address);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  #flowCalls(): Call[] {
    const { path } = codecs().getFlows;
    return [...this.#server.calls].filter((call) => call.method === path);
  }

  #send(message: Buffer): void {
    for (const call of this.#flowCalls()) call.send(message);
  }

  /** Of a Cilium that does not exist yet. */
  #flow(): Buffer {
    const time = wireTime(Date.now());
    const nobody = { identity: 0, labels: [] };
    const flow = {
      uuid: '00000000-0000-4000-8000-000000000099',
      time,
      verdict: 90 + HubbleVerdict.TRANSLATED,
      IP: { source: '10.0.0.1', destination: '10.0.0.2', ipVersion: 9 },
      source: nobody,
      destination: nobody,
      Type: 99,
      node_name: 'worker-9',
      node_labels: [],
      event_type: { type: 99, sub_type: 99 },
      traffic_direction: 99,
      trace_observation_point: 99,
      trace_reason: 99,
      drop_reason_desc: 9999,
      Summary: 'from the future',
    };
    return codecs().getFlows.encode({ flow, node_name: flow.node_name, time });
  }
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return [...bytes, rest];
}
