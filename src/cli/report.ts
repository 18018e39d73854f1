/** What a replay found, for a person: the answer first, then what it rests on. Pure. */
import { plain } from '../outside.js';
import type { CrossingGroup, ReplayReport } from '../replay.js';
import { counted, table } from './table.js';

/** What was read, beyond what the stages make of it. */
interface Reading {
  readonly files: readonly string[];
  /** Files that could not be read to their end, and why. */
  readonly failures: readonly { readonly file: string; readonly message: string }[];
}

/** Lines that told nothing of a flow; also those that were too long to be looked at. */
export type Skipped = Omit<ReplayReport['skipped'][number], 'reason'> & { readonly reason: string };

/** What `--output json` prints. */
export type Report = Reading & Omit<ReplayReport, 'skipped'> & { readonly skipped: readonly Skipped[] };

/** Connections between tenants that were allowed and that nobody agreed on. */
export function allowedUnexpected({ crossings: groups }: Pick<Report, 'crossings'>): number {
  return groups
    .filter((group) => group.verdict === 'allowed' && !group.expected)
    .reduce((total, { connections }) => total + connections, 0);
}

export function reportTable(report: Report): string {
  return [
    summary(report),
    crossings(report),
    traffic(report),
    tenants(report),
    events(report),
    skipped(report),
  ]
    .filter((section) => section !== '')
    .join('\n');
}

function summary(report: Report): string {
  const { flows, lines, files, nodes, from, to, duplicates, lostEvents } = report;
  const where =
    files.length === 1
      ? plain(files[0] === '-' ? 'standard input' : (files[0] ?? ''))
      : counted(files.length, 'file');
  const when = from === undefined || to === undefined ? '' : `, from ${from} to ${to}`;
  const seenBy = nodes.length === 0 ? '' : ` of ${counted(nodes.length, 'node')}`;
  const read = `${counted(flows, 'flow')}${seenBy} in ${counted(lines, 'line')} of ${where}${when}.\n`;
  const again = duplicates === 0 ? '' : `${counted(duplicates, 'flow')} recorded twice, counted once.\n`;
  const lost =
    lostEvents === 0
      ? ''
      : `Hubble lost ${counted(lostEvents, 'event')}: what follows is not all that happened.\n`;
  const unidentified = report.traffic
    .filter(({ relation }) => relation === 'unidentified')
    .reduce((total, { flows: count }) => total + count, 0);
  const unknown =
    unidentified === 0 ? '' : `${counted(unidentified, 'flow')} with a side that could not be identified.\n`;
  return `${verdict(report)}\n${read}${again}${lost}${unknown}`;
}

/** The one sentence for somebody in a hurry; never a reassurance that rests on nothing. */
function verdict(report: Report): string {
  const allowed = allowedUnexpected(report);
  if (allowed > 0) {
    const were = allowed === 1 ? 'was' : 'were';
    return `${counted(allowed, 'connection')} between tenants ${were} allowed and not expected.`;
  }
  if (report.flows === 0) return 'Nothing was judged: there are no flows.';
  if (report.events.arrival + report.events.denial === 0) {
    return 'Nothing was judged: no flow tells of an arrival (to-endpoint) or a denial (drop by policy).';
  }
  if (report.tenants.length === 0) {
    return 'No tenant was recognised, so nothing is known of traffic between tenants: name their namespaces under tenants.namespaces in --config.file.';
  }
  const audited = sum(report, (group) => group.verdict === 'audited' && !group.expected);
  if (audited === 0) return 'No unexpected connection between tenants was allowed.';
  return `No unexpected connection between tenants was allowed; ${counted(audited, 'connection')} came through in policy audit mode.`;
}

function sum({ crossings }: Report, which: (group: CrossingGroup) => boolean): number {
  return crossings.filter(which).reduce((total, { connections }) => total + connections, 0);
}

/** Groups whose example is shown: what a person looks into first. */
const MOST_EXAMPLES = 5;
const MOST_PORTS = 5;

function crossings({ crossings: groups }: Report): string {
  if (groups.length === 0) return '';
  const rows = groups.map((group) => [
    group.source,
    group.destination,
    group.verdict,
    group.expected ? 'yes' : 'no',
    group.connections,
    ports(group),
    seconds(group.firstSeen),
    seconds(group.lastSeen),
  ]);
  const columns = [
    { title: 'SOURCE' },
    { title: 'DESTINATION' },
    { title: 'VERDICT' },
    { title: 'EXPECTED' },
    { title: 'CONNECTIONS', align: 'right' },
    { title: 'PORTS' },
    { title: 'FIRST SEEN' },
    { title: 'LAST SEEN' },
  ] as const;
  const examples = groups
    .filter(({ expected }) => !expected)
    .slice(0, MOST_EXAMPLES)
    .map(example)
    .join('');
  return `Connections between tenants\n${table(columns, rows)}${examples}`;
}

function ports({ ports: all }: CrossingGroup): string {
  const more = all.length - MOST_PORTS;
  return `${all.slice(0, MOST_PORTS).join(' ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function example({ example: crossing }: CrossingGroup): string {
  const { source, destination, protocol, port, policies, hubbleObserve } = crossing;
  const to = port === undefined ? protocol : `${port}/${protocol}`;
  const by = policies.length === 0 ? '' : `, by ${policies.map((policy) => plain(policy)).join(', ')}`;
  const who = `${side(source)} to ${side(destination)}, ${to}, ${crossing.verdict}${by}`;
  return `\n  ${who}\n    ${plain(hubbleObserve, 500)}\n`;
}

/** `namespace/pod`, and what its tenant calls it. */
function side(party: CrossingGroup['example']['source']): string {
  const { namespace, pod, virtualNamespace, virtualPod } = party;
  const host = `${namespace}/${pod}`;
  const inside = virtualPod === undefined ? '' : ` (${virtualNamespace ?? '?'}/${virtualPod})`;
  return plain(`${host}${inside}`);
}

function traffic({ traffic: rows }: Report): string {
  if (rows.length === 0) return '';
  const columns = [
    { title: 'RELATION' },
    { title: 'SOURCE' },
    { title: 'DESTINATION' },
    { title: 'VERDICT' },
    { title: 'FLOWS', align: 'right' },
  ] as const;
  const sorted = [...rows].sort((a, b) => a.relation.localeCompare(b.relation) || b.flows - a.flows);
  return `Traffic by who reached whom\n${table(
    columns,
    sorted.map(({ relation, source, destination, verdict: word, flows }) => [
      relation,
      source,
      destination,
      word,
      flows,
    ]),
  )}`;
}

function tenants({ tenants: rows, conflicts }: Report): string {
  if (rows.length === 0) return '';
  const columns = [
    { title: 'TENANT' },
    { title: 'ENDPOINTS', align: 'right' },
    { title: 'KNOWN BY' },
  ] as const;
  const listed = rows.map(({ name, endpoints }) => {
    const kinds = Object.entries(endpoints).sort(([, a], [, b]) => b - a);
    return [
      name,
      kinds.reduce((total, [, count]) => total + count, 0),
      kinds.map(([evidence, count]) => `${evidence} ${count}`).join(', '),
    ];
  });
  const disputed =
    conflicts === 0
      ? ''
      : `  ${counted(conflicts, 'endpoint')} with evidence that disagreed; the stronger was believed.\n`;
  return `Tenants\n${table(columns, listed)}${disputed}`;
}

function events({ events: words }: Report): string {
  const told = Object.entries(words)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a);
  if (told.length === 0) return '';
  return `What the flows told\n${table([{ title: 'EVENT' }, { title: 'FLOWS', align: 'right' }], told)}`;
}

/** Why a line was passed over, in words. */
const REASONS: Readonly<Record<string, string>> = {
  not_json: 'is not JSON',
  not_a_flow: 'is JSON, but no flow',
  bad_field: 'has a field of a type that a flow does not have',
  truncated: 'ends inside a field',
  malformed: 'is damaged',
  node_status: "tells of a node's state, not of a flow",
  lost_events: 'tells of lost events, not of a flow',
  no_flow: 'is a message without a flow',
  line_too_long: 'is longer than 16 MiB',
};

function skipped({ skipped: rows }: Report): string {
  if (rows.length === 0) return '';
  const columns = [{ title: 'LINES', align: 'right' }, { title: 'WHY' }, { title: 'FIRST' }] as const;
  return `Lines passed over\n${table(
    columns,
    rows.map(({ reason, count, first }) => [count, REASONS[reason] ?? reason, first]),
  )}`;
}

/** RFC 3339 without fractions: a person compares minutes. */
function seconds(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}
