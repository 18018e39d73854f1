/** What comes from other people: which packages, from where, how old at least, and what of it may run. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

const root = new URL('../../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8');

const Package = z.object({
  name: z.string().optional(),
  version: z.string(),
  dev: z.boolean().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  hasInstallScript: z.boolean().optional(),
});
const lock = z
  .object({ packages: z.record(z.string(), Package) })
  .parse(JSON.parse(read('package-lock.json')));
const Names = z.record(z.string(), z.string());
const manifest = z
  .object({ dependencies: Names, devDependencies: Names, overrides: Names })
  .parse(JSON.parse(read('package.json')));

interface Installed extends z.infer<typeof Package> {
  readonly name: string;
}
const installed: Installed[] = Object.entries(lock.packages)
  .filter(([path]) => path !== '')
  .map(([path, entry]) => ({ ...entry, name: path.replace(/^.*node_modules\//, '') }));
const shipped = installed.filter(({ dev }) => dev !== true);
const named = ({ name, version }: { name: string; version: string }): string => `${name}@${version}`;

describe('the lockfile', () => {
  test('names no registry but npm, and the content of every package', () => {
    const elsewhere = installed.filter(
      ({ resolved }) => resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'),
    );
    expect(elsewhere.map(named)).toEqual([]);
    expect(installed.filter(({ integrity = '' }) => !integrity.startsWith('sha512-')).map(named)).toEqual([]);
    expect(read('.npmrc')).not.toMatch(/registry\s*=/);
  });

  test('holds one package of those shipped with an install script: protobufjs, whose script only warns', () => {
    expect(shipped.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name)).toEqual([
      'protobufjs',
    ]);
  });

  test('is older than no fix that Crosstalk needs', () => {
    // CVE-2026-48069 and CVE-2026-48068 (messages that end the process), CVE-2026-44291 (schema that runs code).
    for (const [name, floor] of [
      ['@grpc/grpc-js', '1.14.4'],
      ['protobufjs', '7.5.6'],
    ] as const) {
      const found = installed.filter((entry) => entry.name === name);
      expect(found.length).toBeGreaterThan(0);
      expect(found.filter(({ version }) => isBelow(version, floor)).map(named)).toEqual([]);
    }
  });

  test('that rule knows 1.14.3 and 1.9.0 from 1.14.4', () => {
    expect(['1.14.3', '1.9.0', '0.99.99'].every((version) => isBelow(version, '1.14.4'))).toBe(true);
    expect(['1.14.4', '1.14.10', '2.0.0'].some((version) => isBelow(version, '1.14.4'))).toBe(false);
  });
});

function isBelow(version: string, floor: string): boolean {
  const [a, b] = [version, floor].map((text) => text.split('.').map(Number));
  for (const [at, wanted] of (b ?? []).entries()) {
    const part = a?.[at] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  return false;
}

describe('package.json', () => {
  test('pins every dependency to one version', () => {
    const ranges = Object.entries({
      ...manifest.dependencies,
      ...manifest.devDependencies,
      ...manifest.overrides,
    }).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
    expect(ranges).toEqual([]);
  });

  test('needs about ten packages at run time', () => {
    expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(12);
  });
});

describe('no install script of any package runs', () => {
  test('on a desk or in a workflow', () => {
    expect(read('.npmrc').split('\n')).toContain('ignore-scripts=true');
  });

  test('in the image, which does not see that file', () => {
    const installs = read('Dockerfile').match(/\bnpm (ci|install|i|add)\b[^&|;\n]*/g) ?? [];
    expect(installs.length).toBeGreaterThan(1);
    expect(installs.filter((line) => !/^npm ci\b.*--ignore-scripts\b/.test(line))).toEqual([]);
  });
});

describe('the bill of materials (npm run sbom)', () => {
  let text = '';
  beforeAll(() => {
    text = execFileSync('npm', ['run', '--silent', 'sbom'], {
      cwd: fileURLToPath(root),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  });

  test('is a valid CycloneDX document', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5);
    expect(await validator.validate(text)).toBeNull();
    expect(await validator.validate(text.replace('"library"', '"librarian"'))).not.toBeNull();
  });

  test('lists what is shipped, all of it and nothing else', () => {
    const Component = z.object({ group: z.string().optional(), name: z.string(), version: z.string() });
    const { components, metadata } = z
      .object({ components: z.array(Component), metadata: z.object({ component: Component }) })
      .parse(JSON.parse(text));
    const full = ({ group, name, version }: z.infer<typeof Component>) =>
      named({ name: group === undefined ? name : `${group}/${name}`, version });
    expect(components.map(full).sort()).toEqual([...new Set(shipped.map(named))].sort());
    expect(full(metadata.component)).toBe(
      named({ name: 'hubble-crosstalk', version: lock.packages['']?.version ?? '' }),
    );
  });
});
