/**
 * A query string read by the JSON Schema that the OpenAPI document shows. Our own
 * reader and not ajv, because ajv takes `1e2`, `0x64` and ' 100' for the integer
 * 100, and because an error shall name what was given and the name that was meant.
 */
import { didYouMean } from '../config/nearest.js';
import { quoted } from '../config/problem.js';
import { RequestProblem } from './problem.js';
import type { Schema } from './schema.js';

/** Parameters by name; a parameter that was not given and has a default has its default. */
export type Query = ReadonlyMap<string, string | number>;

/** @throws {RequestProblem} 400, for the first parameter that is wrong */
export function readQuery(schema: Schema, given: Readonly<Record<string, unknown>>): Query {
  const parameters = schema.properties ?? {};
  const query = new Map<string, string | number>();
  for (const [name, parameter] of Object.entries(parameters)) {
    if (parameter.default !== undefined) query.set(name, parameter.default);
  }
  for (const [name, value] of Object.entries(given)) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (parameter === undefined) throw unknownParameter(name, Object.keys(parameters));
    query.set(name, readParameter(name, parameter, value));
  }
  return query;
}

function unknownParameter(name: string, known: readonly string[]): RequestProblem {
  const expected = known.length === 0 ? 'no query parameters' : `one of ${known.join(', ')}`;
  const hint = didYouMean(name, known);
  return new RequestProblem(400, {
    detail: `unknown query parameter ${quoted(name)}, expected ${expected}.${hint}`,
    parameter: shown(name),
    expected,
  });
}

function readParameter(name: string, schema: Schema, value: unknown): string | number {
  if (Array.isArray(value)) throw wrongValue(name, `${value.length} values`, 'it once');
  const text = String(value);
  const read = readText(schema, text);
  if (read === undefined) throw wrongValue(name, quoted(text), expectation(schema));
  return read;
}

function wrongValue(name: string, given: string, expected: string): RequestProblem {
  const detail = `query parameter ${name}: got ${given}, expected ${expected}`;
  return new RequestProblem(400, { detail, parameter: name, given, expected });
}

/** @returns undefined when the text is not what the schema asks for */
function readText(schema: Schema, text: string): string | number | undefined {
  const { minimum = -Infinity, maximum = Infinity, maxLength = Infinity } = schema;
  if (schema.type === 'integer') {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : undefined;
    return number !== undefined && number >= minimum && number <= maximum ? number : undefined;
  }
  if (schema.enum !== undefined) return schema.enum.includes(text) ? text : undefined;
  return text !== '' && text.length <= maxLength ? text : undefined;
}

function expectation({ type, minimum = 0, maximum, maxLength, enum: values }: Schema): string {
  if (type === 'integer') {
    return `a whole number ${maximum === undefined ? `from ${minimum}` : `from ${minimum} to ${maximum}`}`;
  }
  if (values !== undefined) return `one of ${values.join(', ')}`;
  return maxLength === undefined ? 'a text' : `1 to ${maxLength} characters`;
}

/** Without the quotation marks of a sentence. */
function shown(name: string): string {
  return quoted(name).slice(1, -1);
}
