/** Through the real Hubble: what crossed is counted, once. */
import { describe, expect, inject, test } from 'vitest';
import { arrival, syncedPod } from '../fixtures/flows.js';
import { startCrosstalk } from './crosstalk.js';
import { flowJson } from './flowjson.js';
import { setStage } from './stage.js';
import { until } from './cluster.mjs';

describe.each(inject('hubbles'))('Hubble $patch', (hubble) => {
  test('a crossing is counted once', async () => {
    const stage = await setStage(hubble);
    const crosstalk = await startCrosstalk(stage.relay.address);
    await crosstalk.ready();
    const crossing = arrival({
      time: Date.now(),
      source: syncedPod('team-b', 'curl'),
      destination: syncedPod('team-a', 'nginx'),
    });
    await stage.nodes[1].post([flowJson(crossing)]);
    const sample =
      'crosstalk_cross_tenant_connections_total{source_tenant="team-b",destination_tenant="team-a",verdict="allowed",protocol="tcp",expected="false"}';
    await until('the crossing', async () => (await crosstalk.metric(sample)) > 0);
    expect(await crosstalk.metric(sample)).toBe(1);
    await crosstalk.stop();
    await stage.close();
  });
});
