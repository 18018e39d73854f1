import { describe, expect, test } from 'vitest';
import { nearest } from '../../src/config/nearest.js';

const known = [
  'server',
  'tls',
  'tls-allow-insecure',
  'web.listen-address',
  'web.telemetry-path',
  'log.level',
  'flows.since',
];

describe('a name that is not known finds the one that was meant', () => {
  test.each([
    ['sever', 'server'],
    ['serevr', 'server'],
    ['Server', 'server'],
    ['web.listenAddress', 'web.listen-address'],
    ['listen-address', 'web.listen-address'],
    ['web_listen_address', 'web.listen-address'],
    ['telemetry', 'web.telemetry-path'],
    ['since', 'flows.since'],
    ['insecure', 'tls-allow-insecure'],
  ])('%s: %s', (given, meant) => {
    expect(nearest(given, known)).toBe(meant);
  });

  test.each(['', '-', 'alertmanager.url', 'x', '\u0000', 'z'.repeat(1_000_000)])(
    'nothing is guessed for %j',
    (given) => {
      expect(nearest(given, known)).toBeUndefined();
    },
  );
});
