/** Connections that cross from one tenant to another, and what was counted of them. */
import { TcpFlag } from '../../src/model.js';
import { arrival, tcp } from '../fixtures/flows.js';
import { until } from './cluster.mjs';
import type { Crosstalk } from './crosstalk.js';
import { flowJson } from './flowjson.js';
import type { Stage } from './stage.js';

const CROSSED =
  'crosstalk_cross_tenant_connections_total{source_tenant="team-b",destination_tenant="team-a",verdict="allowed",protocol="tcp",expected="false"}';

let opened = 0;

/** So many connections, none like another. When they happened, the node says. */
export function crossings(count: number): object[] {
  return Array.from({ length: count }, () => {
    opened += 1;
    const sourceIp = `10.1.${opened >> 14}.10`;
    const l4 = tcp(TcpFlag.SYN, 10_000 + (opened % (1 << 14)));
    return flowJson(arrival({ time: undefined, sourceIp, l4 }));
  });
}

/** What was counted: each connection, each flow that was no duplicate, each duplicate, and what may have been missed. */
export interface Tally {
  readonly connections: number;
  readonly flows: number;
  readonly duplicates: number;
  readonly blindSeconds: number;
  readonly lost: number;
}

export async function tally(crosstalk: Crosstalk): Promise<Tally> {
  const samples = await crosstalk.metrics();
  const sum = (family: string): number =>
    Object.entries(samples).reduce((all, [name, value]) => (name.startsWith(family) ? all + value : all), 0);
  return {
    connections: samples[CROSSED] ?? 0,
    flows: sum('crosstalk_flows_total'),
    duplicates: sum('crosstalk_duplicate_flows_total'),
    blindSeconds: sum('crosstalk_blind_seconds_total'),
    lost: sum('crosstalk_lost_events_total'),
  };
}

/** Waits until at least so many connections were counted. */
export async function counted(crosstalk: Crosstalk, connections: number, seconds = 60): Promise<Tally> {
  let last: Tally | undefined;
  const all = async (): Promise<boolean> => {
    last = await tally(crosstalk);
    return last.connections >= connections;
  };
  await until(`${connections} crossings counted`, all, seconds).catch((error: unknown) => {
    throw new Error(`${String(error)}; last: ${JSON.stringify(last)}`, { cause: error });
  });
  // Once more: a scrape is no snapshot, its families are read one after the other.
  return tally(crosstalk);
}

/**
 * Posts one more connection at each node and waits for them to be counted.
 * A ring is read in order: whatever a re-read brings, and would count twice,
 * comes before them.
 *
 * @param before how many were posted until now
 */
export async function countedToTheEnd(
  crosstalk: Crosstalk,
  nodes: Iterable<Pick<Stage['nodes'][number], 'post'>>,
  before: number,
): Promise<Tally> {
  const markers = await Promise.all([...nodes].map((node) => node.post(crossings(1))));
  return counted(crosstalk, before + markers.length);
}

/** Waits until /metrics tells of so many nodes in this state. */
export async function nodesInState(
  crosstalk: Crosstalk,
  state: string,
  count: number,
  seconds = 60,
): Promise<void> {
  const sample = `crosstalk_nodes{state="${state}"}`;
  await until(`${count} nodes ${state}`, async () => (await crosstalk.metric(sample)) === count, seconds);
}

/** Waits until streams ended for this reason so often. */
export async function streamsEnded(
  crosstalk: Crosstalk,
  reason: string,
  count = 1,
  seconds = 60,
): Promise<void> {
  const sample = `crosstalk_hubble_streams_ended_total{reason="${reason}"}`;
  await until(`streams ended: ${reason}`, async () => (await crosstalk.metric(sample)) >= count, seconds);
}
