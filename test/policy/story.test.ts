/** The story of whoever isolates a vCluster by trial and error, told before anything breaks. */
import { describe, expect, test } from 'vitest';
import { checkPolicies } from '../../src/policycheck.js';
import { readPolicies } from '../../src/policy/read.js';
import { DEFAULT_WISH } from '../../src/policy/plan.js';
import { suggest } from '../../src/suggestion.js';
import type { PolicyCheckReport } from '../../src/expose/api.js';
import { LIFE, lifeLines, type Doing } from '../fixtures/life.js';
import { watchedIn } from '../fixtures/watched.js';

/** What a set of policies does to each thing of the tenant's life, one at a time: nothing hides behind another. */
async function broken(policies: string): Promise<{ denied: Doing[]; stopped: Doing[] }> {
  const denied: Doing[] = [];
  const stopped: Doing[] = [];
  // Everything is watched, so that who is who is known; each is judged by its own workloads and port.
  for (const doing of Object.keys(LIFE) as Doing[]) {
    const { outcomes } = await tried(policies, lifeLines([doing]));
    if (outcomes.newly_denied.kinds > 0) denied.push(doing);
    if (outcomes.stopped_crossing.kinds > 0) stopped.push(doing);
  }
  return { denied, stopped };
}

const tried = (text: string, lines: readonly string[]): Promise<PolicyCheckReport> =>
  checkPolicies([{ name: 'story', text }], watchedIn(lines));

const stage = (ingress: string, egress: string): string => `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: isolate, namespace: team-a }
spec:
  endpointSelector: {}
  ingress: [{ fromEndpoints: [{}] }${ingress}]
  egress: [{ toEndpoints: [{}] }, { toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': kube-system } }] }, { toEntities: [world] }${egress}]
`;
const API = 'toPorts: [{ ports: [{ port: "8443", protocol: TCP }] }]';
const MANAGEMENT = `, { fromCIDR: [198.51.100.0/24], ${API} }, { fromEntities: [host, remote-node], ${API} }`;
const APISERVER = ', { toEntities: [kube-apiserver, host] }';
const PLATFORM = "{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': vcluster-platform } }";

const CROSSINGS: Doing[] = ['team-b crosses', 'team-a crosses'];

describe('each stage of trial and error: what breaks is told before it does, and nothing else is', () => {
  test.each<[string, string, Doing[]]>([
    [
      'the same namespace only',
      stage('', ''),
      [
        'kubectl from the management network',
        'kubectl through another node',
        'the syncer creates pods',
        'the platform asks the control plane',
        'the control plane tells the platform',
      ],
    ],
    [
      'and the management network and nodes on 8443',
      stage(MANAGEMENT, ''),
      [
        'the syncer creates pods',
        'the platform asks the control plane',
        'the control plane tells the platform',
      ],
    ],
    [
      'and the API server',
      stage(MANAGEMENT, APISERVER),
      ['the platform asks the control plane', 'the control plane tells the platform'],
    ],
    [
      "and the platform's ports",
      stage(
        `${MANAGEMENT}, { fromEndpoints: [${PLATFORM}], ${API} }`,
        `${APISERVER}, { toEndpoints: [${PLATFORM}], ${API.replace('8443', '10443')} }`,
      ),
      [],
    ],
  ])('%s', async (_, policies, denied) => {
    expect(await broken(policies)).toEqual({ denied, stopped: CROSSINGS });
  });
});

describe('the suggested policy', () => {
  async function suggested(lines = lifeLines()): Promise<string> {
    const suggestion = await suggest('team-a', watchedIn(lines), { ...DEFAULT_WISH, worldEgress: 'allow' });
    if (!suggestion.ok) throw new Error(`not seen, but ${suggestion.known.join()}`);
    return suggestion.text;
  }

  test('breaks nothing and stops every crossing', async () => {
    expect(await broken(await suggested())).toEqual({ denied: [], stopped: CROSSINGS });
  });

  test('is one that a cluster takes, without a doubtful rule', async () => {
    const text = await suggested();
    expect(readPolicies(text, { name: 'suggested' }).problems).toEqual([]);
    expect((await tried(text, lifeLines())).findings).toEqual([]);
  });

  test('says at the top what it rests on and what it leaves out', async () => {
    const text = await suggested();
    expect(text).toContain(
      '# Tried on it: 10 kinds still allowed, 2 crossings stopped, 0 kinds newly denied.',
    );
    expect(text).toContain('#   team-b default/toolbox to team-a default/web on 8080/tcp: 2 times');
    expect(text).not.toMatch(/10\.1\d\.|MAY BE INCOMPLETE: Less than/);
  });

  test('what was not seen is not allowed, and what every vCluster needs is', async () => {
    const text = await suggested(lifeLines(['workers reach the web server']));
    const { denied } = await broken(text);
    expect(denied).not.toContain('the syncer creates pods');
    expect(denied).not.toContain('kubectl through another node');
    expect(denied).toContain('kubectl from the management network');
    expect(denied).toContain('workers fetch from the internet');
    expect(text).toContain('MAY BE INCOMPLETE: No connection to the world');
  });

  test('of a tenant that was not seen there is none, and those that were are named', async () => {
    expect(await suggest('team-c', watchedIn(lifeLines()), DEFAULT_WISH)).toEqual({
      ok: false,
      known: ['team-a', 'team-b'],
    });
  });
});
