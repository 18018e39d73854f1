/**
 * The web configuration while it is read: values by path, and every problem with its
 * line. The keys are those of exporter-toolkit (docs/web-configuration.md).
 */
import { dirname, resolve } from 'node:path';
import type { SourceDocument } from '../config/document.js';
import { didYouMean } from '../config/nearest.js';
import { pathText, quoted, type Problem } from '../config/problem.js';

/** Known keys of each section, and those of the format that are not supported here, with what to do instead. */
const KEYS: Readonly<
  Record<string, { known: readonly string[]; refused: Readonly<Record<string, string>> }>
> = {
  '': {
    known: ['tls_server_config', 'http_server_config', 'basic_auth_users'],
    refused: { rate_limit: 'requests are limited in other ways here: remove it' },
  },
  tls_server_config: {
    known: ['cert_file', 'key_file', 'client_auth_type', 'client_ca_file', 'min_version', 'max_version'],
    refused: {
      cert: 'put it into a file and name that in cert_file',
      key: 'put it into a file and name that in key_file',
      client_ca: 'put it into a file and name that in client_ca_file',
      client_allowed_sans: 'use a client_ca_file that signs only the clients you mean',
      cipher_suites: "the runtime's choice is used: remove it",
      curve_preferences: "the runtime's choice is used: remove it",
      prefer_server_cipher_suites: "the runtime's choice is used: remove it",
    },
  },
  http_server_config: { known: ['http2', 'headers'], refused: {} },
  'http_server_config.headers': {
    known: [
      'Content-Security-Policy',
      'X-Frame-Options',
      'X-Content-Type-Options',
      'X-XSS-Protection',
      'Strict-Transport-Security',
    ],
    refused: {},
  },
};

export class WebDocument {
  readonly problems: Problem[] = [];
  readonly #name: string;
  readonly #document: SourceDocument;
  readonly #root: Readonly<Record<string, unknown>>;

  constructor(name: string, document: SourceDocument) {
    this.#name = name;
    this.#document = document;
    this.#root = this.#mapping([], document.value);
  }

  /** The mapping at a key below another; empty when it is not there. Unknown keys in it are problems. */
  section(path: readonly string[]): Readonly<Record<string, unknown>> {
    let value: unknown = this.#root;
    for (const key of path) value = isMapping(value) ? value[key] : undefined;
    return this.#mapping(path, value);
  }

  text(path: readonly string[], value: unknown, expected: string): string | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string' && value !== '') return value;
    this.refuse(path, `got ${shownValue(value)}, expected ${expected}`);
    return undefined;
  }

  oneOf<T extends string>(path: readonly string[], value: unknown, values: readonly T[], otherwise: T): T {
    const given = this.text(path, value, `one of ${values.join(', ')}`);
    if (given === undefined) return otherwise;
    const found = values.find((known) => known === given);
    if (found === undefined) {
      const hint = didYouMean(given, values);
      this.refuse(path, `got ${quoted(given)}, expected one of ${values.join(', ')}.${hint}`);
    }
    return found ?? otherwise;
  }

  path(path: readonly string[], value: unknown): string | undefined {
    const given = this.text(path, value, 'the path of a PEM file');
    return given === undefined ? undefined : resolve(dirname(this.#name), given);
  }

  refuse(path: readonly string[], message: string, at: 'key' | 'value' = 'value'): void {
    const { line, column } = at === 'key' ? this.#document.keyPosition(path) : this.#document.position(path);
    this.problems.push({
      where: `${this.#name}:${line}:${column}`,
      line,
      column,
      path: pathText(path),
      message,
    });
  }

  #mapping(path: readonly string[], value: unknown): Readonly<Record<string, unknown>> {
    if (value === undefined || value === null) return {};
    const keys = KEYS[path.join('.')];
    if (!isMapping(value)) {
      this.refuse(
        path,
        `got ${shownValue(value)}, expected a mapping of ${keys?.known.join(', ') ?? 'users'}`,
      );
      return {};
    }
    if (keys !== undefined) {
      for (const key of Object.keys(value)) this.#checkKey(path, key, keys);
    }
    return value;
  }

  #checkKey(
    path: readonly string[],
    key: string,
    { known, refused }: NonNullable<(typeof KEYS)[string]>,
  ): void {
    if (known.includes(key)) return;
    const instead = Object.hasOwn(refused, key) ? refused[key] : undefined;
    const message =
      instead === undefined
        ? `unknown key, expected one of ${known.join(', ')}.${didYouMean(key, known)}`
        : `not supported by Crosstalk; ${instead}`;
    this.refuse([...path, key], message, 'key');
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value of any kind, fit for a message. */
export function shownValue(value: unknown): string {
  return quoted(typeof value === 'string' ? value : JSON.stringify(value));
}
