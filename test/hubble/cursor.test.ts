import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { memoryState, openStateFile } from '../../src/hubble/cursor.js';

const directory = (): string => mkdtempSync(join(tmpdir(), 'crosstalk-state-'));
async function open(path: string) {
  const warnings: string[] = [];
  const state = await openStateFile({ path, clock: () => 1234, warn: (message) => warnings.push(message) });
  return { state, warnings };
}

describe('the state file', () => {
  test('gives back after a restart what was kept, section by section', async () => {
    const path = join(directory(), 'state.json');
    const { state, warnings } = await open(path);
    expect(state.get('cursor')).toBeUndefined();
    state.set('cursor', { a: 1 });
    state.set('violations', [1, 2]);
    await state.flush();
    const again = await open(path);
    expect(again.state.get('cursor')).toEqual({ a: 1 });
    expect(again.state.get('violations')).toEqual([1, 2]);
    expect([...warnings, ...again.warnings]).toEqual([]);
  });

  test('is replaced whole: nothing half-written is left beside it, and nobody else may read it', async () => {
    const folder = directory();
    const { state } = await open(join(folder, 'state.json'));
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => {
        state.set('cursor', { n, padding: 'x'.repeat(n * 1000) });
        return state.flush();
      }),
    );
    expect(readdirSync(folder)).toEqual(['state.json']);
    expect(JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'))).toMatchObject({
      version: 1,
      sections: { cursor: { n: 19 } },
    });
  });

  test.each([0, 1, 999, 1_000, 1_001, 2_000, 12_345])(
    'takes a list of %i entries, and what stands around it',
    async (length) => {
      const path = join(directory(), 'long.json');
      const list = Array.from({ length }, (_, i) => ({ key: `n "${i}" tcp`, at: i }));
      const { state } = await open(path);
      const sections = { a: 1, list, none: undefined, 'b"': { list } };
      for (const [name, value] of Object.entries(sections)) state.set(name, value);
      await state.flush();
      expect(readFileSync(path, 'utf8')).toBe(JSON.stringify({ version: 1, sections }));
    },
  );

  test('is not written when nothing was set', async () => {
    const path = join(directory(), 'state.json');
    await (await open(path)).state.flush();
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    ['half a file', '{"version":1,"sections":{"cursor":'],
    ['nothing', ''],
    ['another version', '{"version":99,"sections":{}}'],
    ['no object', 'null'],
    ['a list of sections', '{"version":1,"sections":[]}'],
    ['bytes', Buffer.from([0xff, 0xfe, 0x00])],
  ])(
    'that holds %s is set aside with a warning, and the daemon starts without it',
    async (_name, content) => {
      const folder = directory();
      const path = join(folder, 'state.json');
      writeFileSync(path, content);
      const { state, warnings } = await open(path);
      expect(state.get('cursor')).toBeUndefined();
      expect(readdirSync(folder)).toEqual(['state.json.corrupt-1234']);
      expect(readFileSync(join(folder, 'state.json.corrupt-1234'))).toEqual(Buffer.from(content));
      expect(warnings).toEqual([expect.stringContaining(`${path} cannot be used`)]);
    },
  );

  test('in a directory that does not exist is an error at start that names flag and path', async () => {
    await expect(open('/no/such/directory/state.json')).rejects.toThrow(
      /--state\.file: .*\/no\/such\/directory\/state\.json.*ENOENT/s,
    );
  });

  test('that can no longer be written is told, and written when it can be again', async () => {
    const folder = directory();
    const path = join(folder, 'state.json');
    const { state } = await open(path);
    // A directory where the temporary file should go: this fails for root too.
    const { mkdirSync, rmdirSync } = await import('node:fs');
    mkdirSync(`${path}.tmp`);
    state.set('cursor', 1);
    await expect(state.flush()).rejects.toThrow(`--state.file: cannot write ${path}`);
    rmdirSync(`${path}.tmp`);
    await state.flush();
    expect((await open(path)).state.get('cursor')).toBe(1);
    chmodSync(folder, 0o700);
  });

  test('without one, nothing outlives the process', async () => {
    const state = memoryState();
    state.set('a', 1);
    await state.flush();
    expect(state.get('a')).toBe(1);
    expect(memoryState().get('a')).toBeUndefined();
  });
});
