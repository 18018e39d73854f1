/** What the relay brings twice, and what Hubble says of itself, is no traffic. */
import { describe, expect, inject, test } from 'vitest';
import { flowsAt, situations, type Situation } from '../fixtures/situations.js';
import { freePort, startRelay, stop, until } from './cluster.mjs';
import { counted } from './counted.js';
import { startCrosstalk, type Crosstalk } from './crosstalk.js';
import { MARK_SAMPLE, play, played } from './play.js';
import { setStage } from './stage.js';

const DUPLICATES = 'crosstalk_duplicate_flows_total';

function situation(start: string): Situation {
  const found = situations.find(({ title }) => title.startsWith(start));
  if (found === undefined) throw new Error(`no situation ${start}`);
  return found;
}

const CROSSING = situation('7.');
const DENIAL = situation('10. allowed at egress');

/** What was counted, without what a re-read or a mark adds. */
async function connections(crosstalk: Crosstalk): Promise<Record<string, number>> {
  const samples = Object.entries(counted(await crosstalk.metrics()));
  return Object.fromEntries(
    samples.filter(([sample]) => !sample.startsWith('duplicate') && sample !== MARK_SAMPLE),
  );
}

describe.each(inject('hubbles'))('Hubble $patch', (hubble) => {
  test('18, 19. events read again, through another relay, count no second time', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const stage = await setStage(hubble, { relay: { 'listen-address': address } });
    const crosstalk = await startCrosstalk(address, '--flows.filter=all');
    await crosstalk.ready();
    const flows = [CROSSING, DENIAL].flatMap((each) => flowsAt(each, Date.now()));
    await play(stage, flows);
    await played(crosstalk, stage);
    const before = await connections(crosstalk);
    expect(Object.keys(before).filter((sample) => sample.startsWith('cross_tenant_conn'))).toHaveLength(2);

    // The replica that takes over has its own streams to the nodes and the same rings behind it.
    await stop(stage.relay, 'SIGKILL');
    const replica = await startRelay(hubble.programs.relay, stage.nodes[0].hubble, {
      'listen-address': address,
    });
    const again = flows.length + stage.nodes.length;
    await until('every event again', async () => (await crosstalk.metric(DUPLICATES)) >= again, 60);
    await play(stage, []);
    await played(crosstalk, stage, 2);

    expect(await crosstalk.metric(DUPLICATES)).toBe(again);
    expect(await connections(crosstalk)).toEqual(before);
    await crosstalk.stop();
    await stop(replica, 'SIGKILL');
    await stage.close();
  });

  test('22. lost events and the error of a node change what is known of the stream, and no count', async () => {
    const stage = await setStage(hubble);
    const crosstalk = await startCrosstalk(stage.relay.address);
    await crosstalk.ready();
    await play(stage, flowsAt(CROSSING, Date.now()));
    await played(crosstalk, stage);
    const before = await connections(crosstalk);

    await stage.nodes[0].lost('PERF_EVENT_RING_BUFFER', 5, 2);
    await stage.nodes[1].lost('OBSERVER_EVENTS_QUEUE', 7);
    const lost = (source: string): Promise<number> =>
      crosstalk.metric(`crosstalk_lost_events_total{source="${source}"}`);
    await until('both losses', async () => (await lost('observer_events_queue')) > 0);
    await until('both losses', async () => (await lost('perf_event_ring_buffer')) > 0);
    expect([await lost('perf_event_ring_buffer'), await lost('observer_events_queue')]).toEqual([5, 7]);

    await stop(stage.nodes[2], 'SIGKILL');
    await until(
      'one node less',
      async () => (await crosstalk.metric('crosstalk_nodes{state="connected"}')) === 2,
      90,
    );
    const withoutLosses = Object.entries(await connections(crosstalk)).filter(
      ([sample]) => !sample.startsWith('lost_events'),
    );
    expect(Object.fromEntries(withoutLosses)).toEqual(before);
    await crosstalk.stop();
    await stage.close();
  });
});
