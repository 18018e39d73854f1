// Checks that what a tag is about to release agrees with itself, and prints the
// release's notes: the changelog's section for the version.
//
//   node scripts/release.mjs v0.1.0
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const CHART = 'deploy/helm/crosstalk/Chart.yaml';

/**
 * What the repository says of its version, file by file.
 *
 * @param {string} root directory, with a / at its end
 */
export function readVersions(root) {
  const read = (file) => readFileSync(`${root}${file}`, 'utf8');
  const lock = JSON.parse(read('package-lock.json'));
  return {
    package: JSON.parse(read('package.json')).version,
    lockfile: [lock.version, lock.packages[''].version],
    chart: existsSync(`${root}${CHART}`) ? parse(read(CHART)) : undefined,
    changelog: read('CHANGELOG.md'),
    dockerfile: read('Dockerfile'),
  };
}

/**
 * The changelog's text for a version, undefined where there is none. A released
 * version's heading carries its date.
 *
 * @param {string} changelog
 * @param {string} version
 */
export function notesOf(changelog, version) {
  const [, ...sections] = changelog.split(/^## /m);
  const section = sections.find((text) => text.startsWith(`[${version}]`));
  if (section === undefined) return undefined;
  const [heading = '', ...lines] = section.split('\n');
  if (!/^\[[^\]]+\] - \d{4}-\d{2}-\d{2}$/.test(heading)) return undefined;
  const text = lines.join('\n').replace(/^\[[^\]]+\]: .*$/gm, '');
  return text.trim() === '' ? undefined : text.trim();
}

/**
 * Where files disagree on the version: empty when all is well.
 *
 * @param {ReturnType<typeof readVersions>} versions
 */
export function disagreements(versions) {
  const wanted = versions.package;
  const said = [
    ...versions.lockfile.map((version) => ['package-lock.json', version]),
    ...(versions.chart === undefined
      ? []
      : [
          [`${CHART}: version`, versions.chart.version],
          [`${CHART}: appVersion`, versions.chart.appVersion],
        ]),
  ];
  return said
    .filter(([, version]) => version !== wanted)
    .map(([where, version]) => `${where} says ${version}, package.json says ${wanted}`);
}

/**
 * Why a tag may not be released: empty when it may.
 *
 * @param {string} tag
 * @param {ReturnType<typeof readVersions>} versions
 */
export function objections(tag, versions) {
  const wrong = disagreements(versions);
  if (tag !== `v${versions.package}`)
    wrong.push(`the tag is ${tag}, package.json says ${versions.package}: it should be v${versions.package}`);
  if (notesOf(versions.changelog, versions.package) === undefined)
    wrong.push(
      `CHANGELOG.md has no section "## [${versions.package}] - <date>" with text: ` +
        'move there what stands under [Unreleased]',
    );
  for (const [, base] of versions.dockerfile.matchAll(/^FROM (?:--platform=\S+ )?(\S+)/gm))
    if (!/@sha256:[0-9a-f]{64}$/.test(base))
      wrong.push(
        `the Dockerfile's base image ${base} is not pinned: append what ` +
          `docker buildx imagetools inspect ${base} --format '{{.Manifest.Digest}}' says, as ${base}@sha256:…`,
      );
  return wrong;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [tag = ''] = process.argv.slice(2);
  const versions = readVersions(fileURLToPath(new URL('../', import.meta.url)));
  const wrong = objections(tag, versions);
  for (const line of wrong) console.error(line);
  if (wrong.length > 0) process.exitCode = 1;
  else console.log(notesOf(versions.changelog, versions.package));
}
