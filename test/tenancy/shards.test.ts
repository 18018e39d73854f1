/**
 * What an analyzer of one node cannot know, and what makes up for it: evidence of
 * the host namespace alone is learned from other pods, which may be on other nodes.
 */
import { describe, expect, test } from 'vitest';
import type { Flow, TenancyRules } from '../../src/model.js';
import { arrival, hostPod, syncedPod } from '../fixtures/flows.js';
import { countedSamples, createWholePipeline } from '../fixtures/pipeline.js';

/** A pod of team-a says so, on one node; on another, one without a mark in the same host namespace is reached. */
const elsewhere = (): Flow =>
  arrival({
    nodeName: 'worker-2',
    source: syncedPod('team-a', 'web'),
    destination: syncedPod('team-a', 'db'),
  });
const unmarked = (): Flow =>
  arrival({
    source: syncedPod('team-b', 'curl'),
    destination: hostPod('team-a', 'backup-7d6b4c9f8-xk2vp'),
  });

function crossings(flows: readonly Flow[], rules: Partial<TenancyRules> = {}): string[] {
  const pipeline = createWholePipeline({ rules });
  for (const flow of flows) pipeline.take(flow);
  return Object.keys(countedSamples(pipeline)).filter((sample) => sample.startsWith('cross_tenant'));
}

describe('a pod without a mark in a tenant’s host namespace', () => {
  test('is the tenant’s to an analyzer on the relay, which has seen the others of that namespace', () => {
    expect(crossings([elsewhere(), unmarked()])).toHaveLength(1);
  });

  test('is the platform’s to an analyzer of a node that has seen none of them', () => {
    expect(crossings([unmarked()])).toEqual([]);
  });

  test('is the tenant’s to both where the configuration says whose the namespace is', () => {
    const namespaces = [{ namespace: 'team-a', vcluster: 'team-a', name: undefined }];
    const told = [
      crossings([elsewhere(), unmarked()], { namespaces }),
      crossings([unmarked()], { namespaces }),
    ];
    expect(told[0]).toHaveLength(1);
    expect(told[1]).toEqual(told[0]);
  });
});
