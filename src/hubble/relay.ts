import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import {
  type ChannelCredentials,
  Client,
  connectivityState,
  credentials,
  logVerbosity,
  Metadata,
  type MethodDefinition,
  type ServiceDefinition,
  type ServiceError,
  setLogVerbosity,
  status as statusCode,
  type StatusObject,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Flow, HubbleEvent } from '../model.js';
import { type Certificates, readCertificates, type TlsSettings, watchCertificates } from './certificates.js';
import { CHANNEL_OPTIONS, serverNameOptions } from './channel.js';
import type {
  Connect,
  FlowsListener,
  Health,
  NodeReport,
  NodesAnswer,
  RelayConnection,
} from './connection.js';
import { Batch } from './batch.js';
import type { Decode } from './decode.js';
import { diagnose } from './diagnose.js';
import { type CallStatus, fromStatus, isAnswer } from './endings.js';
import { type Failure, failure, RelayError } from './failures.js';
import type { FlowsRequest } from './request.js';
import { takeShortcut } from './shortcut.js';
import { grpcTarget, type Target } from './target.js';
import type { Timers } from './timers.js';

/** What is needed to connect, read anew for every connection. */
export interface RelayOptions {
  readonly target: Target;
  /** undefined: plaintext. */
  readonly tls: TlsSettings | undefined;
  /** Total: it must not throw, or grpc-js ends the stream and the re-read brings the same bytes again. */
  readonly decode: Decode;
  readonly timers: Timers;
  /** Certificate files that changed into something unusable. */
  readonly fileTrouble: (message: string) => void;
  /** Flows are read the ordinary, slower way through grpc-js, and why: told for each stream. */
  readonly plainReading: (why: string) => void;
}

interface NodeReply {
  name?: string;
  address?: string;
  state?: number;
  version?: string;
  uptime_ns: number;
  num_flows: number;
  max_flows: number;
  seen_flows: number;
}

// grpc-js writes its own lines to stderr ("Increasing ping interval to …"), which would stand between
// our JSON lines; every one of them is about an end that is told with its reason anyway.
setLogVerbosity(logVerbosity.NONE);

const { version: grpcVersion } = createRequire(import.meta.url)('@grpc/grpc-js/package.json') as {
  version: string;
};

const PROTO = fileURLToPath(new URL('../../proto/', import.meta.url));
const definitions = loadSync(['observer/observer.proto', 'grpc/health/v1/health.proto'], {
  includeDirs: [PROTO],
  keepCase: true,
  // No number we read comes near 2^53 but uptimes, and those only lose nanoseconds.
  longs: Number,
  defaults: true,
});
const observer = definitions['observer.Observer'] as ServiceDefinition;
const health = definitions['grpc.health.v1.Health'] as ServiceDefinition;

/** `relay.NodeState` */
const NODE_STATES: Readonly<Record<number, NodeReport['state']>> = { 1: 'connected', 4: 'error' };
/** `grpc.health.v1.HealthCheckResponse.ServingStatus` SERVING */
const SERVING = 1;
/** A cut connection ends its calls within a turn or two of the event loop; after this, a stream that goes on was left behind on purpose. */
const LEFT_BEHIND_MS = 250;

/** How this process reaches Hubble; nothing happens before the first connection. */
export function createConnect(options: RelayOptions): Connect {
  return async (move) => {
    const certificates = options.tls === undefined ? undefined : await readCertificates(options.tls);
    return new Connection(options, certificates, move);
  };
}

function channelCredentials(
  tls: TlsSettings | undefined,
  found: Certificates | undefined,
): ChannelCredentials {
  if (tls === undefined || found === undefined) return credentials.createInsecure();
  return credentials.createSsl(found.ca ?? null, found.key ?? null, found.cert ?? null, {
    rejectUnauthorized: !tls.insecure,
  });
}

/** proto-loader's definitions are typed for any service. */
function method(service: ServiceDefinition, name: string): MethodDefinition<object, object> {
  const found = service[name] as MethodDefinition<object, object> | undefined;
  if (found === undefined) throw new Error(`proto/ has no method ${name}`);
  return found;
}
const GET_FLOWS = method(observer, 'GetFlows');
const GET_NODES = method(observer, 'GetNodes');
const SERVER_STATUS = method(observer, 'ServerStatus');
const CHECK = method(health, 'Check');

function report(node: NodeReply): NodeReport {
  return {
    name: node.name ?? '',
    address: node.address ?? '',
    state: node.state === undefined ? 'connected' : (NODE_STATES[node.state] ?? 'unavailable'),
    version: node.version ?? '',
    uptimeMs: node.uptime_ns / 1e6,
    numFlows: node.num_flows,
    maxFlows: node.max_flows,
    seenFlows: node.seen_flows,
  };
}

/** Who takes what a server stream brings, in this order. */
interface StreamReader {
  headers?(headers: Metadata): void;
  message(event: HubbleEvent): void;
  /** Once. */
  ended(status: StatusObject): void;
}

class Connection implements RelayConnection {
  private readonly options: RelayOptions;
  private readonly certificates: Certificates | undefined;
  private readonly move: (failure: Failure) => void;
  private readonly client: Client;
  private readonly stopWatch: () => void;
  /** Whether the other side ever spoke HTTP/2 with us: before that, errors are about reaching it. */
  private reached = false;
  private streams = 0;
  private closed = false;

  constructor(
    options: RelayOptions,
    certificates: Certificates | undefined,
    move: (failure: Failure) => void,
  ) {
    const { target, tls, timers, fileTrouble } = options;
    this.options = options;
    this.certificates = certificates;
    this.move = move;
    this.client = new Client(grpcTarget(target), channelCredentials(tls, certificates), {
      ...CHANNEL_OPTIONS,
      ...serverNameOptions(tls?.serverName),
    });
    this.watchState();
    const changed = (): void => move(failure('certificates_changed', 'the certificate files changed'));
    this.stopWatch =
      tls === undefined || certificates === undefined
        ? () => undefined
        : watchCertificates({ tls, current: certificates, timers, changed, trouble: fileTrouble });
  }

  flows(request: FlowsRequest, listener: FlowsListener): { cancel(): void } {
    let over = false;
    this.streams += 1;
    const call = this.stream(request, {
      headers(headers) {
        const version = (key: string): string => headers.get(key).map(String)[0] ?? '';
        if (!over) listener.versions(version('hubble-relay-version'), version('hubble-server-version'));
      },
      message: (event) => listener.message(event),
      ended: (status) => {
        this.streams -= 1;
        if (over) return;
        void this.explain(status).then((why) => {
          if (!over) listener.ended(why);
        });
      },
    });
    return {
      cancel() {
        over = true;
        call.cancel();
      },
    };
  }

  read(request: FlowsRequest, deadlineMs: number): Promise<readonly Flow[]> {
    return this.collect(request, deadlineMs, 'refuse');
  }

  readFor(request: FlowsRequest, ms: number): Promise<readonly Flow[]> {
    return this.collect(request, ms, 'take');
  }

  async health(deadlineMs: number): Promise<Health> {
    try {
      const { status } = await this.unary<{ status: number }>(CHECK, { service: '' }, deadlineMs);
      return status === SERVING ? 'serving' : 'not_serving';
    } catch (error) {
      if (error instanceof RelayError && error.answered) return 'answered';
      throw error;
    }
  }

  async nodes(deadlineMs: number): Promise<NodesAnswer> {
    try {
      const { nodes } = await this.unary<{ nodes: NodeReply[] }>(GET_NODES, {}, deadlineMs);
      return { kind: 'relay', nodes: nodes.map(report) };
    } catch (error) {
      if (!(error instanceof RelayError) || error.failure.reason !== 'unimplemented') throw error;
      // A node's own Hubble does not implement GetNodes (observer/local_observer.go); its status says the same of itself.
      return { kind: 'node', nodes: [report(await this.unary<NodeReply>(SERVER_STATUS, {}, deadlineMs))] };
    }
  }

  whySilent(): Promise<Failure> {
    return this.explain({ code: undefined, details: 'no message came' }, 'first_message_timeout');
  }

  close(): void {
    this.closed = true;
    this.stopWatch();
    this.client.close();
  }

  /**
   * A server stream, read on the channel's own calls: `Client` would put a Node.js
   * stream of objects in between, which costs each flow a tenth of all it costs, and
   * messages take the {@link takeShortcut shortcut} past what those calls do with
   * each (docs/performance.md). Nothing comes after `ended` or `cancel()`.
   */
  private stream(request: FlowsRequest, reader: StreamReader): { cancel(): void } {
    const { path, requestSerialize } = GET_FLOWS;
    const { decode, plainReading } = this.options;
    const call = this.client.getChannel().createCall(path, Infinity, null, null, null);
    const batch = new Batch(decode, (event) => reader.message(event));
    call.start(new Metadata(), {
      onReceiveMetadata(headers) {
        const why = takeShortcut(call, grpcVersion, batch);
        if (why !== undefined) plainReading(why);
        reader.headers?.(headers);
      },
      onReceiveMessage(bytes: Buffer) {
        batch.take(bytes, 0, bytes.length);
        if (batch.flush()) call.startRead();
      },
      onReceiveStatus: (status) => reader.ended(status),
    });
    call.sendMessageWithContext({}, requestSerialize(request));
    call.halfClose();
    call.startRead();
    return {
      cancel() {
        batch.stop();
        call.cancelWithStatus(statusCode.CANCELLED, 'cancelled');
      },
    };
  }

  /** @param late what to do with flows of which there may be more when the time is up */
  private collect(
    request: FlowsRequest,
    deadlineMs: number,
    late: 'refuse' | 'take',
  ): Promise<readonly Flow[]> {
    return new Promise((resolve, reject) => {
      const flows: Flow[] = [];
      const call = this.stream(request, {
        message(event) {
          if (event.kind === 'flow') flows.push(event.flow);
        },
        ended(status) {
          stopWaiting();
          if (status.code === statusCode.OK) resolve(flows);
          else reject(refused(status));
        },
      });
      const stopWaiting = this.within(deadlineMs, call, late === 'take' ? () => resolve(flows) : reject);
    });
  }

  private unary<Reply>(
    definition: MethodDefinition<object, object>,
    request: object,
    deadlineMs: number,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, reply?: object): void => {
        stopWaiting();
        if (error !== null) reject(refused(error));
        else resolve(reply as Reply);
      };
      const { path, requestSerialize, responseDeserialize } = definition;
      const call = this.client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, done);
      const stopWaiting = this.within(deadlineMs, call, reject);
    });
  }

  /**
   * Gives a call that long. gRPC's own deadlines are points of the wall clock,
   * which may be set while we wait; timers only ever run forward.
   */
  private within(deadlineMs: number, call: { cancel(): void }, reject: (error: Error) => void): () => void {
    return this.options.timers.after(deadlineMs, () => {
      reject(new RelayError(failure('stalled', `no answer within ${deadlineMs} ms`), false));
      call.cancel();
    });
  }

  /** Why a call ended: by its status if the server was ever reached, else by knocking at its door. */
  private async explain(status: CallStatus, otherwise?: 'first_message_timeout'): Promise<Failure> {
    if (this.reached)
      return otherwise === undefined ? fromStatus(status) : failure(otherwise, status.details);
    const { target, tls } = this.options;
    const certificates = this.certificates;
    const door = {
      target,
      tls: tls === undefined || certificates === undefined ? undefined : { settings: tls, certificates },
    };
    const found = await diagnose(door).catch(() => undefined);
    return found ?? (isAnswer(status) ? fromStatus(status) : failure('unreachable', status.details));
  }

  /**
   * Follows the channel. It leaves READY when the connection breaks, which ends
   * the stream by itself, and on a graceful GOAWAY, which does not: the stream
   * stays on the old connection, health checks go to a new one, and nobody
   * would notice when the old one dies.
   */
  private watchState(): void {
    const channel = this.client.getChannel();
    const state = channel.getConnectivityState(false);
    if (state === connectivityState.READY) this.reached = true;
    channel.watchConnectivityState(state, Infinity, () => {
      if (this.closed) return;
      if (state === connectivityState.READY)
        this.options.timers.after(LEFT_BEHIND_MS, () => this.leftBehind());
      this.watchState();
    });
  }

  private leftBehind(): void {
    if (this.closed || this.streams === 0) return;
    this.move(failure('goaway', 'the server announced that it closes this connection'));
  }
}

function refused(status: CallStatus | StatusObject | ServiceError): RelayError {
  return new RelayError(fromStatus(status), isAnswer(status));
}
