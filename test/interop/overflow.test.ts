/** What Hubble itself lost is summed, by where it was lost; what it posted and did not lose is counted. */
import { describe, expect, inject, test } from 'vitest';
import { startRelay, stop, until } from './cluster.mjs';
import { counted, countedToTheEnd, crossings, tally, type Tally } from './crossings.js';
import { type Crosstalk, startCrosstalk } from './crosstalk.js';
import { setStage } from './stage.js';

async function lost(crosstalk: Crosstalk, source: string): Promise<number> {
  return crosstalk.metric(`crosstalk_lost_events_total{source="${source}"}`);
}

async function accountedFor(crosstalk: Crosstalk, posted: number, seconds = 30): Promise<Tally> {
  const all = async (): Promise<boolean> => {
    const { connections, lost } = await tally(crosstalk);
    return connections + lost >= posted;
  };
  await until(`${posted} counted or lost`, all, seconds);
  return tally(crosstalk);
}

describe.concurrent.each(inject('hubbles'))('Hubble $patch', (hubble) => {
  test('events lost before the ring are summed by source, and not again when they are read again', async () => {
    const stage = await setStage(hubble);
    const [first, second, third] = stage.nodes;
    const crosstalk = await startCrosstalk(stage.relay.address);
    await crosstalk.ready();
    await first.lost('PERF_EVENT_RING_BUFFER', 5, 0);
    // Of two CPUs at once the same number: two losses.
    await first.lost('PERF_EVENT_RING_BUFFER', 5, 1);
    await second.lost('PERF_EVENT_RING_BUFFER', 1_000_000, 0);
    await third.lost('OBSERVER_EVENTS_QUEUE', 7);
    await until('the losses', async () => (await tally(crosstalk)).lost === 1_000_017);
    const check = async (): Promise<void> => {
      expect(await lost(crosstalk, 'perf_event_ring_buffer')).toBe(1_000_010);
      expect(await lost(crosstalk, 'observer_events_queue')).toBe(7);
      expect(await lost(crosstalk, 'hubble_ring_buffer')).toBe(0);
      expect(await lost(crosstalk, 'unknown')).toBe(0);
    };
    await check();

    await stop(stage.relay);
    const relay = await startRelay(hubble.programs.relay, first.hubble, {
      'listen-address': stage.relay.address,
    });
    await countedToTheEnd(crosstalk, stage.nodes, 0);
    await check();
    expect(crosstalk.log.filter(({ event }) => event === 'events_lost')).toHaveLength(4);
    await crosstalk.stop();
    await stop(relay);
    await stage.close();
  });

  test('an events queue that overflows: counted and lost are together what was posted', async () => {
    const stage = await setStage(hubble, { node: { queue: 1 } });
    const [node] = stage.nodes;
    const crosstalk = await startCrosstalk(stage.relay.address);
    await crosstalk.ready();
    const posted = 2_000;
    await node.post(crossings(posted), '?queue=overflow');
    // Agent events are never lost here: they wait for room.
    const total = await accountedFor(crosstalk, posted);
    expect(total.lost).toBe(await lost(crosstalk, 'observer_events_queue'));
    expect(total.lost).toBeGreaterThan(0);
    const end = await countedToTheEnd(crosstalk, stage.nodes, total.connections);
    expect(end.connections - stage.nodes.length + end.lost).toBe(posted);
    await crosstalk.stop();
    await stage.close();
  });

  /*
   * What holds, in both versions: each place of the ring that is overwritten before the reader came to it is one
   * lost event, of whatever kind and whether or not a filter would have kept it; so with nothing in the ring but flows
   * that are asked for, counted + lost = posted, to the flow, and no second is blind. With other events between them
   * it is an upper bound. 1.19 tells the sum with the next event after a second, 1.16 tells each loss by itself.
   */
  test('a reader too slow for a small ring: counted and lost are together what was posted', async () => {
    const stage = await setStage(hubble, { node: { ring: 1023, background: 0 } });
    const [, node] = stage.nodes;
    const crosstalk = await startCrosstalk(stage.relay.address);
    await crosstalk.ready();
    await node.post(crossings(10));
    await node.agentEvent();
    await counted(crosstalk, 10);

    crosstalk.kill('SIGSTOP');
    // More than the ring, and all that stands between it and us: windows of HTTP/2, the relay's channels.
    const posted = 30_000;
    for (let i = 0; i < posted; i += 2_000) await node.post(crossings(2_000));
    crosstalk.kill('SIGCONT');
    // The loss is told with the next event, and the newest event is withheld.
    let all = 10 + posted;
    let total: Tally | undefined;
    while (total === undefined) {
      expect((all += 1)).toBeLessThan(10 + posted + 20);
      await node.post(crossings(1));
      await node.agentEvent();
      total = await accountedFor(crosstalk, all, 3).catch(() => undefined);
    }
    expect(total.connections + total.lost).toBe(all);
    expect(total.flows).toBe(total.connections);
    expect(total.lost).toBe(await lost(crosstalk, 'hubble_ring_buffer'));
    expect(total.lost).toBeGreaterThan(1_023);
    expect(total.blindSeconds).toBe(0);
    expect(crosstalk.log.filter(({ event }) => event === 'stream_ended')).toEqual([]);
    await crosstalk.stop();
    await stage.close();
  });
});
