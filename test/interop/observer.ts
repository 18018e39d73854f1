/** Hubble's Observer service asked directly, without Crosstalk: what a server answers, as it comes. */
import { fileURLToPath } from 'node:url';
import {
  Client,
  credentials,
  type ChannelCredentials,
  type ChannelOptions,
  type MethodDefinition,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** A decoded message: names as in the .proto files, enums as names, numbers as numbers. */
export interface AnsweredFlow {
  readonly uuid: string;
  readonly node_name: string;
  readonly verdict: string;
  readonly time: { readonly seconds: number } | null;
  readonly trace_reason: string;
  readonly drop_reason_desc: string;
  readonly source: { readonly pod_name: string; readonly cluster_name: string } | null;
  readonly l4: { readonly TCP?: { readonly destination_port: number } } | null;
  readonly ingress_allowed_by: readonly { readonly name: string; readonly kind: string }[];
  readonly ingress_denied_by: readonly { readonly name: string }[];
}

export interface AnsweredLoss {
  readonly source: string;
  readonly num_events_lost: number;
  readonly node_name: string;
}

export interface AnsweredStatus {
  readonly state_change: string;
  readonly node_names: readonly string[];
  readonly message: string;
}

/** What a stream has brought so far. */
export interface Following {
  readonly flows: readonly AnsweredFlow[];
  readonly lost: readonly AnsweredLoss[];
  readonly statuses: readonly AnsweredStatus[];
  /** Why it ended, if it did, in the server's words. */
  readonly errors: readonly string[];
  end(): void;
}

interface Answer {
  readonly flow?: AnsweredFlow;
  readonly lost_events?: Omit<AnsweredLoss, 'node_name'>;
  readonly node_status?: AnsweredStatus;
  readonly node_name: string;
}

const service = loadSync('observer/observer.proto', {
  includeDirs: [fileURLToPath(new URL('../../proto', import.meta.url))],
  keepCase: true,
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
})['observer.Observer'] as ServiceDefinition;

type Method = 'GetFlows' | 'GetNodes' | 'ServerStatus';
const method = (name: Method): MethodDefinition<object, object> =>
  service[name] as MethodDefinition<object, object>;

/** `flow.Flow` messages each preceded by its length, as a node's control port takes them. */
export function flowBytes(flow: object): Uint8Array {
  // A GetFlowsResponse with nothing but a flow is tag, length, flow: less the tag it is what the port takes.
  return method('GetFlows').responseSerialize({ flow }).subarray(1);
}

/** Follows the flows of the last minute, or what `request` says. */
export function follow(
  address: string,
  request: object = {},
  security: ChannelCredentials = credentials.createInsecure(),
  options: ChannelOptions = {},
): Following {
  const client = new Client(address, security, options);
  const { path, requestSerialize, responseDeserialize } = method('GetFlows');
  const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {
    follow: true,
    since: { seconds: Math.floor(Date.now() / 1000) - 60 },
    ...request,
  });
  const flows: AnsweredFlow[] = [];
  const lost: AnsweredLoss[] = [];
  const statuses: AnsweredStatus[] = [];
  const errors: string[] = [];
  stream.on('data', (data: object) => {
    const { flow, lost_events, node_status, node_name } = data as Answer;
    if (flow !== undefined) flows.push(flow);
    if (lost_events !== undefined) lost.push({ ...lost_events, node_name });
    if (node_status !== undefined) statuses.push(node_status);
  });
  stream.on('error', ({ message }: Error) => errors.push(message));
  return {
    flows,
    lost,
    statuses,
    errors,
    end() {
      stream.cancel();
      client.close();
    },
  };
}

/** Asks one question; rejects with the server's refusal. */
export function ask(address: string, name: 'GetNodes' | 'ServerStatus'): Promise<Record<string, unknown>> {
  const client = new Client(address, credentials.createInsecure());
  const { path, requestSerialize, responseDeserialize } = method(name);
  return new Promise<Record<string, unknown>>((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, {}, (error, answer) => {
      if (error !== null) reject(error);
      else resolve(answer as Record<string, unknown>);
    });
  }).finally(() => {
    client.close();
  });
}
