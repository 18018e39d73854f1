/**
 * A tenant that makes up names without end, to grow the scrape until Prometheus
 * refuses it whole, or to push what was found out of it.
 */
import { expect, test } from 'vitest';
import { FAMILIES } from '../../src/account/families.js';
import { createExposition } from '../../src/expose/registry.js';
import { arrival, syncedPod, T0 } from '../fixtures/flows.js';
import { createWholePipeline } from '../fixtures/pipeline.js';

const LONG = process.env['CROSSTALK_LONG'] === '1';
const NAMES = LONG ? 1_000_000 : 30_000;
/** What the pipeline of the tests is made with, and `limits.tenantPairs` by default. */
const PAIRS = 10_000;

test(
  `${NAMES.toLocaleString('en')} invented tenants: series stay within limits, every flow counts, violations stay visible`,
  async () => {
    const pipeline = createWholePipeline();
    let taken = 0;
    const connect = (source: string, destination: string, time: number): void => {
      taken += 1;
      const sourceIp = `10.${(taken >> 16) & 255}.${(taken >> 8) & 255}.${taken & 255}`;
      pipeline.take(
        arrival({ source: syncedPod(source, 'curl'), destination: syncedPod(destination), sourceIp, time }),
      );
    };
    connect('team-b', 'team-a', T0);
    connect('team-c', 'team-c', T0);
    for (let n = 0; n < NAMES; n += 1) connect(`v${n}`, n % 2 === 0 ? 'team-a' : 'team-d', T0 + n);
    for (let n = 0; n < PAIRS; n += 1) connect(`v${n}`, n % 2 === 0 ? 'team-d' : 'team-a', T0 + NAMES + n);
    const last = T0 + NAMES * 2;
    connect('team-b', 'team-a', last);
    connect('team-c', 'team-a', last);
    connect('never-seen-before', 'team-a', last);

    const { ledger } = pipeline.numbers;
    const flows = [...ledger.flows()];
    expect(flows.reduce((sum, { count }) => sum + count, 0)).toBe(taken);
    const text = await createExposition(FAMILIES, pipeline.numbers, { defaults: false }).render();
    const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    // Three families of pairs, a few more each for what overflows, and those of fixed size.
    expect(series.length).toBeGreaterThan(2 * PAIRS);
    expect(series.length).toBeLessThan(3 * PAIRS + 300);

    const lastSeen = (name: string) => [...ledger.seen()].find(({ source }) => source === name)?.lastSeen;
    expect(lastSeen('team-b')).toBe(last);
    // Who comes too late for a place of its own stands in a sum that alerts, and in the list of crossings.
    expect(lastSeen('__overflow__')).toBe(last);
    expect(ledger.overflows.get('crosstalk_cross_tenant_connections_total')).toBeGreaterThan(0);
    const [newest] = pipeline.crossings.recent({ limit: 1 });
    expect(newest?.crossing.source).toMatchObject({ tenant: { name: 'team-c' } });
    // And whom there was no room to learn of is nobody's friend.
    expect(flows).toContainEqual(
      expect.objectContaining({
        source: '__unidentified__',
        destination: 'team-a',
        relation: 'unidentified',
      }),
    );
  },
  LONG ? 600_000 : 120_000,
);
