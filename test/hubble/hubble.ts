/** A Hubble of the test's own on a real port: each RPC does what the test says. */
import { fileURLToPath } from 'node:url';
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  loadPackageDefinition,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type ServiceClientConstructor,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const definitions = loadSync(['observer/observer.proto', 'grpc/health/v1/health.proto'], {
  includeDirs: [fileURLToPath(new URL('../../proto/', import.meta.url))],
  keepCase: true,
  longs: Number,
});
const packages = loadPackageDefinition(definitions) as unknown as {
  observer: { Observer: ServiceClientConstructor };
  grpc: { health: { v1: { Health: ServiceClientConstructor } } };
};

export type FlowsCall = ServerWritableStream<Record<string, unknown>, object>;
export interface Rpcs {
  GetFlows?: (call: FlowsCall) => void;
  GetNodes?: () => object;
  ServerStatus?: () => object;
  Check?: () => object | undefined;
}

/** Fails a call with a gRPC status. */
export function refuse(code: number, details: string): never {
  throw Object.assign(new Error(details), { code, details });
}

/** A unary handler that answers with what `answer` returns or throws; undefined: never. */
function unary(answer: (() => object | undefined) | undefined): handleUnaryCall<object, object> {
  return (_call, callback: sendUnaryData<object>) => {
    if (answer === undefined) {
      callback({ code: status.UNIMPLEMENTED, details: 'not implemented' });
      return;
    }
    try {
      const reply = answer();
      if (reply !== undefined) callback(null, reply);
    } catch (error) {
      callback(error as Error);
    }
  };
}

export interface RunningHubble {
  readonly server: string;
  readonly grpc: Server;
  stop(): void;
}

/** Starts it on a free port of 127.0.0.1, or on a unix socket. */
export async function startHubble(
  rpcs: Rpcs,
  {
    credentials = ServerCredentials.createInsecure(),
    unix,
  }: { credentials?: ServerCredentials; unix?: string } = {},
): Promise<RunningHubble> {
  const grpc = new Server();
  const flows: handleServerStreamingCall<Record<string, unknown>, object> = (call) => {
    if (rpcs.GetFlows === undefined)
      call.emit('error', { code: status.UNIMPLEMENTED, details: 'not implemented' });
    else rpcs.GetFlows(call);
  };
  grpc.addService(packages.observer.Observer.service, {
    GetFlows: flows,
    GetNodes: unary(rpcs.GetNodes),
    ServerStatus: unary(rpcs.ServerStatus),
  });
  if (rpcs.Check !== undefined)
    grpc.addService(packages.grpc.health.v1.Health.service, { Check: unary(rpcs.Check), Watch: flows });
  const bound = await new Promise<number>((resolve, reject) => {
    grpc.bindAsync(unix === undefined ? '127.0.0.1:0' : `unix://${unix}`, credentials, (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
  return {
    server: unix === undefined ? `127.0.0.1:${bound}` : `unix://${unix}`,
    grpc,
    stop: () => grpc.forceShutdown(),
  };
}

export const connected = (...node_names: string[]) => ({
  node_status: { state_change: 'NODE_CONNECTED', node_names },
});
