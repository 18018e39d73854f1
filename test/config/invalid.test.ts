import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.js';
import { problemLines } from '../../src/config/problem.js';

const folder = new URL('./invalid/', import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.slice(0, -'.yaml'.length));

function problemsOf(name: string): string {
  const text = readFileSync(new URL(`${name}.yaml`, folder), 'utf8');
  const result = readConfig({
    inputs: { flags: {}, env: {} },
    file: { path: `${name}.yaml`, text },
    now: Date.parse('2026-11-22T08:00:00Z'),
  });
  return result.ok ? 'accepted' : `${problemLines(result.problems).join('\n')}\n`;
}

describe('a bad file is refused with every problem, its line, what was given and what was expected', () => {
  test.each(names)('%s', (name) => {
    expect(problemsOf(name)).toBe(readFileSync(new URL(`${name}.txt`, folder), 'utf8'));
  });

  test('each kind of mistake has its exact message beside it', () => {
    const messages = readdirSync(folder).filter((name) => name.endsWith('.txt'));
    expect(messages).toEqual(names.map((name) => `${name}.txt`));
    expect(names.length).toBeGreaterThanOrEqual(40);
  });
});
