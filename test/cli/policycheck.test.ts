import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { PolicyCheckReport } from '../../src/expose/api.js';
import { startWeb } from '../fixtures/web.js';
import { watchedIn } from '../fixtures/watched.js';
import { checkText } from '../../src/policycheck.js';
import { flowLine } from './recorded.js';
import { run, type FakeOptions } from './shell.js';

const folder = mkdtempSync(join(tmpdir(), 'crosstalk-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

function file(content: string): string {
  const path = join(folder, `file-${(files += 1)}`);
  writeFileSync(path, content);
  return path;
}

/** Only team-b's own pods may come in. */
const OWN_ONLY = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: own-only, namespace: team-b }
spec:
  endpointSelector: { matchLabels: { vcluster.loft.sh/managed-by: team-b } }
  ingress: [{ fromEndpoints: [{ matchLabels: { vcluster.loft.sh/managed-by: team-b } }] }]
`;
const INSIDE = flowLine({ from: 'team-b', to: 'team-b' });
const CROSSING = flowLine();
/** Of the platform: a namespace without a vCluster. */
const PLATFORM = flowLine()
  .replaceAll('team-a', 'ingress')
  .replaceAll('k8s:vcluster.loft.sh/managed-by=ingress', 'k8s:app=nginx')
  .replaceAll('-x-default-x-ingress', '');

const recorded = (...lines: string[]): string => file(`${lines.join('\n')}\n`);

async function check(policy: string, recording: string, options?: FakeOptions): Promise<PolicyCheckReport> {
  const ran = await run(
    ['policy', 'check', '--output', 'json', '--policy', file(policy), recording],
    options,
  );
  return JSON.parse(ran.stdout) as PolicyCheckReport;
}

describe('each connection that was seen has one outcome', () => {
  test.each([
    ['still allowed: the tenant within itself', INSIDE, OWN_ONLY, 'still_allowed'],
    ['a crossing that would be stopped', CROSSING, OWN_ONLY, 'stopped_crossing'],
    ['what would break: the platform on its way in', PLATFORM, OWN_ONLY, 'newly_denied'],
    ['still denied', flowLine({ denied: true }), OWN_ONLY, 'still_denied'],
    [
      'newly allowed: it was denied, and nothing given denies it',
      flowLine({ denied: true, from: 'team-b', to: 'team-b' }),
      OWN_ONLY,
      'newly_allowed',
    ],
    [
      'unknown: the requests decide',
      INSIDE,
      OWN_ONLY.replace(
        'team-b } }] }]',
        'team-b } }], toPorts: [{ ports: [{ port: "5432", protocol: TCP }], rules: { http: [{ method: GET }] } }] }]',
      ),
      'unknown',
    ],
  ])('%s', async (_, line, policy, outcome) => {
    const { outcomes, groups } = await check(policy, recorded(line));
    expect(outcomes).toMatchObject({ [outcome]: { kinds: 1, connections: 1 } });
    expect(Object.values(outcomes).reduce((sum, { kinds }) => sum + kinds, 0)).toBe(1);
    expect(groups).toMatchObject([{ outcome, port: '5432/tcp' }]);
  });

  test('an agreed crossing that would be denied is no crossing stopped: it breaks', async () => {
    const config = file('expected: [{ source: team-a, destination: team-b, reason: billing }]\n');
    const argv = ['policy', 'check', '--config.file', config, '--policy', file(OWN_ONLY), recorded(CROSSING)];
    const { code, stdout } = await run(argv);
    expect(code).toBe(3);
    expect(stdout).toContain('1 kind of connections would break.');
  });

  test('for a person: who, what workload, which port, why, and one connection that shows it', async () => {
    const { stdout } = await run([
      'policy',
      'check',
      '--policy',
      file(OWN_ONLY),
      recorded(PLATFORM, PLATFORM, CROSSING),
    ]);
    expect(stdout.replace(/(\S)  +/g, '$1  ')).toContain(
      `Newly denied: works now, and would break (1 kind, 1 connection)
  SOURCE  WORKLOAD  DESTINATION  WORKLOAD  PORT  SEEN  LAST
  __platform__  ingress/client  team-b  default/server  5432/tcp  1  2026-11-22T08:00:00Z

  ingress: no rule of team-b/own-only allows it
    such as ingress/client to team-b/server-x-default-x-team-b, 5432/tcp
    hubble observe --from-pod ingress/client --to-pod team-b/server-x-default-x-team-b --protocol tcp --to-port 5432 --type trace:to-endpoint --last 20
`,
    );
    expect(stdout).toContain('1 kind of connections would break; 1 kind of crossings would be stopped.');
  });
});

describe('exit codes let a pipeline decide', () => {
  test.each([
    [0, 'nothing would break', INSIDE],
    [0, 'only an unexpected crossing would be denied', CROSSING],
    [3, 'something else would be denied', PLATFORM],
    [1, 'nothing was seen, so nothing was judged', '{"x":1}'],
  ])('%i when %s', async (code, _, line) => {
    expect((await run(['policy', 'check', '--policy', file(OWN_ONLY), recorded(line)])).code).toBe(code);
  });

  test('2 with every problem in the policy and its place, and nothing is judged', async () => {
    const path = file(OWN_ONLY.replace('endpointSelector', 'endpointSelektor'));
    const { code, stdout, stderr } = await run(['policy', 'check', '--policy', path, recorded(INSIDE)]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`${path}:6:21: spec.endpointSelektor`);
    expect(stderr).toContain('in the policies: a cluster would refuse them');
  });

  test.each([
    [['policy', 'check', 'f'], '--policy: missing, expected a file of policies; it may be repeated'],
    [['policy', 'check', '--policy', 'a', '--policy', 'a', 'f'], '--policy: a is given twice, expected once'],
    [
      ['policy', 'check', '--policy', '-', '-'],
      '--policy: - and flows from -: standard input can be one of them',
    ],
    [
      ['policy', 'check', '--policy', 'a', '--url', 'http://x', 'f'],
      '--url and files are given, expected one of them',
    ],
    [
      ['policy', 'chek'],
      'policy: unknown command "chek", expected one of suggest, check. Did you mean check?',
    ],
    [
      ['policy', 'check', '--polcy', 'a'],
      '--polcy: unknown flag of crosstalk policy check. Did you mean --policy? crosstalk policy check --help lists them',
    ],
  ])('2: %j', async (argv, message) => {
    expect(await run(argv)).toMatchObject({ code: 2, stdout: '', stderr: `crosstalk: ${message}\n` });
  });
});

test('policies may come from standard input, with those in force as a list', async () => {
  const list = JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'deny', namespace: 'team-b' },
        spec: { podSelector: {}, policyTypes: ['Ingress'] },
      },
    ],
  });
  const argv = ['policy', 'check', '--policy', '-', '--policy', file(OWN_ONLY), recorded(INSIDE)];
  const { code, stdout } = await run(argv, { stdin: list });
  expect(code).toBe(0);
  expect(stdout).toContain('2 policies against 1 kind of connection');
});

describe('a running analyzer is asked where no file is given', () => {
  test('and answers as the files would', async () => {
    const watched = watchedIn([PLATFORM, CROSSING, INSIDE]);
    const web = await startWeb({ sources: { checkPolicies: (text) => checkText(text, watched) } });
    const argv = ['policy', 'check', '--output', 'json', '--policy', file(OWN_ONLY)];
    const asked = await run([...argv, '--url', web.address]);
    const read = await run([...argv, recorded(PLATFORM, CROSSING, INSIDE)]);
    expect(asked.code).toBe(3);
    expect(JSON.parse(asked.stdout)).toEqual(JSON.parse(read.stdout));
  });

  test('one that is not there: 1, and what to do', async () => {
    const { code, stderr } = await run([
      'policy',
      'check',
      '--policy',
      file(OWN_ONLY),
      '--url',
      'http://127.0.0.1:9',
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('does not answer');
    expect(stderr).toContain('Give --url, or recorded files');
  });

  test('more policies than it takes at once: what it says is passed on', async () => {
    const web = await startWeb();
    const large = file(`${OWN_ONLY}# ${'x'.repeat(600_000)}\n`);
    const { code, stderr } = await run(['policy', 'check', '--policy', large, '--url', web.address]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/answered 413: .*expected at most 524288/);
  });
});
