/** gzip for those who accept it (RFC 9110, section 12.5.3). Prometheus always does. */
import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import type { Answer } from './routes.js';

/** In zlib's threads, so the event loop goes on; a megabyte of metrics takes about 15 ms there. */
const gzip: (text: string) => Promise<Buffer> = promisify(gzipCallback);

/** Below this, compressing costs more than it saves: one packet either way. */
const WORTH_COMPRESSING = 1_400;

/** Tells caches that there are two of it. */
const VARY = { vary: 'accept-encoding' };

/** The answer as it is sent to those who do not accept gzip. */
export function uncompressed(answer: Answer): Answer {
  return isWorthIt(answer) ? { ...answer, headers: { ...answer.headers, ...VARY } } : answer;
}

/** The answer as it is sent to those who do. */
export async function compressed(answer: Answer): Promise<Answer> {
  if (!isWorthIt(answer)) return answer;
  const headers = { ...answer.headers, ...VARY, 'content-encoding': 'gzip' };
  return { ...answer, headers, body: await gzip(answer.body) };
}

function isWorthIt(answer: Answer): answer is Answer & { body: string } {
  return typeof answer.body === 'string' && answer.body.length >= WORTH_COMPRESSING;
}

/** @param header the request's Accept-Encoding */
export function acceptsGzip(header: string | string[] | undefined): boolean {
  const weights = new Map<string, number>();
  for (const part of [header ?? ''].flat().join(',').split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(coding, q === undefined ? 1 : Number(q.slice(2)));
  }
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0;
}
