import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Party } from '../../src/model.js';
import { hostName } from '../../src/tenancy/naming.js';
import { account, managedBy, OWN, pod, said, virtualNamespace } from './endpoints.js';
import { type Cluster, clusters, type Owned } from './impostors.js';
import { observed } from './observed.js';

const LONG = process.env['CROSSTALK_LONG'] === '1';
const PODS = 50;
/** Milliseconds; only ends a run that hangs. */
const LIMIT = LONG ? 3_600_000 : 120_000;
const NAMES = LONG ? 1_000_000 : 20_000;

/** What is wrong with an answer, or undefined. `known`: something of its namespace's tenant had been learned before. */
function complaint(each: Owned, party: Party, known: boolean): string | undefined {
  const { owner, labelled, synced, endpoint } = each;
  if (party.kind === 'world') return 'a pod was taken for the world';
  // A name tells that a pod is synced even where it does not tell whose; only through the proxy there is none.
  const isTenants = known || (synced && endpoint.podName !== '');
  if (party.kind === 'platform' && isTenants) return 'a pod of a tenant was taken for the platform';
  if (party.kind !== 'tenant') return labelled ? 'labels were not believed' : undefined;
  const { cluster, hostNamespace, vcluster } = party.tenant;
  if (cluster !== OWN || hostNamespace !== owner.hostNamespace) return 'attributed to a tenant elsewhere';
  return labelled && vcluster !== owner.vcluster ? 'labels were not believed' : undefined;
}

/** Everybody is asked twice: as they come, and once all have been seen. */
function complaints({ pods }: Cluster, seen: Map<string, number>): string[] {
  const { attribution } = observed({}, { endpoints: 4 * pods.length });
  const known = new Set<string>();
  const found: string[] = [];
  const ask = (each: Owned): Party => {
    const party = attribution.attribute(each.endpoint);
    if (each.labelled) known.add(each.owner.hostNamespace);
    const wrong = complaint(each, party, known.has(each.owner.hostNamespace));
    if (wrong !== undefined) found.push(`${wrong}: ${said(party)}, ${JSON.stringify(each)}`);
    return party;
  };
  pods.forEach(ask);
  for (const each of pods) {
    const party = ask(each);
    const how = party.kind === 'tenant' ? party.evidence : party.kind;
    seen.set(how, (seen.get(how) ?? 0) + 1);
  }
  for (const { tenant } of attribution.tenants()) {
    if (!/^host-[ab]$/.test(tenant.hostNamespace)) found.push(`a tenant that there is not: ${tenant.id}`);
  }
  return found;
}

test(
  `of ${NAMES.toLocaleString('en')} pods with adversarial names, none becomes another's or the platform's`,
  () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(clusters(PODS), (cluster) => {
        expect(complaints(cluster, seen)).toEqual([]);
      }),
      { seed: 20_260_803, numRuns: NAMES / PODS },
    );
    // The run is worth something only if names had to decide, not labels alone.
    for (const evidence of ['managed_by', 'service_account', 'pod_name', 'namespace']) {
      expect(seen.get(evidence), evidence).toBeGreaterThan(NAMES / 100);
    }
    if (LONG) process.stdout.write(`${JSON.stringify(Object.fromEntries(seen))}\n`);
  },
  LIMIT,
);

describe('no label that a tenant can write changes whose its pod is', () => {
  const KEYS = [
    'app',
    'release',
    'app.kubernetes.io/managed-by',
    'app.kubernetes.io/instance',
    'k8s-app',
    'vcluster.loft.sh/vcluster-name',
    'vcluster.loft.sh/vcluster-namespace',
    'vcluster.loft.sh/controlled-by',
    'vcluster.loft.sh/label-victim-x-a4d451ec23',
    'vcluster.loft.sh/ns-label-victim-x-cf1227b7b2',
    'io.cilium.k8s.policy.serviceaccounts',
    'io.kubernetes.pod.name',
    'reserved',
    'host',
    '__proto__',
  ];
  const VALUES = [
    'vcluster',
    'vcluster-etcd',
    'victim',
    'host-victim',
    'host-victim-x-victim',
    'kube-system',
    '',
  ];
  const MARKS = [
    'vcluster.loft.sh/managed-by',
    'io.kubernetes.pod.namespace',
    'io.cilium.k8s.policy.serviceaccount',
  ];
  const SOURCES = ['any', 'unspec', 'container', 'gen', 'k8s.io', 'K8S', ''];
  const evil = [managedBy('evil'), virtualNamespace('default')];
  const told = { namespace: 'host-evil', name: 'web-0-x-default-x-evil' };
  const whole = [
    ...KEYS.flatMap((key) => VALUES.map((value) => `k8s:${key}=${value}`)),
    ...[...KEYS, ...MARKS].flatMap((key) => SOURCES.map((source) => `${source}:${key}=victim`)),
  ];
  const victim = pod({
    namespace: 'host-victim',
    name: 'web-0-x-default-x-victim',
    labels: [managedBy('victim')],
  });

  test(`${whole.length} labels, one at a time, before its own and after, the victim known`, () => {
    const { who } = observed();
    who(victim);
    for (const label of whole) {
      expect(who(pod({ ...told, labels: [label, ...evil] })), label).toBe('host-evil/evil by managed_by');
      expect(who(pod({ ...told, labels: [...evil, label] })), label).toBe('host-evil/evil by managed_by');
    }
  });

  test('and two at a time: a control plane cannot be posed as', () => {
    const { who } = observed();
    who(victim);
    for (const app of VALUES) {
      for (const release of VALUES) {
        const labels = [`k8s:app=${app}`, `k8s:release=${release}`, ...evil];
        expect(who(pod({ ...told, labels }))).toBe('host-evil/evil by managed_by');
      }
    }
  });

  test('without its own labels, which an operator may filter, it stays in its host namespace', () => {
    const { attribution, who } = observed();
    who(victim);
    for (const label of whole) {
      const party = attribution.attribute(pod({ ...told, labels: [label] }));
      const home = party.kind === 'tenant' ? party.tenant.hostNamespace : party.kind;
      expect(['host-evil', 'unidentified'], label).toContain(home);
    }
  });
});

describe('service-account sync mints no vCluster', () => {
  test('whatever the account is called, the tenants are those that there are', () => {
    const word = fc.constantFrom(
      'vc',
      'workload',
      'victim',
      'x',
      'default',
      'evil',
      'a'.repeat(40),
      '0123456789',
    );
    const text = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join('-'));
    fc.assert(
      fc.property(text, text, fc.boolean(), (chosen, namespace, learnedBefore) => {
        const { attribution, who } = observed();
        const labelled = pod({ namespace: 'host-evil', name: '1', labels: [managedBy('evil')] });
        if (learnedBefore) who(labelled);
        who(pod({ namespace: 'host-evil', labels: [account(hostName(chosen, namespace, 'evil'))] }));
        who(labelled);
        expect(attribution.tenants().map(({ tenant }) => tenant.vcluster)).toEqual(['evil']);
      }),
      { seed: 20_260_804, numRuns: 2000 },
    );
  });
});
