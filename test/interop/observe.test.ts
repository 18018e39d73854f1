/** What a person finds with `hubble observe` while Crosstalk watches the same traffic. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startCrosstalk, type Crosstalk } from './crosstalk.js';
import { mixedTraffic } from './mixed.js';
import { observe, typeOf, type ShownFlow } from './observe.js';
import { isMark, play, played } from './play.js';
import { setStage, type Stage } from './stage.js';

interface Crossing {
  readonly verdict: 'allowed' | 'audited' | 'denied';
  readonly uuid: string;
  readonly count: number;
}

describe.each(inject('hubbles'))('Hubble $patch', (hubble) => {
  let stage: Stage;
  let crosstalk: Crosstalk;
  let crossings: readonly Crossing[];
  beforeAll(async () => {
    stage = await setStage(hubble);
    crosstalk = await startCrosstalk(stage.relay.address);
    await crosstalk.ready();
    await play(stage, mixedTraffic(Date.now()));
    await played(crosstalk, stage);
    crossings = (await crosstalk.api('crossings?limit=1000')) as unknown as Crossing[];
  });
  afterAll(async () => {
    await crosstalk.stop();
    await stage.close();
  });

  const shown = async (...flags: string[]): Promise<readonly ShownFlow[]> =>
    (await observe(hubble, stage.relay.address, '--since', '5m', ...flags)).filter((flow) => !isMark(flow));
  const uuids = (flows: readonly { uuid: string }[]): string[] => flows.map(({ uuid }) => uuid).sort();
  const counted = (...verdicts: Crossing['verdict'][]): readonly Crossing[] =>
    crossings.filter(({ verdict }) => verdicts.includes(verdict));

  test('`--type trace:to-endpoint --verdict FORWARDED` shows every allowed and audited crossing', async () => {
    const lines = await shown('--type', 'trace:to-endpoint', '--verdict', 'FORWARDED');
    expect(uuids(lines)).toEqual(expect.arrayContaining(uuids(counted('allowed', 'audited'))));
    expect(counted('allowed', 'audited').length).toBeGreaterThan(10);
    // Lines are events, and tell tenants no more than verdicts: there are always more of them.
    expect(lines.length).toBeGreaterThan(counted('allowed', 'audited').length);
  });

  test('`--type drop` shows every denied crossing, and no allowed one', async () => {
    const lines = uuids(await shown('--type', 'drop'));
    expect(lines).toEqual(expect.arrayContaining(uuids(counted('denied'))));
    expect(counted('denied')).toHaveLength(2);
    for (const { uuid } of counted('allowed', 'audited')) expect(lines).not.toContain(uuid);
  });

  test('`--verdict DROPPED` shows each denied packet twice: as a drop and as a policy verdict', async () => {
    const types = (await shown('--verdict', 'DROPPED')).map(typeOf);
    expect(types.filter((type) => type === 'drop')).toHaveLength(5);
    expect(types.filter((type) => type === 'policy-verdict')).toHaveLength(4);
  });

  test('23. an arrival at its endpoint has no sub type on the wire, and counts', async () => {
    const lines = await shown('--type', 'trace:to-endpoint');
    const arrivals = lines.filter(({ uuid }) => uuids(crossings).includes(uuid));
    expect(arrivals.length).toBeGreaterThan(10);
    for (const { event_type } of arrivals) expect(event_type).toEqual({ type: 4 });
  });

  test('between two tenants’ namespaces it shows replies and transit, too, which are no crossing', async () => {
    const between = ['--from-namespace', 'team-b', '--to-namespace', 'team-a'];
    const types = new Set((await shown(...between, '--verdict', 'FORWARDED')).map(typeOf));
    expect([...types]).toEqual(expect.arrayContaining(['trace:to-endpoint', 'trace:to-overlay']));
    const back = await shown('--from-namespace', 'team-a', '--to-namespace', 'team-b', '--type', 'trace');
    expect(back.some(({ is_reply }) => is_reply === true)).toBe(true);
    const ofReplies = uuids(back.filter(({ is_reply }) => is_reply === true));
    for (const { uuid } of crossings) expect(ofReplies).not.toContain(uuid);
  });
});
