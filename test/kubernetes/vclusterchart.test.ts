/** Suggested policies where they are applied: values in vCluster's real chart, and files in the real kubectl. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { createEvaluator } from '../../src/policy/evaluate.js';
import type { Wish } from '../../src/policy/plan.js';
import { readPolicies, readWritten } from '../../src/policy/read.js';
import type { Policy } from '../../src/policy/rule.js';
import { clusterOf, type Watched } from '../../src/policy/watched.js';
import { checkPolicies } from '../../src/policycheck.js';
import { type Life, lifeOf } from '../fixtures/lives.js';
import { namesIn, type Suggested, suggested, WISHES } from '../fixtures/suggestions.js';
import { watchedIn } from '../fixtures/watched.js';
import { dryRun, newNamespace } from './cluster.js';
import { helm } from './helm.js';
import { kubectl } from './kubectl.js';
import type { KubernetesObject } from './objects.js';

const directory = mkdtempSync(join(tmpdir(), 'crosstalk-suggested-'));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function fileOf(text: string): string {
  const file = join(directory, `${(files += 1)}.yaml`);
  writeFileSync(file, text);
  return file;
}

interface Made extends Suggested {
  readonly name: string;
  readonly tenant: string;
  readonly watched: Watched;
}

/** Suggestions of a form, from as many lives as it takes. */
async function made(count: number, format: Wish['format']): Promise<Made[]> {
  const all: Made[] = [];
  for (let seed = 20_001; all.length < count; seed += 1) {
    const { lines, expected, tenants }: Life = lifeOf(seed);
    const watched = watchedIn(lines, expected);
    for (const tenant of tenants)
      for (const wish of WISHES.filter((one) => one.format === format))
        all.push({
          name: JSON.stringify({ seed, tenant, wish }),
          tenant,
          watched,
          ...(await suggested(tenant, watched, wish)),
        });
  }
  return all.slice(0, count);
}

/** What policies decide about each connection, each way, with the reason left out. */
async function decisions(
  read: (cluster: Awaited<ReturnType<typeof clusterOf>>) => readonly Policy[],
  watched: Watched,
): Promise<string[]> {
  const cluster = await clusterOf(watched);
  const evaluate = createEvaluator(read(cluster), { cluster });
  return watched.observations.map((one) => {
    const { egress, ingress } = evaluate(one);
    return `${egress.answer} ${ingress.answer}`;
  });
}

const CHARTS = inject('kubernetes').vclusterCharts;
const RENDERED = 24;

describe.each(CHARTS)("vCluster's chart $version", ({ directory: chart }) => {
  test(`makes policies of ${RENDERED} suggested values that decide as the ones we tried`, async () => {
    const seen = new Set<string>();
    for (const { name, tenant, text, policies, watched } of await made(RENDERED, 'vcluster-values')) {
      const { vcluster, hostNamespace } = namesIn(text);
      const ran = await helm([
        'template',
        vcluster,
        chart,
        '--namespace',
        hostNamespace,
        '--values',
        fileOf(text),
        '--show-only',
        'templates/networkpolicy.yaml',
      ]);
      expect({ name, ...ran }).toMatchObject({ name, status: 0, stderr: '' });
      const reading = readPolicies(ran.stdout, { name });
      expect(reading.problems).toEqual([]);
      const theirs = await decisions(
        (cluster) => readPolicies(ran.stdout, { name, cluster }).policies,
        watched,
      );
      const ours = await decisions((cluster) => readWritten(policies, { name, cluster }).policies, watched);
      expect({ name, theirs }).toEqual({ name, theirs: ours });
      for (const decision of ours) seen.add(decision);

      // What the heading says of the trial is what policy check says of what helm made.
      const report = await checkPolicies([{ name, text: ran.stdout }], watched);
      const own = report.groups.filter(({ source, destination }) => [source, destination].includes(tenant));
      const broken = own.filter(({ outcome }) => outcome === 'newly_denied');
      expect(text.includes(' 0 kinds newly denied.'), name).toBe(broken.length === 0);
    }
    expect([...seen]).toEqual(
      expect.arrayContaining(['allowed allowed', 'denied allowed', 'allowed denied']),
    );
  });

  test('refuses values with a word of ours misspelt', async () => {
    const [one] = await made(1, 'vcluster-values');
    const { vcluster } = namesIn(one!.text);
    const spoilt = one!.text.replace('publicEgress:', 'publikEgress:');
    const { status, stderr } = await helm(['template', vcluster, chart, '--values', fileOf(spoilt)]);
    expect(status).not.toBe(0);
    expect(stderr).toContain('publikEgress');
  });
});

describe.each(['cilium', 'networkpolicy'] as const)('%s', (format) => {
  const COUNT = 32;

  test(`kubectl reads ${COUNT} files as they were meant, odd names and all`, async () => {
    let odd = 0;
    for (const { name, text, policies } of await made(COUNT, format)) {
      const { stdout } = await kubectl(
        'create',
        '--dry-run=client',
        '--output',
        'json',
        '--filename',
        fileOf(text),
      );
      const read = JSON.parse(`[${stdout.replaceAll(/^\}\n\{$/gm, '},{')}]`) as KubernetesObject[];
      const objects = read.flatMap((one) =>
        one.kind === 'List' ? (one['items'] as KubernetesObject[]) : [one],
      );
      expect(objects, name).toEqual(policies);
      odd += [...text.matchAll(/: "(no|y|on|null|1e3|1e1_0|0b11|0x1f|1_000|2026-11-22)"/g)].length;
    }
    expect(odd).toBeGreaterThan(5);
  });

  test(`the API server takes all objects of ${COUNT} suggestions`, async () => {
    const namespace = await newNamespace();
    for (const { policies } of await made(COUNT, format)) {
      const objects = policies as KubernetesObject[];
      const here = objects.map((one) => ({ ...one, metadata: { ...one.metadata, namespace } }));
      for (const { warnings } of await dryRun(here, namespace)) expect(warnings).toEqual([]);
    }
  });
});
