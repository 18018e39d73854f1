/** The real Prometheus, on loopback, as deploy/prometheus/prometheus.yaml configures it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { freePort, until } from '../interop/cluster.mjs';
import { prometheus } from '../tools.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** One element of an instant vector. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Prometheus {
  readonly url: string;
  /** The instant vector of an expression; rejects with Prometheus' own words where it is wrong. */
  query(expr: string): Promise<readonly Sample[]>;
  /** Values over time: each series with its samples, seconds since the epoch. */
  queryRange(
    expr: string,
    range: { readonly from: number; readonly to: number; readonly step: number },
  ): Promise<readonly { labels: Readonly<Record<string, string>>; values: readonly [number, number][] }[]>;
  stop(): Promise<void>;
}

export interface PrometheusOptions {
  /** `host:port` of the analyzers. */
  readonly targets: readonly string[];
  /** Each target's own labels, such as `instance` (its address by default) or `shard`. */
  readonly labels?: readonly Readonly<Record<string, string>>[];
  /** `host:port`. */
  readonly alertmanagers?: readonly string[];
  /** Text of a rule file. */
  readonly rules: string;
  /** Of scrapes and evaluations. */
  readonly interval: string;
}

export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const directory = mkdtempSync(join(tmpdir(), 'prometheus-'));
  writeFileSync(join(directory, 'crosstalk.rules.yaml'), options.rules);
  writeFileSync(join(directory, 'prometheus.yaml'), configuration(options));
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    prometheus(),
    [
      `--config.file=${directory}/prometheus.yaml`,
      `--storage.tsdb.path=${directory}/data`,
      `--web.listen-address=${address}`,
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  process.once('exit', () => child.kill('SIGKILL'));
  const url = `http://${address}`;
  await until('Prometheus ready', async () => {
    if (child.exitCode !== null) throw new Error(`prometheus ended: ${log}`);
    return await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  });

  const ask = async (path: string, parameters: Record<string, string>): Promise<Result[]> => {
    const answer = await fetch(`${url}/api/v1/${path}`, {
      method: 'POST',
      body: new URLSearchParams(parameters),
    });
    const body = (await answer.json()) as { error?: string; data: { result: Result[] } };
    if (body.error !== undefined) throw new Error(`${body.error} in: ${parameters['query'] ?? ''}`);
    return body.data.result;
  };
  return {
    url,
    query: async (query) =>
      (await ask('query', { query })).map(({ metric, value = [0, '0'] }) => ({
        labels: metric,
        value: Number(value[1]),
      })),
    queryRange: async (query, { from, to, step }) =>
      (await ask('query_range', { query, start: `${from}`, end: `${to}`, step: `${step}` })).map(
        ({ metric, values = [] }) => ({
          labels: metric,
          values: values.map(([time, value]) => [time, Number(value)] as [number, number]),
        }),
      ),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

interface Result {
  readonly metric: Record<string, string>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

/** What people are told to write, with this machine's addresses and shorter waits. */
function configuration({ targets, labels = [], alertmanagers = [], interval }: PrometheusOptions): string {
  const shipped = parse(readFileSync(`${root}/deploy/prometheus/prometheus.yaml`, 'utf8')) as {
    global: object;
    scrape_configs: [object];
    alerting: { alertmanagers: [object] };
  };
  return stringify({
    ...shipped,
    global: { ...shipped.global, evaluation_interval: interval },
    scrape_configs: [
      {
        ...shipped.scrape_configs[0],
        scrape_interval: interval,
        scrape_timeout: interval,
        static_configs: targets.map((target, index) => ({
          targets: [target],
          labels: labels[index] ?? {},
        })),
      },
    ],
    alerting: {
      alertmanagers: alertmanagers.map((target) => ({
        ...shipped.alerting.alertmanagers[0],
        static_configs: [{ targets: [target] }],
      })),
    },
  });
}

/**
 * Rules that live `factor` times as fast: every duration in them is divided, down
 * to a second, and so is the age at which a crossing is no longer recent.
 */
export function compressed(rules: string, factor: number): string {
  const shorter = (duration: string): string => {
    const [, amount = '0', unit = 's'] = /^(\d+)([smhd])$/.exec(duration) ?? [];
    const seconds = Number(amount) * { s: 1, m: 60, h: 3600, d: 86_400 }[unit as 's' | 'm' | 'h' | 'd'];
    return `${Math.max(1, Math.round(seconds / factor))}s`;
  };
  return rules
    .replace(/\[(\d+[smhd])\]/g, (_, duration: string) => `[${shorter(duration)}]`)
    .replace(
      /(offset |interval: |for: )(\d+[smhd])/g,
      (_, word: string, duration: string) => word + shorter(duration),
    )
    .replace(/< 840\b/g, `< ${Math.round(840 / factor)}`);
}
