import { fileURLToPath } from 'node:url';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';

/** One call of a service: its HTTP/2 path, and both messages as bytes and as objects. */
export interface Codec<Request, Response> {
  readonly path: string;
  readonly decode: (bytes: Buffer) => Request;
  readonly encode: (message: Response) => Buffer;
}

/** Field names as in proto/, enums and 64-bit numbers as numbers: a simulated node counts far below 2^53. */
const OPTIONS = {
  keepCase: true,
  longs: Number,
  includeDirs: [fileURLToPath(new URL('../../proto/', import.meta.url))],
};

const services = new Map<string, ServiceDefinition>();

/**
 * @param file under proto/
 * @param service with its package: `observer.Observer`
 * @throws where proto/ has no such call
 */
export function codec<Request, Response>(
  file: string,
  service: string,
  method: string,
): Codec<Request, Response> {
  const definition = (services.get(service) ?? load(file, service))[method];
  if (definition === undefined) throw new Error(`simulator: proto/${file} has no ${service}/${method}`);
  return {
    path: definition.path,
    decode: (bytes) => definition.requestDeserialize(bytes) as Request,
    encode: (message) => definition.responseSerialize(withoutDefaults(message) as object),
  };
}

/** Read when a simulator starts, not when the module is loaded: the daemon has no use for it. */
function load(file: string, service: string): ServiceDefinition {
  const definition = loadSync(file, OPTIONS)[service];
  if (definition === undefined || 'format' in definition) {
    throw new Error(`simulator: proto/${file} has no service ${service}`);
  }
  services.set(service, definition);
  return definition;
}

/**
 * Go writes no scalar that has protobuf's default value, protobufjs writes
 * whatever is set. The difference shows: `is_reply: false` is a wrapper with
 * nothing in it, and a trace's sub type 0 is not there at all.
 */
function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return typeof value[0] === 'object' ? value.map(withoutDefaults) : value;
  if (typeof value !== 'object' || value === null) return value;
  const kept: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member !== 0 && member !== '' && member !== false && member !== undefined) {
      kept[name] = withoutDefaults(member);
    }
  }
  return kept;
}
