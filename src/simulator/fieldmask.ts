import { FLOW_FIELDS, type MessageFields } from './versions.js';

/**
 * The part of a flow that a request wants, as Hubble cuts it out (cilium
 * pkg/hubble/parser/fieldmask, 1.16 and newer).
 */
interface MaskTree {
  readonly [field: string]: MaskTree | undefined;
}

export interface FieldMask {
  /** Copies what is wanted of `flow` into a message that is used again for the next one, and returns that. */
  apply(flow: object): Record<string, unknown>;
}

/** A path the server's version does not know: it fails the whole request. */
export class InvalidFieldMask extends Error {
  constructor() {
    super('invalid fieldmask');
  }
}

/**
 * @param paths proto names, dotted: `time`, `source.pod_name`, `l4`
 * @param version of Cilium, whose fields decide what is valid: '1.16'
 * @throws InvalidFieldMask
 */
export function fieldMask(paths: readonly string[], version: string): FieldMask {
  if (!paths.every((path) => isValid(path.split('.'), FLOW_FIELDS, version))) throw new InvalidFieldMask();
  const tree = treeOf(paths);
  // One message for all flows, as in Hubble: what a copy does not touch stays from the flow before.
  const masked: Message = {};
  allocate(tree, masked);
  return {
    apply: (flow) => {
      copy(tree, masked, flow as Readonly<Message>);
      return masked;
    },
  };
}

function isValid(path: readonly string[], fields: MessageFields, version: string): boolean {
  const [name = '', ...rest] = path;
  const field = fields[name];
  if (field === undefined || isOlder(version, field.since)) return false;
  if (rest.length === 0) return true;
  return field.fields !== undefined && isValid(rest, field.fields, version);
}

/** Whether Cilium `version` is older than `than`: '1.9' is older than '1.16'. */
export function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [thanMajor = 0, thanMinor = 0] = than.split('.').map(Number);
  return major === thanMajor ? minor < thanMinor : major < thanMajor;
}

/** A path that ends inside a longer one covers it. */
function treeOf(paths: readonly string[]): MaskTree {
  const covered = [...paths]
    .sort()
    .filter((path, at, all) => !all.slice(0, at).some((outer) => path.startsWith(`${outer}.`)));
  const root: Record<string, MaskTree | undefined> = {};
  for (const path of covered) {
    let at = root;
    const names = path.split('.');
    const last = names.pop() ?? '';
    for (const name of names) at = at[name] ??= {};
    at[last] = undefined;
  }
  return root;
}

/** The members of the only oneof that masks reach into. */
const ONEOF = new Set(['TCP', 'UDP', 'ICMPv4', 'ICMPv6', 'SCTP', 'VRRP', 'IGMP']);

type Message = Record<string, unknown>;

/** Makes the messages that the mask reaches into, so that they are there even for a flow that has none of them. */
function allocate(tree: MaskTree, into: Message): void {
  for (const [name, inner] of Object.entries(tree)) {
    if (inner !== undefined) allocate(inner, member(into, name));
  }
}

function copy(tree: MaskTree, into: Message, from: Readonly<Message> | undefined): void {
  for (const [name, inner] of Object.entries(tree)) {
    const value = from?.[name];
    if (inner === undefined) {
      if (value === undefined) Reflect.deleteProperty(into, name);
      else set(into, name, value);
    } else if (!ONEOF.has(name) || value !== undefined) {
      // A masked member of a oneof that this flow does not use keeps the last flow's values: never ask for l4.TCP.
      copy(inner, member(into, name), value as Message | undefined);
    }
  }
}

/** The message in field `name`, made where there is none. */
function member(into: Message, name: string): Message {
  const known = into[name];
  if (known !== undefined) return known as Message;
  const made: Message = {};
  set(into, name, made);
  return made;
}

/** Of a oneof's members only the one set last stays. */
function set(into: Message, name: string, value: unknown): void {
  if (ONEOF.has(name)) for (const other of ONEOF) Reflect.deleteProperty(into, other);
  into[name] = value;
}
