/** SECURITY.md names a test for what it promises: each has to be there, under the words that it is named by. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8');

interface Named {
  readonly path: string;
  readonly titles: readonly string[];
}

/** Links to files under test/, each with the titles in “quotes” that follow it up to the next link. */
function testsIn(text: string): Named[] {
  return [...text.matchAll(/\]\((test\/[^)]+)\)([^[]*)/g)].map(([, path = '', rest = '']) => ({
    path,
    titles: [...rest.split('**')[0]!.matchAll(/“([^”]+)”/g)].map(([, title = '']) => title),
  }));
}

/** What is named and is not there. */
function missing({ path, titles }: Named): string[] {
  if (!existsSync(new URL(path, root))) return [`${path}: no such file`];
  const text = read(path).replaceAll("\\'", "'");
  return titles.filter((title) => !text.includes(title)).map((title) => `${path}: no test “${title}”`);
}

const rows = [...read('SECURITY.md').matchAll(/^\| (\d+) \|.*$/gm)].map(([row, number]) => ({
  number: Number(number),
  tests: testsIn(row),
}));

describe('SECURITY.md', () => {
  test('has a row for each risk', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  test.each(rows)('row $number names tests that are there', ({ tests }) => {
    expect(tests.length).toBeGreaterThan(0);
    expect(tests.flatMap(({ titles }) => titles).length).toBeGreaterThan(0);
    expect(tests.flatMap(missing)).toEqual([]);
  });

  test('links to files that are there', () => {
    const links = [...read('SECURITY.md').matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });

  test('a test that was renamed or removed would be missed', () => {
    const [renamed, gone] = testsIn(
      '[a](test/release/versions.test.ts) “here”, “renamed since”; [b](test/nothing.test.ts) “y”',
    );
    expect(missing(renamed!)).toEqual(['test/release/versions.test.ts: no test “renamed since”']);
    expect(missing(gone!)).toEqual(['test/nothing.test.ts: no such file']);
  });
});
