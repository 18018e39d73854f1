/** What a dry run or a suggestion rests on, in sentences: first what was watched, then each reason to doubt it. */
import { isPodSide } from './party.js';
import type { Coverage, Told } from './watched.js';

export interface Basis {
  /** What was watched, in one sentence. */
  readonly watched: string;
  /** Why it may not be all; empty: no reason is known. */
  readonly doubts: readonly string[];
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export function basisOf(coverage: Coverage, told: readonly Told[]): Basis {
  const { from, to, nodes, nodesNotSeen, lostEvents, blindSeconds, forgotten } = coverage;
  const length = from === undefined || to === undefined ? 0 : to - from;
  const period =
    from === undefined || to === undefined ? '' : ` from ${time(from)} to ${time(to)} (${duration(length)})`;
  const unidentified = told.filter(({ relation }) => relation === 'unidentified').length;
  const doubts = [
    length < DAY &&
      'Less than a day was watched: what happens nightly or weekly (backups, jobs, renewals) is not in it.',
    nodesNotSeen.length > 0 && `Not watched: ${counted(nodesNotSeen.length, 'node')}, ${some(nodesNotSeen)}.`,
    lostEvents > 0 && `Hubble lost ${counted(lostEvents, 'event')}.`,
    blindSeconds > 0 && `For ${duration(blindSeconds * 1_000)} flows may have passed unseen.`,
    forgotten > 0 &&
      `There was no room for ${counted(forgotten, 'kind of connection', 'kinds of connections')}.`,
    unidentified > 0 &&
      `${counted(unidentified, 'kind of connection', 'kinds of connections')} with a side that could not be identified.`,
    departures(coverage, told),
  ].filter((doubt) => doubt !== false);
  const kinds = counted(told.length, 'kind of connection', 'kinds of connections');
  return { watched: `${kinds} on ${counted(nodes, 'node')}${period}.`, doubts };
}

/** Connections of pods to what has no endpoint are told by where they leave, where anyone was asked for that. */
function departures({ filter }: Coverage, told: readonly Told[]): string | false {
  const seen = told.some(
    ({ observation: { source, destination, verdict } }) =>
      verdict !== 'denied' && isPodSide(source) && !isPodSide(destination),
  );
  if (filter === 'judged')
    return 'Connections to the world, to nodes and to the API server are seen only where an egress policy is in force: run serve with --flows.filter all to see them.';
  return seen
    ? false
    : 'No connection to the world, to a node or to the API server was seen: record all flows, not only those to endpoints.';
}

/** @param ms milliseconds */
export function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return `${Math.round(ms / 1_000)} s`;
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(ms / HOUR);
  return hours < 48 ? `${hours} h` : `${Math.round(ms / DAY)} days`;
}

/** @param at milliseconds since the epoch; a person compares minutes */
export function time(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

const MOST_NAMED = 5;

function some(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
