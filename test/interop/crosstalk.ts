/** `crosstalk serve` as its users run it: a process, asked over HTTP. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from './cluster.mjs';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Samples of one scrape by `name{label="value",…}`, as /metrics spells them. */
export type Samples = Readonly<Record<string, number>>;

export interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface Crosstalk {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly pid: number;
  /** Every line it has logged. */
  readonly log: readonly LogLine[];
  metrics(): Promise<Samples>;
  /** One sample; 0 when it is not there. */
  metric(sample: string): Promise<number>;
  /** The answer of `/api/v1/<what>`. */
  api(what: string): Promise<Record<string, unknown>>;
  /** Waits until a stream is proven alive. */
  ready(): Promise<void>;
  /** Waits until a line with this event is logged, `from` lines on. */
  logged(event: string, from?: number): Promise<LogLine>;
  /** Ends it; rejects unless it exits with 0. */
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

const running = new Set<Crosstalk>();
process.once('exit', () => running.forEach((crosstalk) => crosstalk.kill('SIGKILL')));

/** Starts it against a server; `flags` are the command line's, such as `--flows.filter=all`. */
export async function startCrosstalk(server: string, ...flags: string[]): Promise<Crosstalk> {
  const child = spawn(
    process.execPath,
    [MAIN, 'serve', `--server=${server}`, '--web.listen-address=127.0.0.1:0', ...flags],
    { env: { PATH: process.env['PATH'] }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const log: LogLine[] = [];
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  createInterface({ input: child.stdout }).on('line', (line) => log.push(JSON.parse(line) as LogLine));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));

  const logged = (event: string, from = 0): Promise<LogLine> =>
    until(`a log line with event ${event}`, () => {
      if (child.exitCode !== null) throw new Error(`crosstalk ended with ${child.exitCode}: ${errors}`);
      return log.slice(from).find((line) => line.event === event);
    });
  const listening = await logged('web_listening');
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(JSON.stringify(listening))?.[0] ?? '';

  const crosstalk: Crosstalk = {
    url,
    pid: child.pid ?? 0,
    log,
    logged,
    metrics: async () => parseSamples(await (await fetch(`${url}/metrics`)).text()),
    metric: async (sample) => (await crosstalk.metrics())[sample] ?? 0,
    api: async (what) => (await (await fetch(`${url}/api/v1/${what}`)).json()) as Record<string, unknown>,
    ready: async () => {
      await until('crosstalk ready', async () => (await fetch(`${url}/-/ready`)).ok, 60);
    },
    async stop() {
      child.kill('SIGTERM');
      const code = await ended;
      running.delete(crosstalk);
      if (code !== 0) throw new Error(`crosstalk ended with ${code ?? 'a signal'}: ${errors}`);
    },
    kill: (signal) => void child.kill(signal),
  };
  running.add(crosstalk);
  return crosstalk;
}

/** Text exposition 0.0.4 without its comments; label values here hold no line breaks. */
function parseSamples(text: string): Samples {
  const samples: Record<string, number> = {};
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const space = line.lastIndexOf(' ');
    samples[line.slice(0, space)] = Number(line.slice(space + 1));
  }
  return samples;
}
