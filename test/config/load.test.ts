import { chmodSync, mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.js';
import { loadConfig, reloadConfig } from '../../src/config/load.js';
import { problemLines } from '../../src/config/problem.js';

const folder = mkdtempSync(join(tmpdir(), 'crosstalk-config-'));
const path = join(folder, 'crosstalk.yaml');

async function load(flags: Record<string, readonly string[]>): Promise<Config | string[]> {
  const result = await loadConfig({ inputs: { flags, env: {} }, now: 0 });
  return result.ok ? result.config : problemLines(result.problems);
}

describe('the file that --config.file names', () => {
  test('is read', async () => {
    writeFileSync(path, 'cluster: west\n');
    expect(await load({ 'config.file': [path] })).toMatchObject({
      configFile: path,
      tenancy: { cluster: 'west' },
    });
  });

  test('is read again at a reload, and a file that has gone changes nothing', async () => {
    writeFileSync(path, 'cluster: west\n');
    const config = (await load({ 'config.file': [path] })) as Config;
    writeFileSync(path, 'cluster: east\n');
    expect(await reloadConfig(config, 0)).toMatchObject({
      ok: true,
      config: { tenancy: { cluster: 'east' } },
    });
    const gone = await reloadConfig({ ...config, configFile: join(folder, 'gone.yaml') }, 0);
    expect(gone.ok ? [] : problemLines(gone.problems)).toEqual([
      `${join(folder, 'gone.yaml')}: no such file; check the path, and in a pod the volume mount`,
    ]);
  });

  test('without a file a reload has nothing to read and keeps everything', async () => {
    const config = (await load({})) as Config;
    expect(await reloadConfig(config, 0)).toEqual({ ok: true, config, warnings: [] });
  });

  test.each<[string, () => string, string]>([
    [
      'missing',
      () => join(folder, 'none.yaml'),
      'no such file; check the path, and in a pod the volume mount',
    ],
    ['a folder', () => folder, 'is a directory, expected a file'],
    [
      'larger than a mebibyte',
      () => {
        const large = join(folder, 'large.yaml');
        writeFileSync(large, '');
        truncateSync(large, 1024 * 1024 + 1);
        return large;
      },
      'the file has 1048577 bytes, expected at most 1048576: is it the right file?',
    ],
    [
      'not UTF-8',
      () => {
        const latin = join(folder, 'latin.yaml');
        writeFileSync(latin, Buffer.from([0x61, 0x3a, 0x20, 0xe9]));
        return latin;
      },
      'not UTF-8 text, expected YAML in UTF-8',
    ],
  ])('%s: said with its name', async (_, make, message) => {
    const file = make();
    expect(await load({ 'config.file': [file] })).toEqual([`${file}: ${message}`]);
  });

  test('a missing file does not hide a mistake in a flag', async () => {
    expect(await load({ 'config.file': ['/none'], server: ['x'] })).toHaveLength(2);
  });

  test('a file that may not be read says so', async () => {
    const closed = join(folder, 'closed.yaml');
    writeFileSync(closed, '');
    chmodSync(closed, 0o000);
    const result = await load({ 'config.file': [closed] });
    // As root every file may be read.
    if (process.getuid?.() !== 0)
      expect(result).toEqual([expect.stringContaining('may not be read by this user')]);
  });
});
