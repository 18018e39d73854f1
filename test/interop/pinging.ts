/** A client that reads flows and pings as it is told: what a Go server puts up with. */
import { fileURLToPath } from 'node:url';
import {
  Client,
  credentials,
  logVerbosity,
  type MethodDefinition,
  type ServiceDefinition,
  setLogVerbosity,
  type StatusObject,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

// It would tell on stderr what the test is about.
setLogVerbosity(logVerbosity.NONE);

const definitions = loadSync(['observer/observer.proto', 'grpc/health/v1/health.proto'], {
  includeDirs: [fileURLToPath(new URL('../../proto/', import.meta.url))],
  keepCase: true,
});

function method(service: string, name: string): MethodDefinition<object, object> {
  return (definitions[service] as ServiceDefinition)[name] as MethodDefinition<object, object>;
}

export interface Following {
  /** How its stream ended; undefined while it stands. */
  ended(): StatusObject | undefined;
  close(): void;
}

/** Follows the flows of a server, with keepalive pings and health checks this often (none without). */
export function follow(
  address: string,
  { pingEveryMs, checkEveryMs }: { pingEveryMs: number; checkEveryMs?: number },
): Following {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.keepalive_time_ms': pingEveryMs,
    'grpc.enable_retries': 0,
    'grpc.use_local_subchannel_pool': 1,
  });
  let status: StatusObject | undefined;
  const flows = method('observer.Observer', 'GetFlows');
  const call = client.makeServerStreamRequest(flows.path, flows.requestSerialize, flows.responseDeserialize, {
    follow: true,
  });
  call.on('error', () => undefined);
  call.on('data', () => undefined);
  call.on('status', (ended) => (status = ended));
  const check = method('grpc.health.v1.Health', 'Check');
  const checking =
    checkEveryMs === undefined
      ? undefined
      : setInterval(
          () =>
            client.makeUnaryRequest(
              check.path,
              check.requestSerialize,
              check.responseDeserialize,
              {},
              () => undefined,
            ),
          checkEveryMs,
        );
  return {
    ended: () => status,
    close() {
      clearInterval(checking);
      call.cancel();
      client.close();
    },
  };
}
