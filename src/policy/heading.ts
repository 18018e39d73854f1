/** What stands above a suggested policy: what it rests on, what it does to what was seen, and what it leaves out. */
import { basisOf, counted } from './coverage.js';
import type { Group, Trial } from './dryrun.js';
import type { Form } from './form.js';
import type { LeftOut, Plan, Wish } from './plan.js';
import type { PolicyProblem } from './problem.js';
import type { Coverage, Told } from './watched.js';

interface Section {
  readonly title: string;
  /** A line each; those that say the same are one. */
  readonly lines: readonly string[];
  /** The kinds of connections that it tells of. */
  readonly about: readonly string[];
}

export interface Heading {
  readonly plan: Plan;
  readonly wish: Wish;
  readonly form: Form;
  readonly run: Trial;
  /** Of the policies as they are written. */
  readonly problems: readonly PolicyProblem[];
  /** What the tenant took part in. */
  readonly told: readonly Told[];
  readonly coverage: Coverage;
}

const MOST_LISTED = 10;

export function headingOf({ plan, wish, form, run, problems, told, coverage }: Heading): string[] {
  const { name, vcluster, hostNamespace } = plan.tenant;
  const { watched, doubts } = basisOf(coverage, told);
  const { still_allowed: kept, newly_denied: broken, stopped_crossing: stopped } = run.totals;
  const sections = [...leftOutOf(plan), ...unsaidOf(form, run)];
  return [
    `Isolates the tenant ${name} (vCluster ${vcluster}, host namespace ${hostNamespace}) and keeps what it was seen to use.`,
    `Made by crosstalk policy suggest. Read it, then try it: ${form.trial ?? 'crosstalk policy check --policy THIS_FILE'}`,
    '',
    `Watched: ${watched}`,
    ...doubts.map((doubt) => `MAY BE INCOMPLETE: ${doubt}`),
    ...(plan.unselected.length > 0
      ? [`NOT COVERED, no label tells them from others in their namespace: ${listed(plan.unselected)}`]
      : []),
    ...problems.map(({ path, message }) => `A CLUSTER WOULD REFUSE THIS: ${path}: ${message}`),
    `Tried on it: ${counted(kept.kinds, 'kind')} still allowed, ${counted(stopped.kinds, 'crossing')} stopped, ${counted(broken.kinds, 'kind')} newly denied.`,
    ...elsewhere(plan),
    ...(wish.per === 'namespace' ? [SPLIT] : []),
    ...form.notes,
    ...[...outcomesOf(run, sections), ...sections].flatMap(written),
  ];
}

/** With `sync.toHost.namespaces` pods are in host namespaces of their own, and policies are for a namespace. */
function elsewhere({ tenant, policies }: Plan): string[] {
  const namespaces = [...new Set(policies.map(({ namespace }) => namespace))];
  if (namespaces.every((namespace) => namespace === tenant.hostNamespace)) return [];
  return [
    `Covers the host namespaces ${listed(namespaces)}. One that vCluster makes for a new namespace of the tenant has no policy until this is run again.`,
  ];
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST_LISTED;
  return `${names.slice(0, MOST_LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const SPLIT =
  'Namespaces are those of the tenant. One that was not seen gets the control plane and DNS alone: write it a policy before it is used.';

const WHY: Readonly<Record<LeftOut['why'], string>> = {
  crossing: 'Crossings, left out: agree on them (expected in the configuration) if they are meant to be',
  unidentified: 'Left out, because a side could not be identified',
  protocol: 'Left out, because Hubble does not tell which protocol it was',
  world: 'Leaves the cluster, left out: --world-egress allow keeps it',
  ports: 'Left out, because it was seen on too many ports to be listed',
};

function leftOutOf({ leftOut }: Plan): Section[] {
  return (Object.keys(WHY) as LeftOut['why'][]).flatMap((why) => {
    const counts = new Map<string, { count: number; addresses: Set<string> }>();
    for (const { text, observation, ...one } of leftOut) {
      if (one.why !== why) continue;
      const known = counts.get(text) ?? { count: 0, addresses: new Set<string>() };
      counts.set(text, known);
      known.count += observation.count;
      if (why === 'world') known.addresses.add(observation.destination.ip);
    }
    const lines = [...counts]
      .sort(([, a], [, b]) => b.count - a.count)
      .map(([text, { count, addresses }]) => `${text}${some(addresses)}: ${counted(count, 'time')}`);
    return lines.length === 0 ? [] : [{ title: WHY[why], lines, about: [...counts.keys()] }];
  });
}

function some(addresses: ReadonlySet<string>): string {
  const known = [...addresses].filter((address) => address !== '');
  if (known.length === 0) return '';
  const more = known.length - 2;
  return ` (${known.slice(0, 2).join(', ')}${more > 0 ? ` and ${more} more` : ''})`;
}

function unsaidOf({ unsaid }: Form, { groups }: Trial): Section[] {
  const denied = new Map<string, number>();
  for (const group of groups)
    if (group.outcome === 'newly_denied')
      denied.set(textOfGroup(group), (denied.get(textOfGroup(group)) ?? 0) + group.connections);
  return [...new Set(unsaid.map(({ why }) => why))].flatMap((title) => {
    const those = unsaid.filter(({ why }) => why === title);
    const about = those.flatMap((one) => one.about);
    const lines = those.flatMap(({ always, about: kinds }) =>
      always.length > 0
        ? always
        : kinds.flatMap((text) => {
            const count = denied.get(text);
            return count === undefined ? [] : [`${text}: ${counted(count, 'time')}`];
          }),
    );
    return lines.length === 0 ? [] : [{ title, lines, about }];
  });
}

function textOfGroup({ source, sourceWorkload, destination, destinationWorkload, port }: Group): string {
  return `${source} ${sourceWorkload} to ${destination} ${destinationWorkload} on ${port}`;
}

/** What the trial brought up: breakages and doubts that nothing else tells of, and every crossing that goes on. */
function outcomesOf({ groups }: Trial, told: readonly Section[]): Section[] {
  const known = new Set(told.flatMap(({ about }) => about));
  const of = (title: string, wanted: (group: Group) => boolean, hide: ReadonlySet<string>): Section[] => {
    const found = groups.filter(wanted).sort((a, b) => b.connections - a.connections);
    const lines = found.map((group) => {
      const { because, connections } = group;
      const text = textOfGroup(group);
      return {
        text,
        line: `${text}: ${counted(connections, 'time')}${because === '' ? '' : `; ${because}`}`,
      };
    });
    const fresh = lines.filter(({ text }) => !hide.has(text)).map(({ line }) => line);
    return fresh.length === 0 ? [] : [{ title, lines: fresh, about: [] }];
  };
  return [
    ...of('WOULD BREAK', ({ outcome }) => outcome === 'newly_denied', known),
    ...of('DOES NOT STOP', isCrossing, new Set()),
    ...of('UNKNOWN', ({ outcome }) => outcome === 'unknown', known),
  ];
}

function isCrossing({ outcome, relation, expected }: Group): boolean {
  return outcome === 'still_allowed' && relation === 'cross_tenant' && !expected;
}

function written({ title, lines }: Section): string[] {
  const once = [...new Set(lines)];
  const more = once.length - MOST_LISTED;
  return [
    `${title}:`,
    ...once.slice(0, MOST_LISTED).map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}
