/**
 * JSON Schemas that the compiler holds to our types: a property that a report
 * gains, loses or makes optional does not compile until its schema says so too.
 * They make the OpenAPI document, and the tests hold the responses to it.
 */

/** The part of JSON Schema (2020-12) that our reports need. */
export interface Schema {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array';
  /** The name under `components.schemas`; without one, the schema is written out where it is used. */
  readonly title?: string;
  readonly description?: string;
  readonly format?: 'date-time';
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly default?: number | string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

/** A property that may be absent: `undefined` in the report, no key in JSON. */
interface Optional {
  readonly optional: Schema;
}

type Properties<T> = {
  readonly [Key in keyof T]-?: undefined extends T[Key] ? Optional : Schema;
};

/** An object with exactly the properties of `T`. */
export function object<T extends object>(
  about: { title?: string; description?: string },
  properties: Properties<T>,
): Schema {
  const entries = Object.entries<Schema | Optional>(properties);
  return {
    type: 'object',
    ...about,
    properties: Object.fromEntries(
      entries.map(([name, schema]) => [name, 'optional' in schema ? schema.optional : schema]),
    ),
    required: entries.filter(([, schema]) => !('optional' in schema)).map(([name]) => name),
    additionalProperties: false,
  };
}

export function optional(schema: Schema): Optional {
  return { optional: schema };
}

export function text(description: string): Schema {
  return { type: 'string', description };
}

/** RFC 3339 in UTC, as `Date.prototype.toISOString` writes it. */
export function time(description: string): Schema {
  return { type: 'string', format: 'date-time', description };
}

export function oneOf(values: readonly string[], description: string): Schema {
  return { type: 'string', enum: values, description };
}

export function flag(description: string): Schema {
  return { type: 'boolean', description };
}

/** A whole number, not negative. */
export function count(description: string): Schema {
  return { type: 'integer', minimum: 0, description };
}

/** Numbers by name. */
export function counts(description: string): Schema {
  return { type: 'object', additionalProperties: { type: 'integer', minimum: 0 }, description };
}

export function list(items: Schema, description: string): Schema {
  return { type: 'array', items, description };
}

/** The first property, by its name, that a schema requires somewhere and a value lacks. */
export function missingIn(value: unknown, { items, properties, required = [] }: Schema): string | undefined {
  if (typeof value !== 'object' || value === null) return required[0];
  if (items !== undefined && hasParts(items)) {
    for (const item of Object.values(value)) {
      const missing = missingIn(item, items);
      if (missing !== undefined) return missing;
    }
  }
  const report = value as Readonly<Record<string, unknown>>;
  for (const name of required) if (report[name] === undefined) return name;
  for (const name in properties) {
    const schema = properties[name];
    const part = report[name];
    const missing = part && schema && hasParts(schema) ? missingIn(part, schema) : undefined;
    if (missing !== undefined) return missing;
  }
  return undefined;
}

function hasParts({ properties, items }: Schema): boolean {
  return properties !== undefined || items?.properties !== undefined;
}
