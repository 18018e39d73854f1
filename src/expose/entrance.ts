/**
 * What every request passes before it comes to a route: security headers, the
 * refusal of bodies, the password. Outside of the router, so that no path,
 * method or malformed URL finds a way around it.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Auth } from './auth.js';
import { limitTime } from './deadline.js';
import { STYLE_HASH } from './page/style.js';
import { problem, sendProblem } from './problem.js';

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  // What runs is our one file, and it talks to us alone; the one style sheet is known by its hash, the icon is in the page.
  'Content-Security-Policy': `default-src 'none'; script-src 'self'; connect-src 'self'; style-src '${STYLE_HASH}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Every answer is of this moment, and names tenants.
  'Cache-Control': 'no-store',
};

export interface EntranceOptions {
  /** `http_server_config.headers` of the web configuration: the operator's word over ours. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly admit: Auth['admit'];
  /** A password could not be checked at all. */
  readonly failed: (request: IncomingMessage, error: unknown) => void;
  /** How large a body may be here; 0: there can be none. */
  readonly mostBytes: (method: string, path: string) => number;
  readonly next: RequestListener;
}

export function createEntrance({
  headers,
  admit,
  failed,
  mostBytes,
  next,
}: EntranceOptions): RequestListener {
  return (request, response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    for (const [name, value] of Object.entries(headers())) response.setHeader(name, value);
    limitTime(request, response);
    const { method = '', url = '' } = request;
    const refusal = bodyProblem(request, mostBytes(method, url.split('?', 1)[0] ?? ''));
    if (refusal !== undefined) {
      const detail = refusal;
      // The body is not read, so what follows on this connection could not be told from it.
      sendProblem(response, problem(413, urlOf(request), { detail }), { connection: 'close' });
      return;
    }
    if (isForeignForm(request)) {
      sendProblem(response, problem(403, urlOf(request), { detail: 'sent by a page of another site' }));
      return;
    }
    void pass(request, response).catch((error: unknown) => {
      failed(request, error);
      const detail = 'the password could not be checked; the log says why';
      if (!response.headersSent) sendProblem(response, problem(500, urlOf(request), { detail }));
    });
  };

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isWanted = (): boolean => !response.destroyed && !request.socket.destroyed;
    const admission = await admit(request.headers.authorization, isWanted);
    if (!isWanted()) return;
    if (admission.ok) next(request, response);
    else {
      const { status, detail, headers: more } = admission;
      sendProblem(response, problem(status, urlOf(request), { detail }), more);
    }
  }
}

function bodyProblem({ headers }: IncomingMessage, most: number): string | undefined {
  const length = Number(headers['content-length'] ?? 0);
  if (most === 0) {
    const hasBody = headers['transfer-encoding'] !== undefined || length !== 0;
    return hasBody ? 'no request here has a body: send it without' : undefined;
  }
  // One that does not say its length is cut off where it is read.
  return length <= most ? undefined : `a body of ${length} bytes, expected at most ${most}`;
}

/** A page elsewhere can make a browser inside the cluster send a POST, with the password it remembers. */
function isForeignForm({ method, headers }: IncomingMessage): boolean {
  const isRead = method === 'GET' || method === 'HEAD';
  const site = headers['sec-fetch-site'];
  return !isRead && site !== undefined && site !== 'same-origin' && site !== 'none';
}

function urlOf({ url = '' }: IncomingMessage): string {
  return url;
}
