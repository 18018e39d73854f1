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
  const { code, stdout, stderr } = await run(['policy', 'suggest', 'team-a', recording]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const policy = join(folder, 'team-a.yaml');
  writeFileSync(policy, stdout);
  const checked = await run(['policy', 'check', '--policy', policy, recording]);
  expect(checked.code).toBe(0);
  expect(checked.stdout).toContain(
    'Nothing that was seen would break; 2 kinds of crossings would be stopped.',
  );
});

test('a running analyzer suggests the same, also for a tenant with a slash in its name', async () => {
  const asked: string[] = [];
  const web = await startWeb({
    sources: {
      suggestPolicy(tenant) {
        asked.push(tenant);
        return suggest('team-a', watchedIn(lifeLines()));
      },
    },
  });
  const fromFile = await run(['policy', 'suggest', 'team-a', recording]);
  const { code, stdout } = await run(['policy', 'suggest', 'host-a/dev', '--url', web.address]);
  expect({ code, asked }).toEqual({ code: 0, asked: ['host-a/dev'] });
  expect(stdout).toBe(fromFile.stdout);
});

test.each([
  [2, [], 'no tenant given, expected its name as crosstalk replay shows it'],
  [2, ['team-a', '--format', 'yaml', 'f'], '--format: got "yaml", expected one of cilium'],
  [1, ['team-c', recording], 'tenant "team-c" was not seen: seen were team-a, team-b. Did you mean team-a?'],
])('%i: %j says what is wrong', async (code, argv, message) => {
  expect(await run(['policy', 'suggest', ...argv])).toEqual({
    code,
    stdout: '',
    stderr: `crosstalk: ${message}\n`,
  });
});
