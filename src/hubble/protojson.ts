/**
 * Reads values by protobuf's JSON mapping (protobuf.dev/programming-guides/json):
 * absent and null are the default, integers may be strings, names may be the
 * proto's or in lowerCamelCase. What is of another type is a {@link FieldError}.
 */

/** A field of the wrong type. Thrown in this folder only: `recorded.ts` turns it into a value. */
export class FieldError extends Error {}

export type Json = Readonly<Record<string, unknown>>;

const EMPTY: Json = Object.freeze({});

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member called `name` in the proto; undefined when absent or null. Own members only: `__proto__` in JSON is one more name. */
export function member(object: Json, name: string): unknown {
  if (Object.hasOwn(object, name)) return object[name] ?? undefined;
  const camel = camelCase(name);
  return Object.hasOwn(object, camel) ? (object[camel] ?? undefined) : undefined;
}

const CAMEL = new Map<string, string>();

/** The JSON name of a proto field. Called with names of ours only, so what is remembered is bounded. */
function camelCase(name: string): string {
  let camel = CAMEL.get(name);
  if (camel === undefined) {
    camel = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    CAMEL.set(name, camel);
  }
  return camel;
}

/** A submessage; without any member where it is absent. */
export function message(object: Json, name: string): Json {
  return optionalMessage(object, name) ?? EMPTY;
}

export function optionalMessage(object: Json, name: string): Json | undefined {
  const value = member(object, name);
  if (value === undefined || isObject(value)) return value;
  throw new FieldError(name);
}

export function messages(object: Json, name: string): readonly Json[] {
  return list(object, name, isObject);
}

/** A string. Half of a surrogate pair, which is no text, becomes U+FFFD, as it does in bytes. */
export function text(object: Json, name: string): string {
  const value = member(object, name);
  if (value === undefined) return '';
  if (typeof value !== 'string') throw new FieldError(name);
  return wellFormed(value);
}

export function texts(object: Json, name: string): readonly string[] {
  return list(object, name, (value) => typeof value === 'string').map(wellFormed);
}

function list<T>(object: Json, name: string, is: (value: unknown) => value is T): readonly T[] {
  const value = member(object, name);
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every(is)) return value;
  throw new FieldError(name);
}

function wellFormed(value: string): string {
  return value.replace(/\p{Surrogate}/gu, '\uFFFD');
}

export function optionalBool(object: Json, name: string): boolean | undefined {
  const value = member(object, name);
  if (value === undefined || typeof value === 'boolean') return value;
  throw new FieldError(name);
}

const UINT32 = 0xffff_ffff;
const INT32 = 0x7fff_ffff;
const UINT64 = 2 ** 64;

export function uint32(object: Json, name: string): number {
  return integer(object, name, 0, UINT32) ?? 0;
}

export function int32(object: Json, name: string): number {
  return optionalInt32(object, name) ?? 0;
}

export function optionalInt32(object: Json, name: string): number | undefined {
  return integer(object, name, -INT32 - 1, INT32);
}

/** A uint64 as a number; what does not fit is as good as the largest that does. */
export function count(object: Json, name: string): number {
  return Math.min(integer(object, name, 0, UINT64) ?? 0, Number.MAX_SAFE_INTEGER);
}

function integer(object: Json, name: string, least: number, most: number): number | undefined {
  const value = member(object, name);
  if (value === undefined) return undefined;
  const number = typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) throw new FieldError(name);
  if (number < least || number > most) throw new FieldError(name);
  // JSON has a negative zero, protobuf has none.
  return number + 0;
}

/** An enum by name or by number. A name that is not known is 0, which every enum keeps for "not known". */
export function enumeration(object: Json, name: string, numbers: ReadonlyMap<string, number>): number {
  const value = member(object, name);
  if (typeof value === 'string') return numbers.get(value) ?? 0;
  return int32(object, name);
}

const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** An RFC 3339 timestamp as seconds and nanoseconds; undefined when absent. */
export function timestamp(
  object: Json,
  name: string,
): { readonly seconds: number; readonly nanos: number } | undefined {
  const value = member(object, name);
  if (value === undefined) return undefined;
  const parts = typeof value === 'string' ? TIMESTAMP.exec(value) : null;
  if (parts === null) throw new FieldError(name);
  const [, date = '', clock = '', fraction = '', sign, hours = '0', minutes = '0'] = parts;
  const local = Date.parse(`${date}T${clock}Z`);
  // Date.parse lets 30 February be 2 March; nobody recorded that.
  if (!Number.isFinite(local) || new Date(local).toISOString() !== `${date}T${clock}.000Z`)
    throw new FieldError(name);
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60 : 60);
  return { seconds: local / 1000 - offset, nanos: Number(fraction.padEnd(9, '0')) };
}
