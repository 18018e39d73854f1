import {
  credentials,
  loadPackageDefinition,
  status,
  type ChannelCredentials,
  type Client,
  type ClientReadableStream,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** What a stream has brought so far. Responses as grpc-js's default client decodes them. */
export interface Observed {
  readonly responses: Response[];
  readonly flows: Flow[];
  /** How it ended; undefined while it is open. */
  ended: { readonly code: number; readonly details: string } | undefined;
  readonly metadata: Record<string, unknown>;
  readonly cancel: () => void;
  readonly pause: () => void;
  readonly resume: () => void;
}

export interface Flow {
  readonly uuid: string;
  readonly time?: { readonly seconds: number; readonly nanos: number };
  readonly node_name: string;
  readonly verdict: number;
  readonly event_type?: { readonly type: number; readonly sub_type: number };
  readonly is_reply?: { readonly value: boolean } | null;
  readonly source?: {
    readonly pod_name: string;
    readonly labels: string[];
    readonly identity: number;
  } | null;
  readonly destination?: { readonly pod_name: string } | null;
  readonly l4?: Record<string, unknown> | null;
  readonly Summary: string;
}

export interface Response {
  readonly flow?: Flow;
  readonly node_status?: {
    readonly state_change: number;
    readonly node_names: string[];
    readonly message: string;
  };
  readonly lost_events?: { readonly source: number; readonly num_events_lost: number };
  readonly node_name: string;
  readonly time: { readonly seconds: number; readonly nanos: number } | null;
}

type Unary = (
  request: object,
  done: (error: ServiceError | null, response: Record<string, unknown>) => void,
) => void;
interface HubbleClient extends Client {
  readonly GetFlows: (request: object) => ClientReadableStream<Response>;
  readonly GetNodes: Unary;
  readonly ServerStatus: Unary;
  readonly Check: Unary;
}

const OPTIONS = { keepCase: true, longs: Number, defaults: true, oneofs: true, includeDirs: ['proto'] };

/** An ordinary Hubble client: the library's own, so that the simulator is not tested against itself. */
export class HubbleTestClient {
  readonly #client: HubbleClient;
  readonly #health: HubbleClient;

  constructor(
    address: string,
    creds: ChannelCredentials = credentials.createInsecure(),
    options: object = {},
  ) {
    const observer = clientOf('observer/observer.proto', ['observer', 'Observer']);
    const health = clientOf('grpc/health/v1/health.proto', ['grpc', 'health', 'v1', 'Health']);
    // A channel of its own: grpc-js shares connections between clients otherwise.
    const channel = { 'grpc.use_local_subchannel_pool': 1, ...options };
    this.#client = new observer(address, creds, channel) as HubbleClient;
    this.#health = new health(address, creds, channel) as HubbleClient;
  }

  observe(request: object): Observed {
    const stream = this.#client.GetFlows(request);
    const observed: Observed = {
      responses: [],
      flows: [],
      ended: undefined,
      metadata: {},
      cancel: () => stream.cancel(),
      pause: () => void stream.pause(),
      resume: () => void stream.resume(),
    };
    stream.on('data', (response: Response) => {
      observed.responses.push(response);
      if (response.flow) observed.flows.push(response.flow);
    });
    stream.on('metadata', (metadata) => Object.assign(observed.metadata, metadata.getMap()));
    stream.on(
      'error',
      (error: ServiceError) => (observed.ended ??= { code: error.code, details: error.details }),
    );
    stream.on('status', (end: StatusObject) => (observed.ended ??= { code: end.code, details: end.details }));
    return observed;
  }

  nodes(): Promise<Record<string, unknown>> {
    return unary(this.#client, 'GetNodes', {});
  }

  serverStatus(): Promise<Record<string, unknown>> {
    return unary(this.#client, 'ServerStatus', {});
  }

  health(service = ''): Promise<Record<string, unknown>> {
    return unary(this.#health, 'Check', { service });
  }

  close(): void {
    this.#client.close();
    this.#health.close();
  }
}

export const Code = status;

function unary(
  client: HubbleClient,
  method: 'GetNodes' | 'ServerStatus' | 'Check',
  request: object,
): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    client[method](request, (error, response) => {
      if (error === null) resolve(response);
      else reject(error);
    });
  });
}

function clientOf(
  file: string,
  path: string[],
): new (...args: ConstructorParameters<typeof Client>) => Client {
  let found: unknown = loadPackageDefinition(loadSync(file, OPTIONS));
  for (const name of path) found = (found as Record<string, unknown>)[name];
  return found as new (...args: ConstructorParameters<typeof Client>) => Client;
}

/** Waits until `what` holds; the test's own time limit is the only one. */
export async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
}
