/**
 * --web.config.file: TLS and basic auth in the format of Prometheus' exporter-toolkit
 * (docs/web-configuration.md of prometheus/exporter-toolkit), so that one file serves
 * all exporters. What we do not do is refused by name: a file that asks for a cipher
 * list and is served without it would be a promise broken in silence.
 */
import { readDocument } from '../config/document.js';
import { quoted, type Problem } from '../config/problem.js';
import type { Users } from './auth.js';
import { CLIENT_AUTH, TLS_VERSIONS, type ClientAuth, type TlsSettings } from './tls.js';
import { shownValue, WebDocument } from './webdocument.js';

export interface WebSettings {
  readonly tls: TlsSettings | undefined;
  /** Sent with every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty: everyone is admitted. */
  readonly users: Users;
}

export const OPEN_TO_ALL: WebSettings = { tls: undefined, headers: {}, users: new Map() };

/** bcrypt's own form; `$2y$` is what htpasswd writes. */
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
/** Each step doubles the time: 16 is about four seconds a password, and passwords are checked one at a time. */
const COST = { least: 4, most: 16 };

/** @param path of the file: relative paths in it are relative to its folder */
export function readWebConfig(
  path: string,
  text: string,
):
  | { readonly ok: true; readonly settings: WebSettings }
  | { readonly ok: false; readonly problems: Problem[] } {
  const read = readDocument(path, text);
  if (!read.ok) return read;
  const file = new WebDocument(path, read.document);
  const settings = { tls: readTls(file), headers: readHeaders(file), users: readUsers(file) };
  return file.problems.length === 0 ? { ok: true, settings } : { ok: false, problems: file.problems };
}

const TLS = 'tls_server_config';

function readTls(file: WebDocument): TlsSettings | undefined {
  const given = file.section([TLS]);
  if (Object.keys(given).length === 0) return undefined;
  const certFile = file.path([TLS, 'cert_file'], given['cert_file']);
  const keyFile = file.path([TLS, 'key_file'], given['key_file']);
  const clientCaFile = file.path([TLS, 'client_ca_file'], given['client_ca_file']);
  const clientAuth = file.oneOf<ClientAuth>(
    [TLS, 'client_auth_type'],
    given['client_auth_type'],
    CLIENT_AUTH,
    'NoClientCert',
  );
  const version = (key: string, otherwise: keyof typeof TLS_VERSIONS): keyof typeof TLS_VERSIONS =>
    file.oneOf([TLS, key], given[key], ['TLS12', 'TLS13'], otherwise);
  const minVersion = version('min_version', 'TLS12');
  const maxVersion = version('max_version', 'TLS13');
  if (minVersion > maxVersion) {
    file.refuse([TLS, 'min_version'], `got TLS13 with a max_version of TLS12, expected it not to be above`);
  }
  checkClientAuthority(file, clientAuth, clientCaFile);
  if (certFile === undefined) file.refuse([TLS], 'cert_file is missing: the path of a PEM file');
  if (keyFile === undefined) file.refuse([TLS], 'key_file is missing: the path of a PEM file');
  if (certFile === undefined || keyFile === undefined) return undefined;
  return { certFile, keyFile, clientAuth, clientCaFile, minVersion, maxVersion };
}

function checkClientAuthority(
  file: WebDocument,
  clientAuth: ClientAuth,
  clientCaFile: string | undefined,
): void {
  const verifies = clientAuth === 'VerifyClientCertIfGiven' || clientAuth === 'RequireAndVerifyClientCert';
  if (verifies && clientCaFile === undefined) {
    file.refuse([TLS, 'client_auth_type'], `${clientAuth} needs client_ca_file: who signs the clients?`);
  }
  if (clientAuth === 'NoClientCert' && clientCaFile !== undefined) {
    const message = `set, but client_auth_type is NoClientCert, so no client is checked; expected RequireAndVerifyClientCert, or no client_ca_file`;
    file.refuse([TLS, 'client_ca_file'], message);
  }
}

function readHeaders(file: WebDocument): Record<string, string> {
  const { http2 } = file.section(['http_server_config']);
  if (http2 !== undefined && http2 !== null && http2 !== false) {
    const path = ['http_server_config', 'http2'];
    file.refuse(path, `got ${shownValue(http2)}, expected false: HTTP/1.1 is served and HTTP/2 is not`);
  }
  const headers: Record<string, string> = {};
  const path = ['http_server_config', 'headers'];
  for (const [name, value] of Object.entries(file.section(path))) {
    const text = file.text([...path, name], value, 'the text of the header');
    if (text === undefined) continue;
    if (/^[\t\x20-\x7e]+$/.test(text)) headers[name] = text;
    else file.refuse([...path, name], `got ${quoted(text)}, expected one line of ASCII`);
  }
  return headers;
}

function readUsers(file: WebDocument): Users {
  const users = new Map<string, string>();
  for (const [user, hash] of Object.entries(file.section(['basic_auth_users']))) {
    const path = ['basic_auth_users', user];
    if (user === '' || user.includes(':')) {
      file.refuse(path, 'a user name is not empty and has no colon (RFC 7617)', 'key');
    }
    // The value may be a password that was meant to be hashed: it is not repeated.
    const cost = typeof hash === 'string' ? BCRYPT.exec(hash)?.[1] : undefined;
    if (cost === undefined) {
      file.refuse(path, 'not a bcrypt hash, expected one as `htpasswd -nBC 10 USER` writes it ($2y$10$…)');
    } else if (Number(cost) < COST.least || Number(cost) > COST.most) {
      file.refuse(path, `a bcrypt hash of cost ${Number(cost)}, expected ${COST.least} to ${COST.most}`);
    } else users.set(user, String(hash));
  }
  return users;
}
