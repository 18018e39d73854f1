/** What policies would do, for a person: the answer first, then what breaks, then the rest. Pure. */
import type { PolicyCheckGroup, PolicyCheckReport } from '../expose/api.js';
import { OUTCOMES, type Outcome } from '../policy/outcome.js';
import { plain } from '../outside.js';
import { counted, table } from './table.js';

const TITLES: Readonly<Record<Outcome, string>> = {
  newly_denied: 'Newly denied: works now, and would break',
  unknown: 'Unknown: depends on what flows do not tell',
  newly_allowed: 'Newly allowed: was denied, and would get through',
  stopped_crossing: 'Stopped crossings: between tenants, agreed on by nobody',
  still_allowed: 'Still allowed',
  still_denied: 'Still denied',
};

export function checkTable(report: PolicyCheckReport): string {
  const { outcomes, policies, watched, doubts, groupsLeftOff } = report;
  const basis = [
    `${counted(policies.length, 'policy', 'policies')} against ${watched}`,
    ...doubts.map((doubt) => `Mind: ${doubt}`),
    ...(outcomes.newly_allowed.kinds > 0
      ? [
          'Mind: only the policies that were given are judged; one in force that was not given may still deny.',
        ]
      : []),
  ];
  const left = groupsLeftOff > 0 ? `${counted(groupsLeftOff, 'more group')} not listed.\n` : '';
  return [
    `${verdict(report)}\n${basis.map((line) => `${plain(line, 1_000)}\n`).join('')}`,
    ...OUTCOMES.map((outcome) => section(report, outcome)),
    left,
    findings(report),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** The one sentence for somebody in a hurry; never a reassurance that rests on nothing. */
function verdict({ outcomes, groups }: PolicyCheckReport): string {
  const { newly_denied: broken, stopped_crossing: stopped, unknown } = outcomes;
  const kinds = Object.values(outcomes).reduce((sum, { kinds: more }) => sum + more, 0);
  if (kinds === 0) return 'Nothing was judged: no connection was seen.';
  const remaining = groups.filter(
    ({ outcome, relation, expected }) =>
      relation === 'cross_tenant' &&
      !expected &&
      (outcome === 'still_allowed' || outcome === 'newly_allowed'),
  );
  const parts = [
    broken.kinds === 0
      ? 'Nothing that was seen would break'
      : `${counted(broken.kinds, 'kind')} of connections would break`,
    stopped.kinds > 0 ? `${counted(stopped.kinds, 'kind')} of crossings would be stopped` : '',
    remaining.length > 0 ? `${counted(remaining.length, 'crossing')} would still get through` : '',
    unknown.kinds > 0 ? `of ${counted(unknown.kinds, 'kind')} it cannot be told` : '',
  ];
  return `${parts.filter((part) => part !== '').join('; ')}.`;
}

/** What is lost or gained is explained; of what stays as it is the numbers are enough. */
const EXPLAINED: ReadonlySet<Outcome> = new Set(['newly_denied', 'unknown', 'newly_allowed']);
const MOST_EXAMPLES = 5;

function section({ groups, outcomes }: PolicyCheckReport, outcome: Outcome): string {
  const own = groups.filter((group) => group.outcome === outcome);
  if (own.length === 0) return '';
  const { kinds, connections } = outcomes[outcome];
  const columns = [
    { title: 'SOURCE' },
    { title: 'WORKLOAD' },
    { title: 'DESTINATION' },
    { title: 'WORKLOAD' },
    { title: 'PORT' },
    { title: 'SEEN', align: 'right' },
    { title: 'LAST' },
  ] as const;
  const rows = own.map((group) => [
    group.source,
    group.sourceWorkload,
    group.destination,
    group.destinationWorkload,
    group.port,
    group.connections,
    group.lastSeen.replace(/\.\d+Z$/, 'Z'),
  ]);
  const why = EXPLAINED.has(outcome) ? reasons(own) : '';
  const title = `${TITLES[outcome]} (${counted(kinds, 'kind')}, ${counted(connections, 'connection')})`;
  return `${title}\n${table(columns, rows)}${why}`;
}

/** Each reason once, with one connection that shows it. */
function reasons(groups: readonly PolicyCheckGroup[]): string {
  const byReason = new Map<string, PolicyCheckGroup[]>();
  for (const group of groups) byReason.set(group.because, [...(byReason.get(group.because) ?? []), group]);
  const shown = [...byReason].slice(0, MOST_EXAMPLES).map(([because, [first]]) => {
    if (first === undefined) return '';
    const { source, destination, hubbleObserve } = first.example;
    const who = `${plain(source)} to ${plain(destination)}, ${first.port}`;
    return `\n  ${plain(because, 500)}\n    such as ${who}\n    ${plain(hubbleObserve, 500)}\n`;
  });
  return shown.join('');
}

function findings({ findings: found }: PolicyCheckReport): string {
  if (found.length === 0) return '';
  const lines = found.map(
    ({ lint, policy, path, why, instead }) =>
      `  ${plain(policy)} ${plain(path)} (${lint})\n    ${plain(why, 1_000)}\n    instead: ${plain(instead, 1_000)}\n`,
  );
  return `${counted(found.length, 'doubtful rule')}\n${lines.join('')}`;
}
