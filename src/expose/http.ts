/** The web server: metrics, health, the API and the page, on every listen address, behind one entrance. */
import type { Config } from '../config/config.js';
import type { Log } from '../log.js';
import { createApp } from './app.js';
import { createAuth } from './auth.js';
import { createEntrance } from './entrance.js';
import { openListener, type Listener } from './listener.js';
import { openapiRoute } from './openapi.js';
import { createPasswordCheck } from './password.js';
import { createFollow } from './follow.js';
import { createGlance } from './glance.js';
import { createPage } from './pageroute.js';
import { createRoutes, type Sources } from './routes.js';
import { admitsClient } from './tls.js';
import { createWebLog } from './weblog.js';
import { readWebFiles, watchWebFiles, type WebFiles } from './webfiles.js';

export type { Sources } from './routes.js';

export interface Web {
  /** Where it listens, in the order of --web.listen-address: `http://127.0.0.1:9967`. */
  readonly addresses: readonly string[];
  /** Looks at the files of --web.config.file now and not only when their time comes. */
  reread(): Promise<void>;
  /** Resolves within a second, whatever clients do. */
  close(): Promise<void>;
}

export interface WebOptions {
  readonly web: Config['web'];
  readonly log: Log;
  readonly sources: Sources;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  /** Shortest time between two messages to those who follow; a second. */
  readonly followEveryMs?: number;
}

/** Certificates live for months and people are not added by the minute; three small reads cost nothing. */
const REREAD_EVERY_MS = 5_000;

/** For answers on their way when the server is closed; the rest of the second is for closing. */
const GRACE_MS = 500;

/** Rejects with a sentence that names the flag: an address that cannot be had, a web configuration that cannot be used. */
export async function createWeb(options: WebOptions): Promise<Web> {
  const { web, sources } = options;
  const clock = options.clock ?? Date.now;
  const log = createWebLog(options.log, clock);
  let files = await readWebFiles(web.configFile);

  const check = createPasswordCheck();
  const auth = createAuth(check, files.settings.users);
  const glance = createGlance({ sources, clock, failed: log.requestFailed });
  const follow = createFollow({
    glance,
    sources,
    failed: log.requestFailed,
    ...(options.followEveryMs !== undefined && { everyMs: options.followEveryMs }),
  });
  const routes = createRoutes({
    telemetryPath: web.telemetryPath,
    enableLifecycle: web.enableLifecycle,
    sources,
    page: createPage({ sources, look: glance.look, telemetryPath: web.telemetryPath }),
    glance: () => glance.look().glance,
    follow,
  });
  const app = await createApp([...routes, openapiRoute(routes)], log.requestFailed);
  const handler = createEntrance({
    headers: () => files.settings.headers,
    admit: auth.admit,
    failed: ({ method = '', url = '' }, error) =>
      log.requestFailed({ method, url, message: error instanceof Error ? error.message : String(error) }),
    mostBytes: (method, path) =>
      routes.find((route) => route.path === path && route.methods.some((known) => known === method))?.body
        ?.mostBytes ?? 0,
    next: (request, response) => app.routing(request, response),
  });

  const listeners = await openAll(web.listenAddresses, (address) => ({
    address,
    handler,
    tls: files.identity && {
      identity: files.identity,
      askClients: files.settings.tls?.clientAuth !== 'NoClientCert',
      admit: (socket) => admitsClient(files.settings.tls?.clientAuth ?? 'NoClientCert', socket),
    },
  })).catch(async (error: unknown) => {
    glance.stop();
    await app.close();
    throw error;
  });

  const watch = watchWebFiles({
    path: web.configFile,
    current: files,
    everyMs: REREAD_EVERY_MS,
    changed(found: WebFiles) {
      files = found;
      auth.setUsers(found.settings.users);
      for (const listener of listeners)
        if (found.identity !== undefined) listener.setIdentity(found.identity);
      log.webConfigReread();
    },
    trouble: log.webConfigTrouble,
  });

  return {
    addresses: listeners.map(({ address }) => address),
    reread: () => watch.look(),
    async close() {
      watch.stop();
      glance.stop();
      follow.close();
      await Promise.all(listeners.map((listener) => listener.close(GRACE_MS)));
      await Promise.all([app.close(), check.close()]);
    },
  };
}

/** All or none: when one address cannot be had, those that were opened before are closed again. */
async function openAll(
  addresses: readonly string[],
  options: (address: string) => Parameters<typeof openListener>[0],
): Promise<Listener[]> {
  const opened: Listener[] = [];
  try {
    for (const address of addresses) opened.push(await openListener(options(address)));
    return opened;
  } catch (error) {
    await Promise.all(opened.map((listener) => listener.close(0)));
    throw error;
  }
}
