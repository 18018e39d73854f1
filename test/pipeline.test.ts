/**
 * The situations of test/fixtures/situations.ts through the real stages: for
 * each the counters that must move and, because the comparison is exact, all
 * those that must not. And what a list of flows does not say by itself.
 */
import { describe, expect, test, vi } from 'vitest';
import { arrival, policyVerdict, tcp, udp } from './fixtures/flows.js';
import { countedSamples, createWholePipeline } from './fixtures/pipeline.js';
import { situations } from './fixtures/situations.js';
import { connections } from './fixtures/situations/samples.js';
import { TcpFlag } from '../src/model.js';

// Not `$title`, which Vitest cuts after some words.
test.each(situations.map((situation) => [situation.title, situation] as const))(
  '%s',
  (_, { flows, counted }) => {
    const whole = createWholePipeline();
    for (const flow of flows()) whole.take(flow);
    expect(countedSamples(whole)).toEqual(counted);
  },
);

test('a crossing is counted before anything is noted for policies, whatever becomes of that', () => {
  const whole = createWholePipeline();
  vi.spyOn(whole.observations, 'take').mockImplementation(() => {
    throw new Error('no room');
  });
  expect(() => whole.take(arrival())).toThrow('no room');
  expect(countedSamples(whole)[connections('team-b', 'team-a')]).toBe(1);
  expect(whole.crossings.recent({ limit: 1 })).toHaveLength(1);
});

describe('agreed traffic', () => {
  test('is counted apart, and an agreement for one port covers no other', () => {
    const whole = createWholePipeline({
      expected: [
        {
          source: 'team-b',
          destination: 'team-a',
          ports: [{ port: 80, protocol: 'tcp' }],
          reason: 'shared proxy',
          until: undefined,
        },
      ],
    });
    whole.take(arrival());
    whole.take(arrival({ l4: tcp(TcpFlag.SYN, 40_000, 443) }));
    whole.take(arrival({ l4: udp(40_000, 80) }));
    const samples = countedSamples(whole);
    expect(samples[connections('team-b', 'team-a').replace('false', 'true')]).toBe(1);
    expect(samples[connections('team-b', 'team-a')]).toBe(1);
    expect(samples[connections('team-b', 'team-a', 'allowed', 'udp')]).toBe(1);
  });
});

test('the policies that let a crossing through are named with it', () => {
  const whole = createWholePipeline();
  const allow = { kind: 'CiliumNetworkPolicy', namespace: 'team-a', name: 'allow-all' };
  whole.take(policyVerdict({ allowedBy: [allow] }));
  whole.take(arrival());
  expect(whole.crossings.recent({ limit: 1 })[0]?.crossing.policies).toEqual([allow]);
});
