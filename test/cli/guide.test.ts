/** "Isolate a tenant in ten minutes", done step by step: what the page shows is what the commands print. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readPolicies } from '../../src/policy/read.js';
import { denyByDefault } from '../../src/simulator/policies.js';
import { LIFE, lifeLines, linesOf } from '../fixtures/life.js';
import { run } from './shell.js';

const page = readFileSync(new URL('../../docs/isolate-a-tenant.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'crosstalk-guide-'));
afterAll(() => rmSync(folder, { recursive: true }));

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

/** What the cluster does before the policies, and after. */
const RECORDINGS: Record<string, () => string[]> = {
  'flows.ndjson': () => lifeLines(),
  'after.ndjson': () => {
    const { 'team-b crosses': crossing, ...rest } = LIFE;
    const attempt = { ...crossing, ingress: denyByDefault };
    return linesOf([...Object.values(rest), attempt].map((one) => [one, 0]));
  },
};

/** A command line as a shell takes it apart: words, and texts in double quotes. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, text, word]) => text ?? word ?? '');
}

/** What a step prints; files lie in a folder of the test's own. */
async function step(line: string): Promise<string> {
  const [command = '', ...given] = words(line);
  const redirect = given.indexOf('>');
  const target = redirect === -1 ? undefined : given[redirect + 1];
  const argv = redirect === -1 ? given : given.slice(0, redirect);
  const printed = await execute(command, argv, target);
  if (target === undefined) return printed;
  write(target, printed);
  return '';
}

async function execute(
  command: string,
  argv: readonly string[],
  target: string | undefined,
): Promise<string> {
  switch (command) {
    case 'hubble': {
      expect(argv).toEqual(['observe', '--follow', '--output', 'jsonpb']);
      const recorded = RECORDINGS[target ?? '']?.();
      if (recorded === undefined) throw new Error(`nothing is recorded into ${target}`);
      return `${recorded.join('\n')}\n`;
    }
    case 'crosstalk': {
      const inFolder = argv.map((word) => (/\.(ndjson|yaml)$/.test(word) ? join(folder, word) : word));
      const { code, stdout, stderr } = await run(inFolder);
      expect({ argv, code, stderr }).toEqual({ argv, code: 0, stderr: '' });
      return stdout;
    }
    case 'head':
      expect(argv[0]).toBe('-n');
      return `${read(argv[2] ?? '')
        .split('\n')
        .slice(0, Number(argv[1]))
        .join('\n')}\n`;
    case 'grep': {
      const [option, after, sought = '', file = ''] = argv;
      expect(option).toBe('--after-context');
      const lines = read(file).split('\n');
      const at = lines.findIndex((one) => one.includes(sought));
      return at === -1 ? '' : `${lines.slice(at, at + Number(after) + 1).join('\n')}\n`;
    }
    case 'kubectl':
      expect(argv.slice(0, 2)).toEqual(['apply', '--filename']);
      expect(readPolicies(read(argv[2] ?? ''), { name: 'applied' })).toMatchObject({ problems: [] });
      return '';
    case 'helm':
      expect(parse(read(argv.at(-1) ?? ''))).toMatchObject({
        policies: { networkPolicy: { enabled: true } },
      });
      return '';
    default:
      throw new Error(`the page asks for ${command}, which the test does not know`);
  }
}

/** The page's blocks in their order: files to write, and what is typed and printed. */
const blocks = [...page.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, kind = '', text = '']) => ({
  kind,
  text,
}));

/** `…` stands for lines that are left out. */
function asExpected(printed: string): RegExp {
  const parts = printed.split(/^…\n/m).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('(?:.*\\n)*')}$`);
}

test('every step prints what the page shows', async () => {
  let steps = 0;
  for (const { kind, text } of blocks) {
    if (kind === 'yaml') {
      const [, name = ''] = /^# (\S+\.yaml)/.exec(text) ?? [];
      write(name, text);
      continue;
    }
    expect(kind).toBe('console');
    for (const [, line = '', printed = ''] of text.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)) {
      steps += 1;
      const said = await step(line);
      expect(said, line).toMatch(asExpected(printed));
    }
  }
  expect(steps).toBeGreaterThan(10);
});
