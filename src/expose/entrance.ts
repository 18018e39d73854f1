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
  readonly next: RequestListener;
}

export function createEntrance({ headers, admit, failed, next }: EntranceOptions): RequestListener {
  return (request, response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    for (const [name, value] of Object.entries(headers())) response.setHeader(name, value);
    limitTime(request, response);
    if (hasBody(request)) {
      const detail = 'no request here has a body: send it without';
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

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
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
