/** RFC 9457 problem details: what every error answers with. */
import { STATUS_CODES, type ServerResponse } from 'node:http';

export const PROBLEM_TYPE = 'application/problem+json';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly parameter: string | undefined;
  readonly given: string | undefined;
  readonly expected: string | undefined;
}

/** What a problem says beyond its status. */
export interface ProblemDetails {
  readonly detail: string;
  readonly parameter?: string;
  readonly given?: string;
  readonly expected?: string;
}

/** Thrown where a request turns out to be wrong; the error handler answers with it. */
export class RequestProblem extends Error {
  override readonly name = 'RequestProblem';
  readonly statusCode: number;
  readonly details: ProblemDetails;

  constructor(statusCode: number, details: ProblemDetails) {
    super(details.detail);
    this.statusCode = statusCode;
    this.details = details;
  }
}

/** @param url the request target as it came in; only its path is repeated */
export function problem(status: number, url: string, details: ProblemDetails): Problem {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    parameter: undefined,
    given: undefined,
    expected: undefined,
    ...details,
    instance: pathOf(url),
  };
}

/** Answers a request that Fastify is not to see. */
export function sendProblem(
  response: ServerResponse,
  what: Problem,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify(what);
  response.writeHead(what.status, {
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

/** Node.js passes bytes beyond ASCII on as they are; a URI has none (RFC 3986, section 2). */
function pathOf(url: string): string {
  const [path = ''] = url.split('?', 1);
  return path.slice(0, 512).replace(/[^\x21-\x7e]/g, encodeURIComponent);
}
