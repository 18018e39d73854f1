import { describe, expect, test } from 'vitest';
import { readConfig, type Config, type Inputs } from '../../src/config/config.js';
import { problemLines } from '../../src/config/problem.js';
import { readReload } from '../../src/config/reload.js';

const now = Date.parse('2026-11-22T08:00:00Z');
const NOTHING: Inputs = { flags: {}, env: {} };
const BEFORE = 'server: relay:80\ncluster: default\n';

function running(text: string, inputs = NOTHING): Config {
  const result = readConfig({ inputs, file: { path: 'crosstalk.yaml', text }, now });
  if (!result.ok) throw new Error(problemLines(result.problems).join('\n'));
  return result.config;
}

function reload(before: string, after: string, inputs = NOTHING): Config | string[] {
  const result = readReload(running(before, inputs), { path: 'crosstalk.yaml', text: after }, now);
  return result.ok ? result.config : problemLines(result.problems);
}

describe('a reload applies', () => {
  test('tenants, agreements, the cluster’s name and alert times', () => {
    const after = `
server: relay:80
cluster: west
tenants: { namespaces: [{ namespace: a, vcluster: a }], platformNamespaces: [kube-system] }
expected: [{ source: a, destination: b, reason: r }]
alerts: { hold: 30m, resend: 30s }
`;
    const config = reload(BEFORE, after);
    expect(config).toMatchObject({
      tenancy: {
        cluster: 'west',
        namespaces: [{ namespace: 'a', vcluster: 'a' }],
        platformNamespaces: ['kube-system'],
      },
      expected: [{ source: 'a', destination: 'b', reason: 'r' }],
      alerts: { holdMs: 1_800_000, resendMs: 30_000 },
    });
  });

  test('under the same flags and environment as before', () => {
    const inputs = { flags: { 'log.level': ['warn'] }, env: { CROSSTALK_SERVER: 'own:1' } };
    expect(reload(BEFORE, 'server: other:1\nlog: { level: debug }\n', inputs)).toMatchObject({
      server: 'own:1',
      log: { level: 'warn' },
    });
  });

  test('a default that is now written out, and one that no longer is', () => {
    expect(reload(BEFORE, `${BEFORE}web: { listenAddress: [":9967"] }\n`)).toMatchObject({
      server: 'relay:80',
    });
    expect(reload(`${BEFORE}web: { telemetryPath: /metrics }\n`, BEFORE)).toMatchObject({
      server: 'relay:80',
    });
  });
});

describe('a reload is refused as a whole', () => {
  test.each([
    ['server: other:80\ncluster: west\n', 'server', 'relay:80', 'other:80', '1:9'],
    ['server: tls://relay:80\n', 'server', 'relay:80', 'tls://relay:80', '1:9'],
    [`${BEFORE}web: { listenAddress: [":1", ":2"] }\n`, 'web.listenAddress', ':9967', ':1, :2', '3:23'],
    [`${BEFORE}web: { configFile: w.yaml }\n`, 'web.configFile', 'none', 'w.yaml', '3:20'],
    [`${BEFORE}state: { file: /s }\n`, 'state.file', 'none', '/s', '3:16'],
    [`${BEFORE}log: { level: debug }\n`, 'log.level', 'info', 'debug', '3:15'],
    [`${BEFORE}log: { format: pretty }\n`, 'log.format', 'json', 'pretty', '3:16'],
    [`${BEFORE}limits: { endpoints: 2048 }\n`, 'limits.endpoints', '65536', '2048', '3:22'],
    [`${BEFORE}flows: { since: 5m }\n`, 'flows.since', '0s', '5m', '3:17'],
  ])('when a change takes a restart: %j', (after, name, was, is, at) => {
    expect(reload(BEFORE, after)).toEqual([
      `crosstalk.yaml:${at}: ${name}: changed from ${was} to ${is}, which takes a restart; nothing of the file was applied`,
    ]);
  });

  test('when a setting that takes a restart was removed', () => {
    expect(reload(BEFORE, 'cluster: default\n')).toEqual([
      'crosstalk.yaml: server: changed from relay:80 to hubble-relay.kube-system.svc.cluster.local:80, which takes a restart; nothing of the file was applied',
    ]);
  });

  test('when anything in it is wrong, however much else is right', () => {
    expect(reload(BEFORE, `${BEFORE}tenants: { platformNamespaces: [kube-system] }\nexpcted: []\n`)).toEqual([
      expect.stringContaining('expcted: unknown key. Did you mean expected?'),
    ]);
  });
});
