/** --web.config.file: exporter-toolkit's format, and every mistake in it by its place. */
import { hashSync } from 'bcryptjs';
import { describe, expect, test } from 'vitest';
import { problemText } from '../../src/config/problem.js';
import { readWebConfig, type WebSettings } from '../../src/expose/webconfig.js';

const HASH = hashSync('secret', 4);
const PATH = '/etc/crosstalk/web.yaml';

function settingsOf(text: string): WebSettings {
  const read = readWebConfig(PATH, text);
  if (!read.ok) throw new Error(read.problems.map(problemText).join('\n'));
  return read.settings;
}

function problemsOf(text: string): string[] {
  const read = readWebConfig(PATH, text);
  return read.ok ? [] : read.problems.map(problemText);
}

describe('what is understood', () => {
  test.each(['', '{}', '# nothing\n', 'tls_server_config:\nbasic_auth_users:\n', 'tls_server_config: {}\n'])(
    'a file that says nothing (%j) is plain HTTP for everyone',
    (text) => expect(settingsOf(text)).toEqual({ tls: undefined, headers: {}, users: new Map() }),
  );

  test('certificates are found relative to the file, versions and client checks have the defaults of the format', () => {
    expect(settingsOf('tls_server_config: { cert_file: tls.crt, key_file: ../keys/tls.key }').tls).toEqual({
      certFile: '/etc/crosstalk/tls.crt',
      keyFile: '/etc/keys/tls.key',
      clientAuth: 'NoClientCert',
      clientCaFile: undefined,
      minVersion: 'TLS12',
      maxVersion: 'TLS13',
    });
  });

  test('everything at once', () => {
    const text = `
tls_server_config:
  cert_file: /a/tls.crt
  key_file: /a/tls.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: /a/ca.crt
  min_version: TLS13
  max_version: TLS13
http_server_config:
  http2: false
  headers:
    Strict-Transport-Security: max-age=31536000
    X-Frame-Options: SAMEORIGIN
basic_auth_users:
  prometheus: ${HASH}
  "jörg": ${HASH.replace('$2b$', '$2y$')}
`;
    expect(settingsOf(text)).toEqual({
      tls: {
        certFile: '/a/tls.crt',
        keyFile: '/a/tls.key',
        clientAuth: 'RequireAndVerifyClientCert',
        clientCaFile: '/a/ca.crt',
        minVersion: 'TLS13',
        maxVersion: 'TLS13',
      },
      headers: { 'Strict-Transport-Security': 'max-age=31536000', 'X-Frame-Options': 'SAMEORIGIN' },
      users: new Map([
        ['prometheus', HASH],
        ['jörg', HASH.replace('$2b$', '$2y$')],
      ]),
    });
  });

  test.each(['NoClientCert', 'RequestClientCert', 'RequireAnyClientCert'])(
    '%s needs no authority',
    (type) => {
      const text = `tls_server_config: { cert_file: a, key_file: b, client_auth_type: ${type} }`;
      expect(settingsOf(text).tls?.clientAuth).toBe(type);
    },
  );
});

describe('what is refused', () => {
  const tls = (rest: string): string => `tls_server_config:\n  cert_file: a\n  key_file: b\n${rest}`;

  test.each([
    [
      'tls_server_conf: {}',
      'web.yaml:1:1: tls_server_conf: unknown key, expected one of tls_server_config, http_server_config, basic_auth_users. Did you mean tls_server_config?',
    ],
    [
      'basic_auth_user: {}',
      'web.yaml:1:1: basic_auth_user: unknown key, expected one of tls_server_config, http_server_config, basic_auth_users. Did you mean basic_auth_users?',
    ],
    [
      'rate_limit: { interval: 1s }',
      'web.yaml:1:1: rate_limit: not supported by Crosstalk; requests are limited in other ways here: remove it',
    ],
    [
      tls('  certfile: c'),
      'web.yaml:4:3: tls_server_config.certfile: unknown key, expected one of cert_file, key_file, client_auth_type, client_ca_file, min_version, max_version. Did you mean cert_file?',
    ],
    [
      tls('  cipher_suites: [TLS_AES_128_GCM_SHA256]'),
      "web.yaml:4:3: tls_server_config.cipher_suites: not supported by Crosstalk; the runtime's choice is used: remove it",
    ],
    [
      tls('  curve_preferences: [X25519]'),
      "web.yaml:4:3: tls_server_config.curve_preferences: not supported by Crosstalk; the runtime's choice is used: remove it",
    ],
    [
      tls('  client_allowed_sans: [a]'),
      'web.yaml:4:3: tls_server_config.client_allowed_sans: not supported by Crosstalk; use a client_ca_file that signs only the clients you mean',
    ],
    [
      tls('  min_version: TLS11'),
      'web.yaml:4:16: tls_server_config.min_version: got "TLS11", expected one of TLS12, TLS13. Did you mean TLS12?',
    ],
    [
      tls('  min_version: TLS13\n  max_version: TLS12'),
      'web.yaml:4:16: tls_server_config.min_version: got TLS13 with a max_version of TLS12, expected it not to be above',
    ],
    [
      tls('  client_auth_type: RequireAndVerify'),
      'web.yaml:4:21: tls_server_config.client_auth_type: got "RequireAndVerify", expected one of NoClientCert, RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert. Did you mean RequireAndVerifyClientCert?',
    ],
    [
      tls('  client_auth_type: RequireAndVerifyClientCert'),
      'web.yaml:4:21: tls_server_config.client_auth_type: RequireAndVerifyClientCert needs client_ca_file: who signs the clients?',
    ],
    [
      tls('  client_auth_type: VerifyClientCertIfGiven'),
      'web.yaml:4:21: tls_server_config.client_auth_type: VerifyClientCertIfGiven needs client_ca_file: who signs the clients?',
    ],
    [
      tls('  client_ca_file: ca.crt'),
      'web.yaml:4:19: tls_server_config.client_ca_file: set, but client_auth_type is NoClientCert, so no client is checked; expected RequireAndVerifyClientCert, or no client_ca_file',
    ],
    [
      'tls_server_config: { cert_file: a }',
      'web.yaml:1:20: tls_server_config: key_file is missing: the path of a PEM file',
    ],
    [
      'tls_server_config: { key_file: a }',
      'web.yaml:1:20: tls_server_config: cert_file is missing: the path of a PEM file',
    ],
    [
      'tls_server_config: yes please',
      'web.yaml:1:20: tls_server_config: got "yes please", expected a mapping of cert_file, key_file, client_auth_type, client_ca_file, min_version, max_version',
    ],
    [
      'tls_server_config: { cert_file: [a], key_file: b }',
      'web.yaml:1:33: tls_server_config.cert_file: got "[\\"a\\"]", expected the path of a PEM file',
    ],
    [
      'http_server_config: { http2: true }',
      'web.yaml:1:30: http_server_config.http2: got "true", expected false: HTTP/1.1 is served and HTTP/2 is not',
    ],
    [
      'http_server_config: { headers: { X-Powered-By: me } }',
      'web.yaml:1:34: http_server_config.headers.X-Powered-By: unknown key, expected one of Content-Security-Policy, X-Frame-Options, X-Content-Type-Options, X-XSS-Protection, Strict-Transport-Security.',
    ],
    [
      'http_server_config: { headers: { X-Frame-Options: "a\\r\\nb: c" } }',
      'web.yaml:1:51: http_server_config.headers.X-Frame-Options: got "a\ufffd\ufffdb: c", expected one line of ASCII',
    ],
    [
      'basic_auth_users: { "a:b": x }',
      'web.yaml:1:21: basic_auth_users.a:b: a user name is not empty and has no colon (RFC 7617)',
    ],
    [
      'basic_auth_users: { a: $2y$31$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234 }',
      'web.yaml:1:24: basic_auth_users.a: a bcrypt hash of cost 31, expected 4 to 16',
    ],
    [
      '- a',
      'web.yaml:1:1: got "[\\"a\\"]", expected a mapping of tls_server_config, http_server_config, basic_auth_users',
    ],
    ['a: [', 'web.yaml:1:5: not readable as YAML'],
  ])('%j', (text, expected) => {
    expect(problemsOf(text).join('\n')).toContain(`/etc/crosstalk/${expected}`);
  });

  test('a password that was not hashed is refused, and not repeated into a log', () => {
    const [problem] = problemsOf('basic_auth_users: { a: hunter2-in-clear }');
    expect(problem).toContain('basic_auth_users.a: not a bcrypt hash');
    expect(problem).not.toContain('hunter2');
  });

  test('all mistakes are named at once', () => {
    const text = 'tls_server_config: { cert_fil: a }\nbasic_auth_users: { a: b, c: d }\nx: 1\n';
    expect(problemsOf(text)).toHaveLength(6);
  });
});
