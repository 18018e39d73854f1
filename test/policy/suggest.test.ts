/** Suggested policies in each form: on the story, and on random lives of tenants. */
import { describe, expect, test } from 'vitest';
import { parse, parseDocument } from 'yaml';
import type { PolicyCheckReport } from '../../src/expose/api.js';
import { DEFAULT_WISH, FORMATS, type Wish } from '../../src/policy/plan.js';
import { readPolicies } from '../../src/policy/read.js';
import type { Watched } from '../../src/policy/watched.js';
import { Cluster } from '../../src/simulator/cluster.js';
import { host, type Peer, world } from '../../src/simulator/peers.js';
import { Tenant } from '../../src/simulator/tenants.js';
import { checkPolicies } from '../../src/policycheck.js';
import { LIFE, lifeLines, linesOf, type Doing } from '../fixtures/life.js';
import { lifeOf } from '../fixtures/lives.js';
import { namesIn, suggested, WISHES } from '../fixtures/suggestions.js';
import { watchedIn } from '../fixtures/watched.js';

const tried = (applied: string, watched: Watched): Promise<PolicyCheckReport> =>
  checkPolicies([{ name: 'suggested', text: applied }], watched);

const CROSSINGS: Doing[] = ['team-b crosses', 'team-a crosses'];
const TO_THE_WORLD: Doing[] = ['workers fetch from the internet'];
const FROM_NODES: Doing[] = ['kubectl through another node'];

describe('on the story nothing breaks but what is told, and every crossing is stopped', () => {
  test.each(WISHES)('$format, per $per, world egress: $worldEgress', async (wish) => {
    const { text, applied } = await suggested('team-a', watchedIn(lifeLines()), wish);
    const denied: Doing[] = [];
    const stopped: Doing[] = [];
    // One at a time: nothing hides behind another.
    for (const doing of Object.keys(LIFE) as Doing[]) {
      const { outcomes } = await tried(applied, watchedIn(lifeLines([doing])));
      if (outcomes.newly_denied.kinds > 0) denied.push(doing);
      if (outcomes.stopped_crossing.kinds > 0) stopped.push(doing);
    }
    const told = [
      ...(wish.format === 'networkpolicy' ? FROM_NODES : []),
      ...(wish.worldEgress === 'report' ? TO_THE_WORLD : []),
    ];
    expect({ denied, stopped }).toEqual({ denied: told, stopped: CROSSINGS });
    const heading = text.slice(0, text.indexOf('---\n'));
    expect(heading.includes('team-a default/worker to __world__ world on 443/tcp')).toBe(
      wish.worldEgress === 'report',
    );
    expect(heading.includes('__platform__ remote-node to team-a team-a/team-a on 8443/tcp')).toBe(
      wish.format === 'networkpolicy',
    );
    expect(heading).not.toMatch(UNEXPLAINED);
  });

  test('every rule says why it is there', async () => {
    for (const wish of WISHES) {
      const { text } = await suggested('team-a', watchedIn(lifeLines()), wish);
      const lines = text.slice(text.indexOf('---\n')).split('\n');
      const rules = lines.flatMap((line, index) =>
        /^ +- (from|to|ports)\w*:/.test(line) && lines[index - 1]?.includes('- ') !== true
          ? [{ rule: line, above: lines[index - 1] ?? '' }]
          : [],
      );
      expect(rules.length).toBeGreaterThan(8);
      for (const { above } of rules.filter(({ rule }) => /- (from|to)/.test(rule)))
        expect(above).toMatch(/^ +# (Always needed: .*|.*: [\d,]+ times?, last 2026-.*Z|and \d+ more)$/);
    }
  });
});

/** What was not foreseen when the form was written. */
const UNEXPLAINED = /^# (WOULD BREAK|DOES NOT STOP|UNKNOWN|A CLUSTER WOULD REFUSE|NOT COVERED)/m;

describe('of what was seen too often, or by too many', () => {
  const [from, to] = [LIFE['workers reach the web server'].from, LIFE['names outside are looked up'].to];

  test('the ports seen most often are kept and the others told', async () => {
    const scan = Array.from(
      { length: 100 },
      (_, port) => ({ from, to, protocol: 'tcp', port: 1_000 + port }) as const,
    );
    const often = Array.from({ length: 3 }, () => ({ from, to, protocol: 'tcp', port: 9_999 }) as const);
    const watched = watchedIn(linesOf([...scan, ...often].map((one, day) => [one, day])));
    const { text } = await suggested('team-a', watched, DEFAULT_WISH);
    expect(text.match(/- port: "(1\d\d\d|9999)"/g)).toHaveLength(64);
    expect(text).toContain('- port: "9999"');
    expect(text).toContain('# Left out, because it was seen on too many ports to be listed:');
    expect(text).toContain('#   and 27 more');
    expect(text).not.toMatch(UNEXPLAINED);
  });
});

describe("the tenant's DNS", () => {
  const asks = (count: number) => {
    const { from } = LIFE['names outside are looked up'];
    return watchedIn(
      linesOf(
        Array.from({ length: count }, (_, index) => [
          { from, to: world(`198.51.100.${index}`), protocol: 'udp', port: 53 } as const,
          index,
        ]),
      ),
    );
  };

  test('keeps its resolver outside by address, also where the world is reported only', async () => {
    const { text } = await suggested('team-a', asks(2), DEFAULT_WISH);
    expect(text).toContain('- toCIDR:\n        - 198.51.100.0/32\n        - 198.51.100.1/32\n');
    expect(text).not.toContain('# Leaves the cluster');
  });

  test('asks no more of them than a list has room for, and never the whole world', async () => {
    const { text } = await suggested('team-a', asks(40), DEFAULT_WISH);
    expect(text.match(/- 198\.51\.100\.\d+\/32/g)).toHaveLength(16);
    expect(text).not.toContain('- world');
    expect(text).toMatch(
      /# Leaves the cluster, left out.*:\n# {3}team-a kube-system\/coredns .*: 24 times\n/,
    );
  });

  test('is no other pod: what those ask of the world is reported', async () => {
    const { from } = LIFE['workers reach the web server'];
    const watched = watchedIn(linesOf([[{ from, to: world('198.51.100.1'), protocol: 'udp', port: 53 }, 0]]));
    const { text } = await suggested('team-a', watched, DEFAULT_WISH);
    expect(text).not.toContain('toCIDR');
  });
});

test("what comes from a pod's own node is not told as denied, because it is not", async () => {
  const cluster = new Cluster();
  const own = new Tenant(cluster, { vcluster: 'team-n', hostNamespace: 'team-n' });
  const [here, other] = cluster.nodes;
  const pod = own.pod({ name: 'web-0', node: here!.name });
  const probe = (from: Peer) => ({ from, to: pod, protocol: 'tcp', port: 8080 }) as const;
  const heading = async (...from: Peer[]): Promise<string> => {
    const watched = watchedIn(linesOf(from.map((one) => [probe(one), 0])));
    return (await suggested('team-n', watched, { ...DEFAULT_WISH, format: 'networkpolicy' })).text;
  };
  expect(await heading(host(here!))).not.toContain('to team-n default/web on 8080/tcp');
  const both = await heading(host(here!), host(other!));
  expect(both).toContain('#   __platform__ remote-node to team-n default/web on 8080/tcp: 1 time\n');
  expect(both).not.toContain('__platform__ host to');
});

test('of host namespaces that vCluster makes it is said which are covered', async () => {
  const own = new Tenant(new Cluster(), {
    vcluster: 'team-s',
    hostNamespace: 'team-s',
    syncedNamespaces: (virtual) => `team-s-${virtual}`,
  });
  const pod = (namespace: string) => own.pod({ name: 'web-0', namespace, labels: { app: 'web' } });
  const watched = watchedIn(
    linesOf([[{ from: pod('default'), to: pod('apps'), protocol: 'tcp', port: 80 }, 0]]),
  );
  const { text } = await suggested('team-s', watched, DEFAULT_WISH);
  expect(text).toContain(
    '# Covers the host namespaces team-s, team-s-default, team-s-apps. One that vCluster makes',
  );
});

describe('the words of a tenant stay text', () => {
  test.each(['no', '0b11', '1_000', '1e3', '1e1_0', 'null', '2026-11-22', '0x_1', 'y'])(
    '%s',
    async (value) => {
      const to = { ...LIFE['names outside are looked up'].to };
      const odd = { ...to, local: relabelled(to.local, value), remote: relabelled(to.remote, value) };
      const watched = watchedIn(
        linesOf([
          [{ from: LIFE['workers reach the web server'].from, to: odd, protocol: 'tcp', port: 80 }, 0],
        ]),
      );
      for (const format of FORMATS) {
        const { text } = await suggested('team-a', watched, { ...DEFAULT_WISH, format });
        expect(text).toContain(`app: "${value}"\n`);
        for (const version of ['1.1', '1.2'] as const)
          for (const document of text.split('---\n').slice(1))
            expect(parseDocument(document, { version }).toJS()).toEqual(parse(document));
      }
    },
  );

  function relabelled<T extends { readonly labels?: readonly string[] | undefined }>(
    end: T,
    value: string,
  ): T {
    return {
      ...end,
      labels: end.labels?.map((label) => (label.startsWith('k8s:app=') ? `k8s:app=${value}` : label)),
    };
  }
});

const LIVES = process.env['CROSSTALK_LONG'] === '1' ? 300 : 12;

describe(`${LIVES} random lives`, () => {
  test('each suggestion breaks nothing untold, stops every crossing, and policy check says the same', async () => {
    const counted = { suggestions: 0, stopped: 0, kept: 0, told: 0 };
    for (let seed = 1; seed <= LIVES; seed += 1) {
      const { lines, expected, tenants } = lifeOf(seed);
      const watched = watchedIn(lines, expected);
      for (const tenant of tenants)
        for (const wish of WISHES) {
          const { text, applied } = await suggested(tenant, watched, wish);
          const about = JSON.stringify({ seed, tenant, wish });
          expect(readPolicies(applied, { name: about }).problems).toEqual([]);
          const { groups } = await tried(applied, watched);
          const own = groups.filter(({ source, destination }) => [source, destination].includes(tenant));
          const of = (outcome: string): typeof own => own.filter((group) => group.outcome === outcome);
          for (const group of of('newly_denied')) expect(group, about).toSatisfy(isFair(tenant, wish));
          const crossings = of('still_allowed').filter(
            ({ relation, expected: agreed }) => relation === 'cross_tenant' && !agreed,
          );
          expect(text.includes('\n# DOES NOT STOP:\n'), about).toBe(crossings.length > 0);
          for (const group of crossings) expect(group, about).toSatisfy(isLetThrough(tenant, wish, text));
          expect(of('unknown'), about).toEqual([]);
          expect(text, about).not.toMatch(/^# (WOULD BREAK|UNKNOWN|A CLUSTER WOULD REFUSE|NOT COVERED)/m);
          counted.suggestions += 1;
          counted.stopped += of('stopped_crossing').length;
          counted.kept += of('still_allowed').length;
          counted.told += of('newly_denied').length;
        }
    }
    // Lives in which nothing happens would prove nothing.
    for (const count of Object.values(counted)) expect(count).toBeGreaterThan(LIVES);
  }, 600_000);
});

type Group = PolicyCheckReport['groups'][number];

/** May be denied, by what the form cannot say and what was not asked for; judged by nothing but the connection. */
const isFair =
  (tenant: string, { format, worldEgress }: Wish) =>
  ({ source, destination, destinationWorkload, sourceWorkload, relation, port }: Group): boolean => {
    if (relation === 'unidentified' || port === 'other') return true;
    const isOut = source === tenant && destination === '__world__';
    if (isOut && worldEgress === 'report') return true;
    if (format === 'cilium') return false;
    const other = source === tenant ? destinationWorkload : sourceWorkload;
    return port.startsWith('icmp') || /^(host|remote-node|ingress|kube-apiserver.*)$/.test(other);
  };

/** May get through: what the form opens to everybody, or the chart does, or has no policy for. */
const isLetThrough =
  (tenant: string, { format }: Wish, text: string) =>
  ({ source, destination, port, example }: Group): boolean => {
    if (format === 'cilium') return false;
    const { vcluster, hostNamespace } = namesIn(text);
    const ownSide = source === tenant ? example.source : example.destination;
    const isControlPlane = ownSide === `${hostNamespace}/${vcluster}-0`;
    const [, uncovered = ''] = /nothing isolates them:\n((?:# {3}.*\n)+)/.exec(text) ?? [];
    if (uncovered.includes(` in ${ownSide.split('/')[0]}\n`)) return true;
    if (source === tenant) return isControlPlane && ['443/tcp', '6443/tcp', '8443/tcp'].includes(port);
    if (format !== 'vcluster-values') return false;
    return destination === tenant && isControlPlane && port === '8443/tcp';
  };
