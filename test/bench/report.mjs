// What the benchmark found, as the tables and pictures of docs/performance.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fill } from '../../scripts/docs.mjs';
import { barChart, said } from './chart.mjs';
import { median, speedAgainst } from './rounds.mjs';

const file = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const DOCUMENT = 'docs/performance.md';
const CACHE = '.cache/bench.json';

const spread = (values) =>
  `${said(median(values))} (${said(Math.min(...values))}–${said(Math.max(...values))})`;
const costs = (runs) => runs.map(({ microseconds }) => microseconds);
const ratio = ({ median: middle, least, most }) =>
  `${middle.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** Under which circumstances a section was measured. */
const taken = ({ machine, date, load, rounds }) =>
  `${date}, ${machine}; ${rounds} rounds; load average ${load.before.toFixed(1)} before, ${load.after.toFixed(1)} after.`;

const BLOCKS = {
  readers({ readers: { about, hubble, runs } }) {
    const rows = Object.entries(runs).map(([name, own]) => [
      NAMES[name] ?? `\`${name}\` (${hubble})`,
      spread(costs(own)),
      said(1e6 / median(costs(own))),
      ratio(speedAgainst(own, runs['no-op'])),
      own[0].flowsPerSecond === undefined ? '' : said(median(own.map((run) => run.flowsPerSecond))),
      own[0].rssBytes === undefined ? '' : String(Math.round(median(own.map((run) => run.rssBytes)) / 1e6)),
    ]);
    const head = [
      'reader',
      'CPU, µs a flow',
      'flows a CPU second',
      'CPU speed / no-op',
      'flows/s',
      'resident MB',
    ];
    return `Flows of ${about.meanBytes} bytes, 64 a write.\n\n${table(head, rows)}\n\n![CPU speed of each reader](images/bench-readers.svg)`;
  },

  goals({ readers: { runs } }) {
    const against = (base) => runs[base] && speedAgainst(runs.daemon, runs[base]);
    const rows = GOALS.filter(({ base }) => against(base) !== undefined).map(({ base, goal }) => {
      const found = against(base);
      return [NAMES[base] ?? `\`${base}\``, String(goal), ratio(found), found.median >= goal ? 'yes' : 'no'];
    });
    return table(['the whole daemon, CPU speed against', 'goal', 'measured', 'met'], rows);
  },

  growth({ growth }) {
    return growth.axes
      .map(({ what, values }) => {
        const base = values[0].runs;
        const rows = [...values]
          .sort((a, b) => a.value - b.value)
          .map(({ value, runs }) => [
            AXES[what].value(value),
            spread(costs(runs)),
            ratio(speedAgainst(runs, base)).replace(/^1\.00 .*/, '1'),
          ]);
        const head = [AXES[what].title, 'CPU, µs a flow', `speed / ${AXES[what].value(values[0].value)}`];
        return `${table(head, rows)}`;
      })
      .concat('![CPU a flow as a cluster grows](images/bench-growth.svg)')
      .join('\n\n');
  },

  ends({ ends }) {
    const rows = ends.axes.flatMap(({ what, values: [small, large] }) => [
      [
        `${AXES[what].value(small.value)} and ${AXES[what].value(large.value)} ${what}`,
        spread(costs(small.runs)),
        spread(costs(large.runs)),
        ratio(speedAgainst(small.runs, large.runs)),
      ],
    ]);
    return table(
      ['the whole daemon, not scraped, with', 'CPU, µs a flow', 'CPU, µs a flow', 'cost, times'],
      rows,
    );
  },

  transport({ transport: { bytes, runs } }) {
    const rows = Object.entries(runs).map(([name, own]) => [
      name,
      String(bytes[name]),
      spread(costs(own)),
      ratio(speedAgainst(own, Object.values(runs)[0])),
    ]);
    return table(['way', 'bytes a flow', 'CPU, µs a flow', 'speed / the first'], rows);
  },

  loop({ loop: { half, series, delays, scrapeMs } }) {
    return (
      `At ${said(half)} flows/s, half of the most, and ${said(series)} samples a scrape, every second for ${delays.length} seconds: ` +
      `p99 of the event loop's delay ${said(median(delays))} ms in the median second, ${said(Math.max(...delays))} ms in the worst. ` +
      `A scrape took ${said(scrapeMs)} ms.`
    );
  },

  memory({ memory: { base, endpoints, connections, series, empty, full } }) {
    const each = (what) => `${Math.round(what.each)} bytes`;
    const megabytes = ({ rssBytes }) => `${Math.round(rssBytes / 1e6)} MB`;
    return (
      `bytes in use = ${(base / 1e6).toFixed(0)} MB + ${each(endpoints)} an endpoint + ${each(connections)} a tracked connection + ${each(series)} a series. ` +
      `Resident of the whole daemon, as the image starts it: ${megabytes(empty)} with next to nothing, ` +
      `${megabytes(full)} after a flood of ${said(endpoints.count)} endpoints and ${said(full.tracked)} connections, all of them tracked.`
    );
  },
};

const NAMES = {
  http2: 'node:http2, frames counted only',
  'no-op': 'grpc-js, no-op deserializer, our window',
  'no-op, default window': 'grpc-js, no-op deserializer, default window',
  'proto-loader': 'grpc-js and proto-loader, as documented',
  daemon: '**Crosstalk, the whole daemon**, scraped every second',
  'library over http2':
    'Crosstalk as a library on bare node:http2 (no product: what a transport of our own would cost)',
  library: '**Crosstalk as a library**, out of memory',
};
const GOALS = [
  { base: 'no-op', goal: 0.75 },
  { base: 'proto-loader', goal: 2.7 },
  { base: 'hubble observe -o compact', goal: 2.5 },
  { base: 'hubble observe -o json', goal: 12 },
];
const AXES = {
  endpoints: { title: 'endpoints', value: (count) => count.toLocaleString('en') },
  tenants: { title: 'tenants (10,000 endpoints)', value: (count) => String(count) },
  crossShare: { title: 'connections between tenants', value: (share) => `${share * 100} %` },
};

function pictures({ readers, growth }) {
  const found = {};
  if (readers !== undefined) {
    const { runs } = readers;
    found['bench-readers'] = barChart(
      'CPU speed, grpc-js that does nothing = 1 (same window)',
      Object.entries(runs).map(([name, own]) => {
        const { median: value, least, most } = speedAgainst(own, runs['no-op']);
        const label = (NAMES[name] ?? name)
          .replace(/\*\*/g, '')
          .replace(/,? (out of|scraped|as doc|frames|\(no product).*/, '');
        return {
          label: label.replace('no-op deserializer', 'no-op'),
          value,
          least,
          most,
          ours: /Crosstalk/.test(label),
        };
      }),
      { unit: '×', goal: 0.75 },
    );
  }
  if (growth !== undefined) {
    const bars = growth.axes.flatMap(({ what, values }) =>
      [...values]
        .sort((a, b) => a.value - b.value)
        .map(({ value, runs }) => {
          const all = costs(runs);
          const label = `${AXES[what].value(value)} ${what === 'crossShare' ? 'between tenants' : what}`;
          return { label, value: median(all), least: Math.min(...all), most: Math.max(...all), ours: true };
        }),
    );
    found['bench-growth'] = barChart('What a flow costs as a cluster grows (library)', bars, { unit: 'µs' });
  }
  return found;
}

/** What was measured now replaces what is known; the rest stays as it was. */
export function writeDocument(results) {
  mkdirSync(file('.cache'), { recursive: true });
  const known = { ...read(CACHE), ...results };
  writeFileSync(file(CACHE), JSON.stringify(known));
  for (const [name, svg] of Object.entries(pictures(known)))
    writeFileSync(file(`docs/images/${name}.svg`), svg);
  const text = readFileSync(file(DOCUMENT), 'utf8');
  const blocks = Object.fromEntries(
    Object.entries(BLOCKS).map(([name, block]) => [
      name,
      isKnown(known, name)
        ? `${block(known)}\n\n${taken(known[sectionOf(name)].taken)}`
        : asItStands(text, name),
    ]),
  );
  writeFileSync(file(DOCUMENT), fill(text, blocks));
  print(results);
}

/** What another machine has measured. */
const asItStands = (text, name) =>
  new RegExp(`<!-- generated: ${name} -->\\n([\\s\\S]*?)\\n<!-- /generated -->`).exec(text)?.[1] ?? '';

const sectionOf = (block) => (block === 'goals' ? 'readers' : block);
const isKnown = (results, block) => results[sectionOf(block)] !== undefined;

function read(path) {
  try {
    return JSON.parse(readFileSync(file(path), 'utf8'));
  } catch {
    return {};
  }
}

export function print(results) {
  for (const [name, block] of Object.entries(BLOCKS)) {
    if (isKnown(results, name)) console.log(`${block(results)}\n`);
  }
}
