import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { disagreements, notesOf, objections, readVersions } from '../../scripts/release.mjs';

const here = readVersions(fileURLToPath(new URL('../../', import.meta.url)));
const CHANGELOG = `# Changelog

## [Unreleased]

## [1.2.0] - 2026-12-01

### Added

- A thing.

## [1.1.0] - 2026-11-01

- Older.

[1.2.0]: https://example.com
`;
const good = {
  package: '1.2.0',
  lockfile: ['1.2.0', '1.2.0'],
  chart: { version: '1.2.0', appVersion: '1.2.0' },
  changelog: CHANGELOG,
  dockerfile: `FROM --platform=$BUILDPLATFORM node:24@sha256:${'a'.repeat(64)} AS build\nFROM base@sha256:${'b'.repeat(64)}`,
};

describe('package.json, the lockfile, the chart and the changelog are of one version', () => {
  test('here', () => {
    expect(disagreements(here)).toEqual([]);
    expect(here.changelog).toMatch(/^## \[Unreleased\]$/m);
  });

  test('a chart of another version is named', () => {
    const chart = { version: '1.2.0', appVersion: '1.1.9' };
    expect(disagreements({ ...good, chart })).toEqual([
      'deploy/helm/crosstalk/Chart.yaml: appVersion says 1.1.9, package.json says 1.2.0',
    ]);
  });
});

describe('what a tag releases', () => {
  test('goes out when everything agrees, with the changelog of that version and no other', () => {
    expect(objections('v1.2.0', good)).toEqual([]);
    expect(notesOf(CHANGELOG, '1.2.0')).toBe('### Added\n\n- A thing.');
  });

  test.each([
    ['another tag', 'v1.2.1', good, /^the tag is v1\.2\.1/],
    ['a tag without its v', '1.2.0', good, /should be v1\.2\.0/],
    [
      'a lockfile left behind',
      'v1.2.0',
      { ...good, lockfile: ['1.2.0', '1.1.0'] },
      /^package-lock\.json says/,
    ],
    ['no changelog', 'v1.2.0', { ...good, changelog: '## [Unreleased]\n\n- A thing.\n' }, /no section/],
    ['no date', 'v1.2.0', { ...good, changelog: '## [1.2.0]\n\n- A thing.\n' }, /no section/],
    [
      'an empty section',
      'v1.2.0',
      { ...good, changelog: '## [1.2.0] - 2026-12-01\n\n## [1.1.0]' },
      /no section/,
    ],
    [
      'a base image without digest',
      'v1.2.0',
      { ...good, dockerfile: 'FROM node:24 AS build' },
      /node:24 is not pinned/,
    ],
    [
      'a base image with half a digest',
      'v1.2.0',
      { ...good, dockerfile: 'FROM a@sha256:abc' },
      /is not pinned/,
    ],
  ])('does not go out with %s', (_, tag, versions, why) => {
    expect(objections(tag, versions)).toEqual([expect.stringMatching(why)]);
  });
});
