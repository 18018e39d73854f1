import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lifeLines } from '../fixtures/life.js';
import { watchedIn } from '../fixtures/watched.js';
import { startWeb } from '../fixtures/web.js';
import { suggest } from '../../src/suggestion.js';
import { run } from './shell.js';

const folder = mkdtempSync(join(tmpdir(), 'crosstalk-suggest-'));
afterAll(() => rmSync(folder, { recursive: true }));
const recording = join(folder, 'flows.ndjson');
writeFileSync(recording, `${lifeLines().join('\n')}\n`);

test('what is suggested goes into a file that policy check takes, and breaks nothing', async () => {
  const { code, stdout, stderr } = await run([
    'policy',
    'suggest',
    'team-a',
    '--world-egress',
    'allow',
    recording,
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const policy = join(folder, 'team-a.yaml');
  writeFileSync(policy, stdout);
  const checked = await run(['policy', 'check', '--policy', policy, recording]);
  expect(checked.code).toBe(0);
  expect(checked.stdout).toContain(
    'Nothing that was seen would break; 2 kinds of crossings would be stopped.',
  );
});

test("values of vCluster's chart are no policy, and what to do with them is said", async () => {
  const { stdout } = await run(['policy', 'suggest', 'team-a', '--format', 'vcluster-values', recording]);
  const values = join(folder, 'values.yaml');
  writeFileSync(values, stdout);
  const checked = await run(['policy', 'check', '--policy', values, recording]);
  expect(checked).toMatchObject({ code: 2, stdout: '' });
  expect(checked.stderr).toContain(
    "got values of vCluster's chart, expected the policies that it makes of them",
  );
});

test('a running analyzer suggests the same, also for a tenant with a slash in its name', async () => {
  const asked: unknown[] = [];
  const web = await startWeb({
    sources: {
      suggestPolicy(tenant, wish) {
        asked.push(tenant, wish);
        return suggest('team-a', watchedIn(lifeLines()), wish);
      },
    },
  });
  const flags = ['--format', 'networkpolicy', '--per', 'namespace', '--world-egress', 'allow'];
  const fromFile = await run(['policy', 'suggest', 'team-a', recording, ...flags]);
  const { code, stdout } = await run(['policy', 'suggest', 'host-a/dev', '--url', web.address, ...flags]);
  const wish = { format: 'networkpolicy', per: 'namespace', worldEgress: 'allow' };
  expect({ code, asked }).toEqual({ code: 0, asked: ['host-a/dev', wish] });
  expect(stdout).toBe(fromFile.stdout);
});

test.each([
  [2, [], 'no tenant given, expected its name as crosstalk replay shows it'],
  [
    2,
    ['team-a', '--format', 'yaml', 'f'],
    '--format: got "yaml", expected one of cilium, networkpolicy, vcluster-values',
  ],
  [2, ['team-a', '--per', 'pod', 'f'], '--per: got "pod", expected one of vcluster, namespace'],
  [2, ['team-a', '--world-egress', 'deny', 'f'], '--world-egress: got "deny", expected one of report, allow'],
  [
    2,
    ['team-a', '--per', 'namespace', '--format', 'vcluster-values', 'f'],
    "--per: got namespace with format vcluster-values, expected vcluster: the chart's values have one block for all workloads. Formats with a policy for each namespace are cilium and networkpolicy",
  ],

  [1, ['team-c', recording], 'tenant "team-c" was not seen: seen were team-a, team-b. Did you mean team-a?'],
])('%i: %j says what is wrong', async (code, argv, message) => {
  expect(await run(['policy', 'suggest', ...argv])).toEqual({
    code,
    stdout: '',
    stderr: `crosstalk: ${message}\n`,
  });
});
