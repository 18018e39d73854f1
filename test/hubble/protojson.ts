/** Messages as protobuf's JSON, the way Hubble's command line and exporter write them. */
import { fileURLToPath } from 'node:url';
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader';

const definition = loadSync('observer/observer.proto', {
  keepCase: true,
  longs: String,
  enums: String,
  includeDirs: [fileURLToPath(new URL('../../proto', import.meta.url))],
});
const response = definition['observer.GetFlowsResponse'] as MessageTypeDefinition<object, object>;

type Tree = Record<string, unknown>;

/** The JSON of a GetFlowsResponse that is given with the proto's field names. */
export function protojson(message: object): Tree {
  const tree = response.deserialize(response.serialize(message)) as Tree;
  return convert(tree) as Tree;
}

/** Names and numbers of an enum of proto/. */
export function enumNumbers(name: string): Map<string, number> {
  const { type } = definition[name] as { type: { value: { name: string; number: number }[] } };
  return new Map(type.value.map((value) => [value.name, value.number]));
}

/** All names in lowerCamelCase, protobuf's other spelling. */
export function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [camelCase(name), camelCased(inner)]),
  );
}

function camelCase(name: string): string {
  const [first = '', ...rest] = name.split('_');
  return first + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** Timestamps and wrappers have a JSON of their own. */
function convert(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => convert(item));
  if (typeof value !== 'object' || value === null) return value;
  const tree = value as Tree;
  if (['time', 'first', 'last'].includes(name)) return timestamp(tree);
  if (name === 'is_reply') return tree['value'] ?? false;
  if (name === 'cpu') return tree['value'] ?? 0;
  return Object.fromEntries(Object.entries(tree).map(([key, inner]) => [key, convert(inner, key)]));
}

function timestamp({ seconds = '0', nanos = 0 }: { seconds?: string; nanos?: number }): string {
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const fraction = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0')}`.replace(/(000)+$/, '');
  return `${whole}${fraction}Z`;
}
