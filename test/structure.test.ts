/** The map in src/README.md, held to. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** The modules that a file imports: packages by name, own files by their path under src/. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  const specifiers = [...text.matchAll(/^(?:import|export)\b[^'"]*?from '([^']+)'|^import '([^']+)'/gm)];
  return specifiers.map(([, from, bare]) => {
    const specifier = from ?? bare ?? '';
    if (!specifier.startsWith('.')) return specifier;
    return relative(SRC, resolve(SRC, dirname(file), specifier)).replace(/\.js$/, '.ts');
  });
}
const importersOf = (matches: (specifier: string) => boolean) =>
  files.filter((file) => importsOf(file).some(matches));
const isIn = (folder: string) => (file: string) => file.startsWith(`${folder}/`);

test('the reader of imports sees them', () => {
  expect(importsOf('pipeline.ts')).toContain('model.ts');
  expect(importsOf('model.ts')).toEqual([]);
});

describe('each package has one door', () => {
  test.each([
    ['prom-client', ['expose/registry.ts']],
    ['lru-cache', ['hubble/endpoints.ts']],
    ['fastify', ['expose/']],
    ['commander', ['cli/']],
    ['pino', ['log.ts']],
  ])('%s', (name, doors) => {
    const strangers = importersOf((specifier) => specifier === name).filter(
      (file) => !doors.some((door) => file.startsWith(door)),
    );
    expect(strangers).toEqual([]);
  });
  test('gRPC', () => {
    const importers = importersOf((specifier) => specifier.startsWith('@grpc/'));
    expect(importers.filter((file) => !file.startsWith('simulator/'))).toEqual(['hubble/relay.ts']);
  });
});

describe('stages do not know each other', () => {
  const stages = ['hubble', 'tenancy', 'traffic', 'account', 'alert', 'policy'];
  // Whoever shows a person a pod says what its tenant calls it.
  const doors: Record<string, string[]> = { policy: ['tenancy/virtual.ts'] };
  test.each(stages)('%s imports model.ts, label.ts, tables/, a door and itself only', (stage) => {
    const open = ['model.ts', 'label.ts', ...(doors[stage] ?? [])];
    const strange = files.filter(isIn(stage)).flatMap((file) =>
      importsOf(file)
        .filter(
          (specifier) =>
            specifier.endsWith('.ts') &&
            !open.includes(specifier) &&
            !isIn('tables')(specifier) &&
            !isIn(stage)(specifier),
        )
        .map((specifier) => `${file} imports ${specifier}`),
    );
    expect(strange).toEqual([]);
  });
  test('tables know nothing of what they hold', () => {
    const strange = files.filter(isIn('tables')).flatMap(importsOf);
    expect(
      strange.filter((specifier) => !isIn('tables')(specifier) && !specifier.startsWith('node:')),
    ).toEqual([]);
  });
  test('nothing of the daemon imports the simulator but the demo', () => {
    const importers = importersOf(isIn('simulator')).filter((file) => !file.startsWith('simulator/'));
    expect(importers).toEqual(['cli/demo.ts']);
  });
});

test('only main.ts touches the process', () => {
  const users = files.filter((file) => {
    const code = readFileSync(join(SRC, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    return /\bprocess\.(argv|env|exit|exitCode|on|once|kill|stdout|stderr|stdin)\b/.test(code);
  });
  expect(users.filter((file) => !['main.ts', 'healthcheck.ts'].includes(file))).toEqual([]);
});

test('no drawer for everything', () => {
  expect(
    files.filter((file) => /(^|\/)(utils?|helpers?|common|types|services?|misc)\.ts$/.test(file)),
  ).toEqual([]);
});
