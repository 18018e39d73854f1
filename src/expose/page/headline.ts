/**
 * The sentence on top of the page: what a person needs to know, and true. It rests
 * on the ledger's last-seen times, which no tenant can push out, and it never calls
 * a time quiet in which it could not see. Pure.
 */
import type { GlanceReport, MatrixPair, MatrixReport, StatusReport } from '../api.js';
import type { Window } from '../trail.js';
import { ago, counted, duration, number } from './words.js';

export type Headline = Omit<GlanceReport, 'time'>;

/** As long as Crosstalk's own alerts hold a violation by default. */
export const WINDOW_MS = 15 * 60_000;

export interface HeadlineFacts {
  readonly status: StatusReport;
  readonly matrix: MatrixReport;
  readonly window: Window;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export function headline(facts: HeadlineFacts): Headline {
  const { status, matrix, now } = facts;
  const gotThrough = recent(matrix, ['allowed', 'audited'], now);
  const denied = recent(matrix, ['denied'], now);
  const unseen = unseenRemarks(facts);
  const blind = status.ready ? [] : [`Nothing is being watched: ${reasonsOf(status)}.`];
  const other = [...deniedRemarks(denied, now), ...configRemarks(status)];
  if (gotThrough.length > 0) {
    return {
      tone: 'alarm',
      sentence: alarmSentence(gotThrough, facts),
      remarks: [...blind, ...unseen, ...other],
    };
  }
  const [notWatching] = blind;
  if (notWatching !== undefined)
    return { tone: 'blind', sentence: notWatching, remarks: [...unseen, ...other] };
  if (unseen.length > 0) {
    const sentence = `No unexpected cross-tenant traffic was seen ${period(facts)}, but not everything could be seen.`;
    return { tone: 'partial', sentence, remarks: [...unseen, ...other] };
  }
  const { connected, all } = nodesOf(status);
  const sentence = `No unexpected cross-tenant traffic ${period(facts)}, seen on ${number(connected)} of ${counted(all, 'node')}, 0 events lost.`;
  return { tone: 'quiet', sentence, remarks: other };
}

interface Sighting {
  readonly pair: MatrixPair;
  readonly verdict: 'allowed' | 'audited' | 'denied';
  readonly at: string;
}

/** Newest first; a pair can be in it once for each verdict. */
function recent({ pairs }: MatrixReport, verdicts: readonly Sighting['verdict'][], now: number): Sighting[] {
  // The reports' times are all of one width, so their texts sort as they do; parsing 10,000 of them takes 10 ms.
  const from = new Date(now - WINDOW_MS).toISOString();
  const found: Sighting[] = [];
  for (const pair of pairs) {
    for (const verdict of verdicts) {
      const at = pair.unexpectedLastSeen[verdict];
      if (at !== undefined && at >= from) found.push({ pair, verdict, at });
    }
  }
  return found.sort((a, b) => (a.at > b.at ? -1 : 1));
}

function alarmSentence(sightings: readonly Sighting[], { now }: HeadlineFacts): string {
  const [newest] = sightings;
  if (newest === undefined) return '';
  const last = `${whom(newest)} ${ago(newest.at, now)}`;
  const audited = sightings.every(({ verdict }) => verdict === 'audited')
    ? ' under a policy that only audits'
    : '';
  const pairs = new Set(sightings.map(({ pair }) => pair)).size;
  if (pairs === 1) return `Unexpected traffic got through${audited}: ${last}.`;
  return `Unexpected traffic got through${audited} between ${number(pairs)} pairs of tenants: most recently, ${last}.`;
}

function whom({ pair: { source, destination } }: Sighting): string {
  return source === '__overflow__'
    ? 'tenants beyond the limit of pairs reached each other'
    : `${source} reached ${destination}`;
}

/** What kept us from seeing everything, as far as flows are read at all. */
function unseenRemarks({ status, window }: HeadlineFacts): string[] {
  const remarks: string[] = [];
  const { connected, all } = nodesOf(status);
  if (status.ready && all === 0) remarks.push('No node has said yet that it is being watched.');
  if (connected < all) {
    const names = status.coverage.nodesNotSeen;
    const shown = names.slice(0, 5).join(', ');
    const more = names.length > 5 ? ` and ${number(names.length - 5)} more` : '';
    const which = names.length === 0 ? '' : `: ${shown}${more}`;
    remarks.push(`${number(all - connected)} of ${counted(all, 'node')} not watched${which}.`);
  }
  if (window.lost > 0) remarks.push(`${counted(window.lost, 'event')} lost before they reached Crosstalk.`);
  if (window.blindSeconds > 0) {
    const length = duration(window.blindSeconds * 1_000);
    remarks.push(`Flows of ${length} may have passed unseen and could not be read again.`);
  }
  if (window.unidentified > 0) {
    remarks.push(`${counted(window.unidentified, 'flow')} had a side whose tenant could not be told.`);
  }
  return remarks;
}

function deniedRemarks(denied: readonly Sighting[], now: number): string[] {
  const [newest] = denied;
  if (newest === undefined) return [];
  const { source, destination } = newest.pair;
  if (denied.length === 1)
    return [`A policy stopped ${source} on its way to ${destination} ${ago(newest.at, now)}.`];
  const last = `${source} on its way to ${destination} ${ago(newest.at, now)}`;
  return [
    `Policies stopped traffic between ${number(denied.length)} pairs of tenants: most recently, ${last}.`,
  ];
}

function configRemarks({ config }: StatusReport): string[] {
  return config.lastReloadSuccessful
    ? []
    : ['The last reload of the configuration failed: the one before is in force.'];
}

function reasonsOf({ notReady }: StatusReport): string {
  return notReady.length === 0
    ? 'no flows are being read'
    : notReady.map((reason) => reason.replace(/\.$/, '')).join('; ');
}

function period({ window: { since }, now }: HeadlineFacts): string {
  if (since !== undefined && since <= now - WINDOW_MS) return `in the last ${duration(WINDOW_MS)}`;
  return since === undefined || now - since < 1_000
    ? 'since watching began just now'
    : `since watching began ${duration(now - since)} ago`;
}

function nodesOf({ coverage: { nodes } }: StatusReport): { connected: number; all: number } {
  const all = Object.values(nodes).reduce((sum, count) => sum + count, 0);
  return { connected: nodes['connected'] ?? 0, all };
}
