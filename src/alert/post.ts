/**
 * One POST to one Alertmanager. Total: whatever happens is a result. Secrets and
 * certificates are read anew each time, so that a rotated one is in force at once.
 */
import { readFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** `result` of `crosstalk_alertmanager_posts_total`. */
export const POST_RESULTS = ['success', 'refused', 'failed', 'timeout'] as const;
export type PostResult = (typeof POST_RESULTS)[number];

/** How an Alertmanager is reached. Secrets are in files; here are their paths. */
export interface AlertmanagerAccess {
  /** Without credentials and without a trailing slash; `/api/v2/alerts` goes behind it. */
  readonly url: string;
  readonly basicAuth: { readonly username: string; readonly passwordFile: string } | undefined;
  readonly bearerTokenFile: string | undefined;
  readonly tls: {
    /** undefined: the authorities that Node.js ships. */
    readonly caFile: string | undefined;
    readonly certFile: string | undefined;
    readonly keyFile: string | undefined;
    readonly serverName: string | undefined;
    readonly insecureSkipVerify: boolean;
  };
}

export interface Posted {
  readonly result: PostResult;
  /** What went wrong, in a few words; '' for a success. May hold text of the server. */
  readonly message: string;
}

/** Of an answer's body; the rest is of no use to anyone. */
const LONGEST_ANSWER = 1_000;

/** @param aborted ends it early */
export async function post(
  access: AlertmanagerAccess,
  body: string,
  { timeoutMs, aborted }: { timeoutMs: number; aborted: AbortSignal },
): Promise<Posted> {
  try {
    const options = await optionsOf(access);
    return await send(`${access.url}/api/v2/alerts`, options, body, { timeoutMs, aborted });
  } catch (error) {
    return { result: 'failed', message: messageOf(error) };
  }
}

async function optionsOf({
  url,
  basicAuth,
  bearerTokenFile,
  tls,
}: AlertmanagerAccess): Promise<RequestOptions> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'user-agent': 'crosstalk',
  };
  if (basicAuth !== undefined) {
    const password = await secret('alertmanager.basicAuth.passwordFile', basicAuth.passwordFile);
    headers['authorization'] = `Basic ${Buffer.from(`${basicAuth.username}:${password}`).toString('base64')}`;
  } else if (bearerTokenFile !== undefined) {
    headers['authorization'] = `Bearer ${await secret('alertmanager.bearerTokenFile', bearerTokenFile)}`;
  }
  // A connection each: an idle one would be found dead a minute later. No agent, no proxy, no redirects.
  const plain: RequestOptions = { method: 'POST', agent: false, headers };
  if (!url.startsWith('https://')) return plain;
  return {
    ...plain,
    ...(tls.caFile !== undefined && { ca: await pem('alertmanager.tls.caFile', tls.caFile) }),
    ...(tls.certFile !== undefined && { cert: await pem('alertmanager.tls.certFile', tls.certFile) }),
    ...(tls.keyFile !== undefined && { key: await pem('alertmanager.tls.keyFile', tls.keyFile) }),
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
    rejectUnauthorized: !tls.insecureSkipVerify,
  } as RequestOptions;
}

/** As Prometheus reads them: editors end files with a line break that is no part of the secret. */
async function secret(place: string, path: string): Promise<string> {
  const text = (await read(place, path)).toString('utf8').trim();
  if (text === '') throw new Error(`${place}: ${path} is empty`);
  // Node.js would refuse the header and quote it in the error.
  if (/[^\x20-\x7e]/.test(text) && place.endsWith('bearerTokenFile'))
    throw new Error(`${place}: ${path} holds characters that no token has`);
  return text;
}

/** OpenSSL takes a bundle without any certificate and then trusts nobody, with a message about something else. */
async function pem(place: string, path: string): Promise<Buffer> {
  const bytes = await read(place, path);
  if (!bytes.includes('-----BEGIN ')) throw new Error(`${place}: ${path} is no PEM file`);
  return bytes;
}

async function read(place: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Error(`${place}: cannot read ${path} (${messageOf(error)})`, { cause: error });
  }
}

function send(
  url: string,
  options: RequestOptions,
  body: string,
  { timeoutMs, aborted }: { timeoutMs: number; aborted: AbortSignal },
): Promise<Posted> {
  return new Promise((resolve) => {
    const request = (url.startsWith('https://') ? httpsRequest : httpRequest)(url, options);
    const end = (posted: Posted): void => {
      clearTimeout(timer);
      aborted.removeEventListener('abort', abort);
      request.destroy();
      resolve(posted);
    };
    const fail = (error: Error): void => end({ result: 'failed', message: messageOf(error) });
    const abort = (): void => end({ result: 'failed', message: 'ended, as the process ends' });
    const timer = setTimeout(
      () => end({ result: 'timeout', message: `no answer within ${timeoutMs / 1000} s` }),
      timeoutMs,
    );
    aborted.addEventListener('abort', abort);
    request.on('error', fail);
    request.on('response', (response) => {
      response.on('error', fail);
      readAnswer(response, (text) => end(judge(response, text)));
    });
    if (aborted.aborted) abort();
    else request.end(body);
  });
}

/** Calls `done` when the answer is over, or long enough. */
function readAnswer(response: IncomingMessage, done: (text: string) => void): void {
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
    if (text.length >= LONGEST_ANSWER) done(text.slice(0, LONGEST_ANSWER));
  });
  response.on('end', () => done(text));
}

function judge({ statusCode = 0, headers }: IncomingMessage, text: string): Posted {
  if (statusCode >= 200 && statusCode < 300) return { result: 'success', message: '' };
  const said = text.trim() === '' ? '' : `: ${text.trim()}`;
  const to = headers.location === undefined ? '' : ` to ${headers.location}`;
  const message =
    statusCode >= 300 && statusCode < 400
      ? `answered ${statusCode}, a redirect${to}, which is not followed: give the URL it leads to`
      : `answered ${statusCode}${said}`;
  return { result: statusCode === 400 ? 'refused' : 'failed', message };
}

/** Node.js tells of several addresses that all failed in an error without a message. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
