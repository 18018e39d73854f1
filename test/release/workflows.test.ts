import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { broken } from './workflows.js';

const root = new URL('../../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8');
const scripts = Object.keys(
  z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json'))).scripts,
);
const files = readdirSync(new URL('.github/workflows/', root));

describe('workflows do no more than they must, with nothing that can be swapped', () => {
  test('there are some', () => {
    expect(files).toContain('release.yml');
  });

  test.each(files)('%s', (file) => {
    expect(broken(read(`.github/workflows/${file}`), scripts)).toEqual([]);
  });

  test('every suite of this repository runs there', () => {
    const ci = read('.github/workflows/ci.yml');
    const suites = scripts.filter((name) => name.startsWith('test:'));
    expect(suites.filter((name) => !ci.includes(`npm run ${name}\n`))).toEqual([]);
    expect(ci).toContain('npm ci && npm test\n');
  });

  test('npm test runs on each Node.js that is supported, the oldest of engines first', () => {
    expect(read('.github/workflows/ci.yml')).toContain('node: [20, 22, 24]');
    expect(read('package.json')).toContain('"node": ">=20.19"');
    expect(read('Dockerfile')).toMatch(/^FROM gcr\.io\/distroless\/nodejs24-debian13:nonroot/m);
  });
});

const SHA = 'a'.repeat(40);
const workflow = (change: { on?: string; permissions?: string; job?: string; step?: string }) => `
on: ${change.on ?? 'push'}
permissions: ${change.permissions ?? '{}'}
jobs:
  a:
    ${change.job ?? 'permissions: { contents: read }'}
    steps:
      - ${change.step ?? `uses: docker/login-action@${SHA} # v1.2.3`}
`;

describe('the rules refuse', () => {
  test('nothing of a good workflow', () => {
    expect(broken(workflow({}), [])).toEqual([]);
    expect(broken(workflow({ step: 'run: npm run a:b && npm run --silent c' }), ['a:b', 'c'])).toEqual([]);
  });

  test.each([
    ['rights for all jobs', { permissions: '{ contents: write }' }, /every job/],
    ['no word on rights', { permissions: '' }, /every job/],
    ['a job without its rights', { job: 'runs-on: x' }, /job a does not say/],
    [
      "a stranger's pull request with our rights",
      { on: '{ pull_request_target: {} }' },
      /pull_request_target/,
    ],
    ['a tag', { step: 'uses: docker/login-action@v4' }, /not pinned/],
    ['a branch', { step: 'uses: docker/login-action@main # v4.0.0' }, /not pinned/],
    ['a commit that nobody can tell the version of', { step: `uses: a/b@${SHA}` }, /not pinned/],
    ['half a commit', { step: `uses: a/b@${SHA.slice(1)} # v1.2.3` }, /not pinned/],
    ['a token on disk', { step: `uses: actions/checkout@${SHA} # v1.2.3` }, /token/],
    ['a script that is not there', { step: 'run: npm run nosuch' }, /no such script/],
    ["a branch's name as shell text", { step: 'run: echo ${{ github.head_ref }}' }, /shell/],
  ])('%s', (_, change, why) => {
    expect(broken(workflow(change), [])).toEqual([expect.stringMatching(why)]);
  });
});
