/**
 * A cluster where nothing happens: the stream must outlive it. A Go server
 * allows one ping in five minutes and forgives two more, unless it sent
 * something in between (grpc-go, internal/transport/http2_server.go,
 * handlePing; keepalive.EnforcementPolicy): after that it sends the client away.
 */
import { describe, expect, inject, test } from 'vitest';
import { until } from './cluster.mjs';
import { counted, crossings, nodesInState, tally } from './crossings.js';
import { startCrosstalk } from './crosstalk.js';
import { follow } from './pinging.js';
import { setStage } from './stage.js';

/** Ten minutes are two of those five, and room for twenty of our keepalive pings. */
const QUIET_MS = process.env['CROSSTALK_LONG'] === '1' ? 600_000 : 45_000;

describe.concurrent.each(inject('hubbles'))('Hubble $patch', (hubble) => {
  test(
    `a stream on which nothing comes for ${QUIET_MS / 1000} s is not cut, and still alive`,
    { timeout: QUIET_MS + 120_000 },
    async ({ onTestFinished }) => {
      const stage = await setStage(hubble, { node: { background: 0 } });
      onTestFinished(() => stage.close());
      const crosstalk = await startCrosstalk(stage.relay.address);
      await crosstalk.ready();
      await nodesInState(crosstalk, 'connected', 3);
      const began = Date.now();
      const impatient = follow(stage.relay.address, { pingEveryMs: 1_500 });
      const talkative = follow(stage.relay.address, { pingEveryMs: 1_500, checkEveryMs: 400 });

      // The negative control: the same quiet, pings too often, and nothing between them.
      expect((await until('the impatient client sent away', () => impatient.ended())).code).toBe(8);

      await until('the quiet time', () => Date.now() - began >= QUIET_MS, QUIET_MS / 1000 + 60);
      const ends = Object.entries(await crosstalk.metrics()).filter(([name]) =>
        name.includes('streams_ended'),
      );
      expect(ends.length).toBeGreaterThan(10);
      expect(ends.filter(([, value]) => value !== 0)).toEqual([]);
      expect(crosstalk.log.filter(({ event }) => event === 'stream_proven')).toHaveLength(1);
      expect((await tally(crosstalk)).flows).toBe(0);
      // The same number of pings, but with health checks between them, as ours are: that is what keeps it.
      expect(talkative.ended()).toBeUndefined();

      // Alive, and not only not ended.
      for (const node of stage.nodes) {
        await node.post(crossings(1));
        await node.agentEvent();
      }
      expect(await counted(crosstalk, 3)).toMatchObject({ flows: 3, duplicates: 0, blindSeconds: 0 });
      expect(await crosstalk.metric('crosstalk_hubble_up')).toBe(1);
      talkative.close();
      await crosstalk.stop();
    },
  );
});
