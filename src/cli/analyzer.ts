/** A running analyzer, asked over its API. */
import { plain } from '../outside.js';
import { plainText } from '../config/kinds.js';
import type { LocalFlag } from './flags.js';

export const URL_FLAG = {
  flag: 'url',
  kind: plainText('<url>', 'a URL such as http://127.0.0.1:9967'),
  default: 'http://127.0.0.1:9967',
  help: 'The running analyzer to ask where no file is given; a user and password may stand in it.',
} satisfies LocalFlag<string>;

export interface Asked {
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly body?: string;
}

/** It works through what it holds in slices beside the stream; more than this is no answer any more. */
const LONGEST_ANSWER_MS = 60_000;

/**
 * @returns the answer's text
 * @throws an error whose message says what is wrong and what to do
 */
export async function askAnalyzer(url: string, { path, method, body }: Asked): Promise<string> {
  const base = baseOf(url);
  const headers: Record<string, string> = {};
  if (base.username !== '' || base.password !== '') {
    const credentials = `${decodeURIComponent(base.username)}:${decodeURIComponent(base.password)}`;
    headers['authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`;
  }
  if (body !== undefined) headers['content-type'] = 'application/yaml';
  const address = `${base.origin}${base.pathname.replace(/\/$/, '')}${path}`;
  const signal = AbortSignal.timeout(LONGEST_ANSWER_MS);
  const answer = await fetch(address, {
    method,
    headers,
    signal,
    ...(body !== undefined && { body }),
  }).catch((error: unknown) => {
    throw new Error(
      `${base.origin} does not answer (${reason(error)}): is crosstalk serve running there? Give --url, or recorded files`,
    );
  });
  const text = await answer.text();
  if (answer.ok) return text;
  throw new Error(`${base.origin} answered ${answer.status}: ${plain(detailOf(text), 2_000)}`);
}

function baseOf(url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base === undefined || !/^https?:$/.test(base.protocol))
    throw new Error(`--url: got ${JSON.stringify(plain(url))}, expected a URL such as http://127.0.0.1:9967`);
  return base;
}

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return plain(
    cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : String(cause),
  );
}

/** RFC 9457's detail; anything else is of no analyzer. */
function detailOf(text: string): string {
  try {
    const { detail } = JSON.parse(text) as { readonly detail?: unknown };
    if (typeof detail === 'string') return detail;
  } catch {
    // told below
  }
  return 'no answer of an analyzer: is the URL right?';
}
