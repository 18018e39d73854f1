/**
 * The only importer of prom-client. The hot path never touches it: at a scrape,
 * each family copies its numbers out of plain maps. prom-client's own counters are
 * not used for our families, because their label key is not injective (version
 * 15.1.3 joins names and values with ':' and ',' and escapes neither) and because
 * it costs more than counting.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import client from 'prom-client';
import type { Family, Numbers, Sample } from '../account/families.js';

/**
 * Series rendered between two turns of the event loop. Measured: prom-client
 * renders 10,000 in 25 ms, so that flows wait for half a millisecond; with larger
 * pages for longer, and it is done no sooner.
 */
const SERIES_PER_TURN = 200;

/**
 * Gauges of prom-client that end in _total: `promtool check metrics` refuses them.
 * The families without the suffix (nodejs_active_handles …) say the same by type.
 */
const MISNAMED = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`);

export interface Exposition {
  /** Text exposition format 0.0.4. */
  render(): Promise<string>;
}

/** A sample as prom-client's formatter takes it; `metricName` where it is not the family's (`_bucket`, `_sum`, `_count`). */
interface Line extends Sample {
  readonly metricName?: string;
}

/** @param defaults also prom-client's default process and Node.js metrics */
export function createExposition(
  families: readonly Family[],
  numbers: Numbers,
  options: { defaults: boolean },
): Exposition {
  const processRegistry = new client.Registry();
  if (options.defaults) client.collectDefaultMetrics({ register: processRegistry });
  for (const name of MISNAMED) processRegistry.removeSingleMetric(name);
  const renderers = families.map((family) => createRenderer(family, numbers));

  return {
    async render() {
      const parts: string[] = [];
      for (const render of renderers) parts.push(await render());
      if (options.defaults) parts.push(await processRegistry.metrics());
      return `${parts.join('\n\n').trimEnd()}\n`;
    },
  };
}

/** A metric in a registry of its own whose values are set from outside, page by page. */
function createRenderer(family: Family, numbers: Numbers): () => Promise<string> {
  const { name, help, type, labels } = family;
  const registry = new client.Registry();
  let values: Line[] = [];
  const metric = new client.Gauge({ name, help, labelNames: [...labels], registers: [registry] });
  // The formatter asks a metric for its values through get(); the typings name
  // an enum that the package does not export at run time, hence Object.assign.
  Object.assign(metric, {
    get: async () => Promise.resolve({ name, help, type, values, aggregator: 'sum' }),
  });

  return async () => {
    const pages: string[] = [];
    for (const page of pagesOf(linesOf(family, numbers))) {
      await nextTurn();
      values = page;
      const text = await registry.getSingleMetricAsString(name);
      pages.push(pages.length === 0 ? text : withoutHeader(text));
    }
    return pages.join('\n');
  };
}

/** At least one page, so that a family without samples still shows its HELP and TYPE. */
function* pagesOf(lines: Iterable<Line>): Iterable<Line[]> {
  let page: Line[] = [];
  let pages = 0;
  for (const line of lines) {
    page.push(line);
    if (page.length < SERIES_PER_TURN) continue;
    yield page;
    pages += 1;
    page = [];
  }
  if (page.length > 0 || pages === 0) yield page;
}

/** Drops the two lines `# HELP` and `# TYPE`, which may stand only once. */
function withoutHeader(text: string): string {
  return text.split('\n').slice(2).join('\n');
}

function* linesOf(family: Family, numbers: Numbers): Iterable<Line> {
  if (family.type !== 'histogram') {
    yield* family.samples(numbers);
    return;
  }
  const { bounds, counts, sum } = family.read(numbers);
  let cumulative = 0;
  for (const [index, count] of counts.entries()) {
    cumulative += count;
    const le = index < bounds.length ? String(bounds[index]) : '+Inf';
    yield { labels: { le }, value: cumulative, metricName: `${family.name}_bucket` };
  }
  yield { labels: {}, value: sum, metricName: `${family.name}_sum` };
  yield { labels: {}, value: cumulative, metricName: `${family.name}_count` };
}
