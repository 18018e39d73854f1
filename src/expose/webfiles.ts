/**
 * The web configuration with the files that it names, read at the start and
 * again whenever they change: users come and go and certificates are renewed
 * while the listeners stay open.
 */
import { readFile, stat } from 'node:fs/promises';
import { LARGEST_FILE } from '../config/document.js';
import { problemLines } from '../config/problem.js';
import { readIdentity, sameIdentity, type Identity } from './tls.js';
import { OPEN_TO_ALL, readWebConfig, type WebSettings } from './webconfig.js';

export interface WebFiles {
  readonly settings: WebSettings;
  /** undefined: plain HTTP. */
  readonly identity: Identity | undefined;
}

/**
 * Rejects with every problem, a line each.
 *
 * @param path undefined: no file was named
 */
export async function readWebFiles(path: string | undefined): Promise<WebFiles> {
  if (path === undefined) return { settings: OPEN_TO_ALL, identity: undefined };
  const read = readWebConfig(path, await readText(path));
  if (!read.ok) throw new Error(problemLines(read.problems).join('\n'));
  const { settings } = read;
  try {
    return { settings, identity: settings.tls && (await readIdentity(settings.tls)) };
  } catch (error) {
    throw new Error(`${path}: tls_server_config.${messageOf(error)}`, { cause: error });
  }
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > LARGEST_FILE)
      throw new Error(`it has ${size} bytes, expected at most ${LARGEST_FILE}: is it the right file?`);
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`--web.config.file: cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

export interface WebFilesWatch {
  /** Looks now; resolves when what was found is in force or was told as trouble. */
  look(): Promise<void>;
  stop(): void;
}

/**
 * Looks at the files every so often. What cannot be used is told once, and the
 * last good ones stay in force; so do they when the listeners themselves would
 * have to change, since those cannot be closed without refusing a scrape.
 */
export function watchWebFiles(options: {
  readonly path: string | undefined;
  readonly current: WebFiles;
  readonly everyMs: number;
  changed(files: WebFiles): void;
  trouble(message: string): void;
}): WebFilesWatch {
  let { current } = options;
  let told = '';
  let stopped = false;

  async function look(): Promise<void> {
    try {
      const found = await readWebFiles(options.path);
      const obstacle = needsRestart(current.settings, found.settings);
      if (obstacle !== undefined) throw new Error(obstacle);
      told = '';
      if (stopped || isSame(current, found)) return;
      current = found;
      options.changed(found);
    } catch (error) {
      const message = messageOf(error);
      if (!stopped && message !== told) options.trouble(message);
      told = message;
    }
  }

  let last: Promise<void> = Promise.resolve();
  const lookInTurn = (): Promise<void> => (last = last.then(look));
  const timer =
    options.path === undefined ? undefined : setInterval(() => void lookInTurn(), options.everyMs);
  timer?.unref();
  return {
    look: lookInTurn,
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}

function needsRestart({ tls: before }: WebSettings, { tls: after }: WebSettings): string | undefined {
  if ((before === undefined) !== (after === undefined)) {
    return `tls_server_config was ${before === undefined ? 'added' : 'removed'}: restart Crosstalk to listen that way`;
  }
  const asked = before !== undefined && before.clientAuth !== 'NoClientCert';
  const asks = after !== undefined && after.clientAuth !== 'NoClientCert';
  if (asked === asks) return undefined;
  return `client_auth_type is ${after?.clientAuth ?? ''} now: restart Crosstalk to ${asks ? 'ask' : 'stop asking'} clients for certificates`;
}

function isSame(a: WebFiles, b: WebFiles): boolean {
  const described = ({ settings: { tls, headers, users } }: WebFiles): string =>
    JSON.stringify([tls ?? null, headers, [...users]]);
  return described(a) === described(b) && sameIdentity(a.identity, b.identity);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
