/** Random damage to a valid file: whatever comes of it, never a crash and never half a configuration. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { readConfig, type Config } from '../../src/config/config.js';
import { problemText } from '../../src/config/problem.js';
import { readReload } from '../../src/config/reload.js';
import { CONTRACT_EXAMPLE } from './example.js';

const now = Date.parse('2026-11-22T08:00:00Z');
const inputs = { flags: {}, env: {} };
const numRuns = process.env['CROSSTALK_LONG'] === '1' ? 10_000 : 500;
const seed = 20261122;

function read(text: string) {
  return readConfig({ inputs, file: { path: 'f.yaml', text }, now });
}

function base(): Config {
  const result = read(CONTRACT_EXAMPLE);
  if (!result.ok) throw new Error('the example is not accepted');
  return result.config;
}

/** Text damage: pieces cut out, doubled, or replaced by what breaks parsers. */
const damage = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat({ max: 40 }),
    put: fc.oneof(
      fc.constantFrom(
        '\t',
        ': ',
        '- ',
        '[',
        ']',
        '{',
        '}',
        '"',
        "'",
        '&a ',
        '*a',
        '!!x ',
        '|',
        '>',
        '%',
        '---\n',
        '#',
        '\u0000',
      ),
      fc.constantFrom(
        '~',
        'null',
        'true',
        'no',
        '0x1F',
        '1e99',
        '.nan',
        '__proto__: 1\n',
        '<<: *a\n',
        '\n',
        '\r\n',
        '\ufeff',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
  }),
  { minLength: 1, maxLength: 6 },
);

function damaged(text: string, wounds: readonly { at: number; cut: number; put: string }[]): string {
  return wounds.reduce((current, { at, cut, put }) => {
    const from = Math.floor(at * current.length);
    return current.slice(0, from) + put + current.slice(from + cut);
  }, text);
}

/** Damage to the tree: any value anywhere, so that the schema is reached and not only the parser. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    '*',
    'a',
    'x'.repeat(300),
    0,
    -1,
    1.5,
    1e300,
    [],
    {},
    [[]],
    'team-a',
    '5432/tcp',
  ),
  fc.anything({ maxDepth: 2, key: fc.constantFrom('namespace', '__proto__', 'constructor', 'x') }),
);

function replaceSomewhere(tree: unknown, steps: readonly number[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined || typeof tree !== 'object' || tree === null) return value;
  const keys = Object.keys(tree);
  const key = keys[step % (keys.length + 1)] ?? 'unknown';
  const copy: Record<string, unknown> | unknown[] = Array.isArray(tree)
    ? [...(tree as unknown[])]
    : { ...tree };
  Object.assign(copy, { [key]: replaceSomewhere((tree as Record<string, unknown>)[key], rest, value) });
  return copy;
}

function holds(text: string): void {
  const before = base();
  const copy = structuredClone(before);
  const result = readReload(before, { path: 'f.yaml', text }, now);
  expect(before).toEqual(copy);
  if (result.ok) {
    expect(Object.keys(result.config).sort()).toEqual(Object.keys(before).sort());
    expect(readAgain(result.config)).toEqual(withoutOrigins(result.config));
    return;
  }
  expect(result.problems.length).toBeGreaterThan(0);
  for (const problem of result.problems) {
    expect(problemText(problem)).toMatch(/^f\.yaml(:\d+:\d+)?: \S/);
    // One problem is one line, and nothing in it moves a terminal's cursor.
    expect(problemText(problem)).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  }
}

/** An accepted configuration written out again and read back. */
function readAgain(config: Config): unknown {
  const file = stringify({
    server: config.server,
    cluster: config.tenancy.cluster,
    tenants: {
      namespaces: config.tenancy.namespaces.map(({ name, ...rule }) =>
        name === undefined ? rule : { ...rule, name },
      ),
      platformNamespaces: config.tenancy.platformNamespaces,
    },
    expected: config.expected.map(({ source, destination, ports, reason, until }) => ({
      source,
      destination,
      reason,
      ...(ports.length > 0 && {
        ports: ports.map(({ port, protocol }) => (port === undefined ? protocol : `${port}/${protocol}`)),
      }),
      ...(until !== undefined && { until: new Date(until).toISOString() }),
    })),
    log: config.log,
    limits: config.limits,
    alerts: { hold: `${config.alerts.holdMs}ms`, resend: `${config.alerts.resendMs}ms` },
    flows: { since: `${config.flows.sinceMs}ms`, filter: config.flows.filter },
  });
  const again = read(file);
  return again.ok ? withoutOrigins(again.config) : again.problems.map(problemText);
}

function withoutOrigins({ settings: _, ...config }: Config): unknown {
  return config;
}

describe('a file damaged at random', () => {
  test('as text: refused with problems, or accepted and the same when written out and read again', () => {
    fc.assert(
      fc.property(damage, (wounds) => holds(damaged(CONTRACT_EXAMPLE, wounds))),
      { seed, numRuns },
    );
  });

  test('as a tree: the same', () => {
    const tree: unknown = parse(CONTRACT_EXAMPLE);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 9 }), { maxLength: 4 }), anything, (steps, value) => {
        let text: string;
        try {
          text = stringify(replaceSomewhere(tree, steps, value) ?? null);
        } catch {
          return; // not every JavaScript value can be written as YAML
        }
        holds(text);
      }),
      { seed, numRuns },
    );
  });

  test('enough of the damage is survivable for this to mean something', () => {
    let accepted = 0;
    fc.assert(
      fc.property(damage, (wounds) => {
        if (read(damaged(CONTRACT_EXAMPLE, wounds)).ok) accepted += 1;
      }),
      { seed, numRuns: 300 },
    );
    expect(accepted).toBeGreaterThan(5);
    expect(accepted).toBeLessThan(295);
  });
});

describe('a file made to hurt', () => {
  test.each([
    ['a million brackets', '['.repeat(1_000_000)],
    ['half a million dashes on one line', '- '.repeat(500_000)],
    ['ten thousand keys', Array.from({ length: 10_000 }, (_, index) => `key${index}: 1`).join('\n')],
    ['ten thousand aliases', `a: &a x\nb:\n${'- *a\n'.repeat(10_000)}`],
    ['ten thousand bad entries', `expected:\n${'- source: 1\n'.repeat(10_000)}`],
    ['more than a mebibyte', `# ${'x'.repeat(1024 * 1024)}`],
  ])('%s is refused, and the process lives', (_, text) => {
    const result = read(text);
    expect(result.ok).toBe(false);
  });
});
