import { describe, expect, test } from 'vitest';
import { readConfig, type Config, type ConfigResult } from '../../src/config/config.js';
import { pickEnvironment } from '../../src/config/environment.js';
import { ALL_OPTIONS, environmentNames, OPTIONS } from '../../src/config/options.js';
import { problemLines } from '../../src/config/problem.js';
import { CONTRACT_EXAMPLE } from './example.js';

const now = Date.parse('2026-11-22T08:00:00Z');

interface Said {
  readonly flags?: Record<string, readonly string[]>;
  readonly env?: Record<string, string>;
  readonly file?: string;
}

function read({ flags = {}, env = {}, file }: Said): ConfigResult {
  const text = file === undefined ? undefined : { path: 'crosstalk.yaml', text: file };
  return readConfig({ inputs: { flags, env: pickEnvironment(env) }, file: text, now });
}

function accepted(said: Said): Config {
  const result = read(said);
  if (!result.ok) throw new Error(problemLines(result.problems).join('\n'));
  return result.config;
}

function refused(said: Said): string[] {
  const result = read(said);
  return result.ok ? ['accepted'] : problemLines(result.problems);
}

function warnings(file: string): string[] {
  const result = read({ file });
  return result.ok ? problemLines(result.warnings) : ['refused'];
}

describe('what holds when nobody says anything', () => {
  test('the defaults are those of the documentation', () => {
    const { settings, inputs, ...config } = accepted({});
    expect(config).toEqual({
      server: 'hubble-relay.kube-system.svc.cluster.local:80',
      tls: {
        enabled: false,
        allowInsecure: false,
        caCertFiles: [],
        clientCertFile: undefined,
        clientKeyFile: undefined,
        serverName: undefined,
      },
      configFile: undefined,
      stateFile: undefined,
      flows: { sinceMs: 0, filter: 'judged' },
      web: {
        listenAddresses: [':9967'],
        telemetryPath: '/metrics',
        configFile: undefined,
        enableLifecycle: false,
        externalUrl: undefined,
      },
      log: { level: 'info', format: 'json' },
      tenancy: { cluster: 'default', namespaces: [], platformNamespaces: [] },
      expected: [],
      limits: { tenantPairs: 10_000, trackedConnections: 200_000, endpoints: 65_536, crossings: 1000 },
      alerts: { holdMs: 900_000, resendMs: 60_000 },
      alertmanager: {
        urls: [],
        basicAuth: undefined,
        bearerTokenFile: undefined,
        tls: {
          caFile: undefined,
          certFile: undefined,
          keyFile: undefined,
          serverName: undefined,
          insecureSkipVerify: false,
        },
      },
    });
    expect(settings.every(({ from }) => from === 'default')).toBe(true);
    expect(inputs).toEqual({ flags: {}, env: {} });
  });

  test.each(['', '# nothing yet\n', '---\n', 'tenants:\nexpected:\nlog:\n', 'tenants:\n  namespaces:\n'])(
    'a file that says nothing is a configuration: %j',
    (file) => {
      expect(accepted({ file }).tenancy).toEqual(accepted({}).tenancy);
    },
  );
});

describe('the file of the contract', () => {
  test('loads whole', () => {
    const config = accepted({ file: CONTRACT_EXAMPLE });
    expect(config.tenancy).toEqual({
      cluster: 'default',
      namespaces: [{ namespace: 'vcluster-team-a', vcluster: 'vcluster-team-a', name: 'team-a' }],
      platformNamespaces: ['kube-system', 'vcluster-platform'],
    });
    expect(config.expected).toEqual([
      {
        source: 'team-a',
        destination: 'team-b',
        ports: [{ port: 5432, protocol: 'tcp' }],
        reason: 'shared billing database',
        until: Date.parse('2027-03-02T00:00:00Z'),
      },
    ]);
    expect(config.limits).toEqual({
      tenantPairs: 10_000,
      trackedConnections: 200_000,
      endpoints: 65_536,
      crossings: 1000,
    });
    expect(config.alerts).toEqual({ holdMs: 900_000, resendMs: 60_000 });
  });

  test('an agreement holds on its last day and not on the next', () => {
    const until = accepted({ file: CONTRACT_EXAMPLE }).expected[0]?.until ?? 0;
    expect(Date.parse('2027-03-01T23:59:59.999Z') < until).toBe(true);
    expect(Date.parse('2027-03-02T00:00:00Z') < until).toBe(false);
  });

  test.each([
    ['2027-03-01T12:00:00Z', '2027-03-01T12:00:00.000Z'],
    ['2027-03-01T12:00:00+02:00', '2027-03-01T10:00:00.000Z'],
    ['2028-02-29', '2028-03-01T00:00:00.000Z'],
  ])('until %s means %s', (until, expected) => {
    const file = `expected: [{ source: a, destination: b, reason: r, until: ${until} }]`;
    expect(new Date(accepted({ file }).expected[0]?.until ?? 0).toISOString()).toBe(expected);
  });
});

describe('who decides: flag, our environment, the hubble command’s environment, file, default', () => {
  const file = 'server: file:1\n';
  const hubble = { HUBBLE_SERVER: 'hubble:1' };
  const own = { ...hubble, CROSSTALK_SERVER: 'own:1' };

  test.each<[string, Said, string, string]>([
    ['flag', { flags: { server: ['flag:1'] }, env: own, file }, 'flag:1', '--server'],
    ['CROSSTALK_SERVER', { env: own, file }, 'own:1', 'CROSSTALK_SERVER'],
    ['HUBBLE_SERVER', { env: hubble, file }, 'hubble:1', 'HUBBLE_SERVER'],
    ['file', { file }, 'file:1', 'crosstalk.yaml:1:9'],
  ])('%s', (_, said, server, via) => {
    const config = accepted(said);
    expect(config.server).toBe(server);
    expect(config.settings.find(({ name }) => name === 'server')).toMatchObject({ value: server, via });
  });

  test('an empty variable says nothing', () => {
    expect(accepted({ env: { CROSSTALK_SERVER: '', HUBBLE_TLS: '' }, file }).server).toBe('file:1');
  });

  test('a flag can switch off what the file switches on', () => {
    const said = { file: 'web: { enableLifecycle: true }', flags: { 'web.enable-lifecycle': ['false'] } };
    expect(accepted(said).web.enableLifecycle).toBe(false);
  });

  test('the hubble command’s variables are read in its own spelling', () => {
    const { tls } = accepted({
      env: {
        HUBBLE_TLS: 'TRUE',
        HUBBLE_TLS_ALLOW_INSECURE: '0',
        HUBBLE_TLS_CA_CERT_FILES: '/a.crt /b.crt,/c.crt',
        HUBBLE_TLS_CLIENT_CERT_FILE: '/tls.crt',
        HUBBLE_TLS_CLIENT_KEY_FILE: '/tls.key',
        HUBBLE_TLS_SERVER_NAME: 'ui.hubble-relay.cilium.io',
      },
    });
    expect(tls).toEqual({
      enabled: true,
      allowInsecure: false,
      caCertFiles: ['/a.crt', '/b.crt', '/c.crt'],
      clientCertFile: '/tls.crt',
      clientKeyFile: '/tls.key',
      serverName: 'ui.hubble-relay.cilium.io',
    });
  });

  test('tls:// in front of the server switches TLS on', () => {
    expect(accepted({ flags: { server: ['tls://relay:443'] } }).tls.enabled).toBe(true);
  });

  test('a repeatable flag collects, and commas separate', () => {
    const flags = { 'web.listen-address': [':9967', '127.0.0.1:0,[::1]:9968'] };
    expect(accepted({ flags }).web.listenAddresses).toEqual([':9967', '127.0.0.1:0', '[::1]:9968']);
  });

  test('every flag has a variable and, but for the one that names the file, a place in the file', () => {
    for (const option of ALL_OPTIONS) {
      if (option.flag !== undefined) expect(environmentNames(option)[0]).toMatch(/^CROSSTALK_[A-Z_]+$/);
      if (option !== OPTIONS.configFile) expect(option.file).toBeDefined();
    }
    expect(environmentNames(OPTIONS.webListenAddress)).toEqual(['CROSSTALK_WEB_LISTEN_ADDRESS']);
  });
});

describe('a mistake in a flag or a variable names it, what was given, what was expected, and the nearest name', () => {
  test.each<[string, Said, string]>([
    [
      'a bad value of a flag',
      { flags: { 'flows.since': ['5 minutes'] } },
      '--flows.since: got "5 minutes", expected a duration such as 15m, 1h30m or 1d',
    ],
    [
      'a value near a known one',
      { flags: { 'log.level': ['warning'] } },
      '--log.level: got "warning", expected one of debug, info, warn, error. Did you mean warn?',
    ],
    [
      'a flag given twice',
      { flags: { server: ['a:1', 'b:2'] } },
      '--server: given 2 times ("a:1", "b:2"), expected once',
    ],
    [
      'a bad value of a variable',
      { env: { CROSSTALK_WEB_TELEMETRY_PATH: 'metrics' } },
      'CROSSTALK_WEB_TELEMETRY_PATH: got "metrics", expected a path such as /metrics: it starts with / and has letters, digits and . _ ~ - between slashes',
    ],
    [
      'a bad value of the hubble command’s variable',
      { env: { HUBBLE_TLS: 'yes' } },
      'HUBBLE_TLS: got "yes", expected true or false',
    ],
    [
      'an unknown variable',
      { env: { CROSSTALK_LISTEN_ADDRESS: ':1' } },
      'CROSSTALK_LISTEN_ADDRESS: unknown environment variable. Did you mean CROSSTALK_WEB_LISTEN_ADDRESS? Variables are named like flags: CROSSTALK_FLOWS_SINCE is --flows.since',
    ],
    [
      'TLS settings without TLS, where they were given',
      { env: { HUBBLE_TLS_SERVER_NAME: 'x' } },
      'HUBBLE_TLS_SERVER_NAME: set, but the connection has no TLS; add --tls or write the server as tls://host:port',
    ],
  ])('%s', (_, said, message) => {
    expect(refused(said)).toEqual([message]);
  });

  test('all of them at once, flags and variables before the file', () => {
    expect(
      refused({
        flags: { server: ['relay'] },
        env: { CROSSTALK_LOG_LEVEL: 'loud' },
        file: 'sever: x\nlimits: { crossings: 0 }\n',
      }).map((line) => line.replace(/: .*/, '')),
    ).toEqual(['--server', 'CROSSTALK_LOG_LEVEL', 'crosstalk.yaml:1:1', 'crosstalk.yaml:2:22']);
  });

  test('a control character in a value does not reach the terminal', () => {
    expect(refused({ flags: { server: ['\u001b[2J\u0007'] } })[0]).toContain('got "�[2J�"');
  });

  test('a password in a URL does not reach the log', () => {
    expect(refused({ flags: { 'web.external-url': ['https://me:hunter2@x.example/'] } })[0]).not.toContain(
      'hunter2',
    );
  });
});

describe('what Kubernetes puts into every pod’s environment is no mistake', () => {
  test('variables of Services named crosstalk or crosstalk-web are not ours', () => {
    const env = {
      CROSSTALK_SERVICE_HOST: '10.0.0.1',
      CROSSTALK_SERVICE_PORT: '9967',
      CROSSTALK_SERVICE_PORT_HTTP: '9967',
      CROSSTALK_PORT: 'tcp://10.0.0.1:9967',
      CROSSTALK_PORT_9967_TCP: 'tcp://10.0.0.1:9967',
      CROSSTALK_PORT_9967_TCP_PROTO: 'tcp',
      CROSSTALK_PORT_9967_TCP_PORT: '9967',
      CROSSTALK_PORT_9967_TCP_ADDR: '10.0.0.1',
      CROSSTALK_WEB_SERVICE_HOST: '10.0.0.2',
      CROSSTALK_WEB_PORT: 'tcp://10.0.0.2:9967',
    };
    expect(refused({ env })).toEqual(['accepted']);
  });

  test('a port that a person set is still a mistake', () => {
    expect(refused({ env: { CROSSTALK_WEB_PORT: '9967' } })).toHaveLength(1);
  });
});

describe('Alertmanagers', () => {
  const written = 'http://a:9093/path, https://b';
  const read = ['http://a:9093/path', 'https://b'];
  test('are given by flags, the environment or the file, alike', () => {
    const all = [
      accepted({ flags: { 'alertmanager.url': ['http://a:9093/path/', 'https://b/'] } }),
      accepted({ env: { CROSSTALK_ALERTMANAGER_URL: written } }),
      accepted({ file: `alertmanager: { url: [${written}] }` }),
    ];
    expect(all.map(({ alertmanager }) => alertmanager.urls)).toEqual([read, read, read]);
  });
  test('are spoken to as the file says, wherever their URLs are from', () => {
    const file = `alertmanager:
  basicAuth: { username: crosstalk, passwordFile: /password }
  tls: { caFile: /ca.crt, certFile: /tls.crt, keyFile: /tls.key, serverName: am.test }
`;
    expect(accepted({ flags: { 'alertmanager.url': ['https://b'] }, file }).alertmanager).toEqual({
      urls: ['https://b'],
      basicAuth: { username: 'crosstalk', passwordFile: '/password' },
      bearerTokenFile: undefined,
      tls: {
        caFile: '/ca.crt',
        certFile: '/tls.crt',
        keyFile: '/tls.key',
        serverName: 'am.test',
        insecureSkipVerify: false,
      },
    });
  });
  test('a section whose entries are commented out is no section', () => {
    expect(accepted({ file: 'alertmanager:\n  tls:\n  basicAuth:\n' }).alertmanager).toEqual(
      accepted({}).alertmanager,
    );
  });
});

describe('what is doubtful is said, and accepted', () => {
  test.each([
    [
      'an agreement that has ended',
      'expected: [{ source: a, destination: b, reason: r, until: 2026-11-21 }]',
      'crosstalk.yaml:1:59: expected[0].until: ended at 2026-11-22T00:00:00Z and no longer applies: this traffic is unexpected again; renew or remove the entry',
    ],
    [
      'a platform namespace listed twice',
      'tenants: { platformNamespaces: [kube-system, kube-system] }',
      'crosstalk.yaml:1:46: tenants.platformNamespaces[1]: kube-system is listed already at tenants.platformNamespaces[0]',
    ],
    [
      'a tenant named by its namespace where it has a name',
      'tenants: { namespaces: [{ namespace: ns-a, vcluster: vc-a, name: team-a }] }\nexpected: [{ source: ns-a, destination: team-b, reason: r }]',
      'crosstalk.yaml:2:22: expected[0].source: no configured tenant is called "ns-a"; the one in namespace ns-a is called "team-a"',
    ],
    [
      'a certificate that nobody verifies',
      'server: tls://relay:443\ntls: { allowInsecure: true }',
      "crosstalk.yaml:2:23: tls.allowInsecure: the server's certificate is not verified: whoever answers is believed",
    ],
    [
      'a password that everyone on the way can read',
      'alertmanager: { url: [https://a, http://b], bearerTokenFile: token }',
      'crosstalk.yaml:1:22: alertmanager.url: http://b has no TLS: the credentials can be read on the way',
    ],
    [
      'alerts for whoever answers',
      'alertmanager: { url: [https://a], tls: { insecureSkipVerify: true } }',
      "crosstalk.yaml:1:62: alertmanager.tls.insecureSkipVerify: Alertmanager's certificate is not verified: whoever answers gets the alerts and the credentials",
    ],
    [
      'a hold that is short for so many Alertmanagers',
      'alertmanager: { url: [http://a, http://b, http://c] }\nalerts: { hold: 5m }',
      'crosstalk.yaml:2:17: alerts.hold: 5m is short for 3 Alertmanagers and alerts.resend 1m: below 5m15s an alert may end before it was told of',
    ],
  ])('%s', (_, file, message) => {
    expect(warnings(file)).toEqual([message]);
  });

  test.each([
    [
      'an agreement that ends today',
      'expected: [{ source: a, destination: b, reason: r, until: 2026-11-22 }]',
    ],
    ['every pair on one port', "expected: [{ source: '*', destination: '*', ports: [53/udp], reason: DNS }]"],
    [
      'a platform namespace cut out of a tenant’s pattern',
      'tenants: { namespaces: [{ namespace: a-*, vcluster: a }], platformNamespaces: [a-ingress] }',
    ],
    [
      'one tenant in two namespaces',
      'tenants: { namespaces: [{ namespace: a, vcluster: v, name: n }, { namespace: b, vcluster: v, name: n }] }',
    ],
    [
      'a tenant whose namespaces are a pattern',
      'expected: [{ source: team-a-*/a, destination: default/ns/b, reason: r }]',
    ],
  ])('%s is neither a problem nor a warning', (_, file) => {
    expect(warnings(file)).toEqual([]);
  });
});
