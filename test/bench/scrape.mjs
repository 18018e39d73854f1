// How long one scrape keeps the event loop from its work, by number of series.
//
//   node test/bench/scrape.mjs        (npm run bench:scrape)
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAMILIES } from '../../dist/account/families.js';
import { createLedger } from '../../dist/account/ledger.js';
import { createMeters } from '../../dist/account/meters.js';
import { createExposition } from '../../dist/expose/registry.js';

const SCRAPES = 20;
const rows = {};
for (const series of [1_000, 10_000, 100_000]) {
  const ledger = createLedger(1_000_000);
  for (let i = 0; i < series / 2; i += 1) ledger.crossing(crossing(`tenant-${i}`));
  const numbers = {
    ledger,
    meters: createMeters({ endReasons: [], nodeStates: [] }, 0),
    tenants: () => series,
    trackedConnections: () => 0,
    evictedConnections: () => 0,
    violations: () => 0,
    build: { version: '', revision: '', nodeVersion: '' },
  };
  const exposition = createExposition(FAMILIES, numbers, { defaults: true });
  await exposition.render();
  await sleep(200);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const took = [];
  let bytes = 0;
  for (let scrape = 0; scrape < SCRAPES; scrape += 1) {
    const started = performance.now();
    bytes = (await exposition.render()).length;
    took.push(performance.now() - started);
    await sleep(20);
  }
  delay.disable();
  rows[series.toLocaleString('en')] = {
    'scrape ms (median)': round(took.sort((a, b) => a - b)[SCRAPES / 2]),
    'loop blocked ms (p99)': round(delay.percentile(99) / 1e6),
    'loop blocked ms (worst)': round(delay.max / 1e6),
    'body MB': round(bytes / 1e6),
  };
}
console.table(rows);

function crossing(source) {
  const party = (name) => ({ kind: 'tenant', tenant: { name } });
  return {
    flow: { l4: { protocol: 'tcp' } },
    source: party(source),
    destination: party('team-a'),
    occurrence: { connection: 1, isNew: true, verdict: 'allowed' },
    agreement: undefined,
    policies: [],
    seenAt: 1_768_478_400_000,
  };
}

function round(value) {
  return Math.round(value * 10) / 10;
}
