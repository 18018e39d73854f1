// The processes that are measured, and what the system says of them. Whatever was
// started here ends with this process, however it ends.
import { spawn, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** The unit of /proc/<pid>/stat: USER_HZ, which is 100 on every Linux that Node.js runs on. */
const TICKS_A_SECOND = 100;

const running = new Set();
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

function kept(child) {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Ends a process and waits until it is gone. */
export async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** As the image starts Node.js (Dockerfile). */
export const AS_SHIPPED = {
  execArgv: [
    '--optimize-for-size',
    '--min-semi-space-size=4',
    '--max-semi-space-size=4',
    '--no-allocation-site-pretenuring',
  ],
  env: { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' },
};

/** Another file of this folder as a process of its own, with its parameters as JSON. */
export function startScript(script, parameters, { execArgv = [], env = {} } = {}) {
  return kept(
    fork(new URL(script, import.meta.url), [JSON.stringify(parameters)], {
      execArgv,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
  );
}

/** A program whose output nobody reads. */
export function startProgram(path, args) {
  return kept(spawn(path, args, { stdio: ['ignore', 'ignore', 'inherit'] }));
}

/** The daemon as it is shipped, a process of its own, and where its web server listens. */
export async function startDaemon(server, flags = [], env = {}) {
  const all = [`--server=${server}`, '--web.listen-address=127.0.0.1:0', ...flags];
  const child = kept(
    spawn(process.execPath, [...AS_SHIPPED.execArgv, MAIN, 'serve', ...all], {
      env: { PATH: process.env.PATH, ...AS_SHIPPED.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = line.includes('web_listening') && /http:\/\/127\.0\.0\.1:\d+/.exec(line);
      if (found) resolve(found[0]);
    });
    child.once('exit', (code) => reject(new Error(`the daemon ended with ${code}`)));
  });
  return { child, url };
}

/** CPU time of a process with all its threads, in seconds, and its resident memory in bytes (proc_pid_stat(5)). */
export function usage({ pid }) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the command's name in parentheses, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return { cpuSeconds: (user + system) / TICKS_A_SECOND, rssBytes: Number(fields[21]) * 4096 };
}

/** One scrape: how long it took, and every sample by its name with labels. */
export async function scrape(url) {
  const started = performance.now();
  const text = await (await fetch(`${url}/metrics`)).text();
  const ms = performance.now() - started;
  const samples = new Map();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const space = line.lastIndexOf(' ');
    samples.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return { at: started, ms, bytes: text.length, samples };
}
