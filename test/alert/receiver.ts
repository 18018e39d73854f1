/** An Alertmanager of which the test decides the answers, on a free port of 127.0.0.1. */
import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket, type PeerCertificate } from 'node:tls';
import { text } from 'node:stream/consumers';
import { afterEach } from 'vitest';
import type { Alert } from '../../src/alert/message.js';
import { createPush, type Push, type PushAccess } from '../../src/alert/push.js';
import type { AlertObserver } from '../../src/alert/alertmanager.js';
import type { PostResult } from '../../src/alert/post.js';
import type { Violation, Violations } from '../../src/alert/violations.js';
import { systemTimers } from '../../src/hubble/timers.js';

export interface Arrived {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly alerts: readonly Alert[];
  /** Of the client's certificate, over TLS. */
  readonly clientName: string | undefined;
}

export interface Receiver {
  readonly url: string;
  readonly posts: readonly Arrived[];
  /** Posts that hold alerts. */
  readonly alarms: () => readonly Arrived[];
  answer: (arrived: Arrived, response: ServerResponse) => void;
}

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

export async function startReceiver(tls?: https.ServerOptions): Promise<Receiver> {
  const posts: Arrived[] = [];
  const receiver: Receiver = {
    url: '',
    posts,
    alarms: () => posts.filter(({ alerts }) => alerts.length > 0),
    answer: (_, response) => response.end('{"status":"success"}'),
  };
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const alerts = JSON.parse(await text(request)) as Alert[];
    const clientName = nameOf(request);
    const arrived = { url: request.url ?? '', headers: request.headers, alerts, clientName };
    posts.push(arrived);
    receiver.answer(arrived, response);
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => void take(request, response);
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return Object.assign(receiver, { url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}` });
}

function nameOf({ socket }: IncomingMessage): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate: Partial<PeerCertificate> = socket.getPeerCertificate();
  return certificate.subject?.CN?.toString();
}

export interface Told {
  readonly results: Record<string, PostResult[]>;
  readonly failures: string[];
  readonly refusals: { violation: Violation; message: string }[];
}

/** The push, started, with resends every 50 ms and a patience of a second. */
export function startPush(
  violations: Violations,
  access: Partial<PushAccess> & Pick<PushAccess, 'urls'>,
  options: { resendMs?: number; timeoutMs?: number; clock?: () => number } = {},
): Push & Told {
  const { clock = Date.now, resendMs = 50, timeoutMs = 1_000 } = options;
  const told: Told = { results: {}, failures: [], refusals: [] };
  const observe: AlertObserver = {
    alertsPosted: ({ alertmanager, result }) => (told.results[alertmanager] ??= []).push(result),
    alertsSent: () => undefined,
    alertmanagerFailed: ({ message }) => told.failures.push(message),
    alertRefused: ({ violation, message }) => told.refusals.push({ violation, message }),
  };
  const push = createPush({
    access: {
      basicAuth: undefined,
      bearerTokenFile: undefined,
      ...access,
      tls: {
        caFile: undefined,
        certFile: undefined,
        keyFile: undefined,
        serverName: undefined,
        insecureSkipVerify: false,
        ...access.tls,
      },
    },
    active: () => violations.active(clock()),
    externalUrl: undefined,
    resendMs: () => resendMs,
    timers: systemTimers,
    clock,
    random: () => 0.5,
    observe,
    timeoutMs,
  });
  ends.push(() => push.close(0));
  push.start();
  return { ...push, ...told };
}
