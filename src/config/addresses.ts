/** The forms of addresses and paths that settings take. Each parser says what it expected instead. */
import type { Read } from './kinds.js';

const refuse = (expected: string): { readonly ok: false; readonly expected: string } => ({
  ok: false,
  expected,
});

const SERVER = 'host:port, tls://host:port or unix:///path/to/hubble.sock';

/**
 * Hubble Relay's or an agent's address, in the hubble command's words.
 * The hint on `http://` is there because the first thing many people paste is a URL.
 */
export function parseServer(given: string): Read<string> {
  if (given.startsWith('unix://')) {
    const isPath = /^unix:\/\/\/[^\s\p{Cc}]+$/u.test(given);
    return isPath
      ? { ok: true, value: given }
      : refuse('unix:// and an absolute path, such as unix:///var/run/cilium/hubble.sock');
  }
  const rest = given.startsWith('tls://') ? given.slice('tls://'.length) : given;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(rest)?.[1];
  if (scheme !== undefined) return refuse(`${SERVER}; ${scheme}:// is not used here`);
  const address = splitHostPort(rest);
  if (address === undefined || address.host === '' || address.port === 0) {
    const hint = isHost(rest) ? `; the port is missing (a relay's Service has 80, or 443 with TLS)` : '';
    return refuse(`${SERVER}${hint}`);
  }
  return { ok: true, value: given };
}

/** Where the web side listens: `:9967` is every interface, port 0 any free port. */
export function parseListenAddress(given: string): Read<string> {
  const expected = '[host]:port, such as :9967, 127.0.0.1:9967 or [::1]:9967';
  if (/^\d+$/.test(given)) return refuse(`${expected}; did you mean :${given.slice(0, 8)}?`);
  return splitHostPort(given) === undefined ? refuse(expected) : { ok: true, value: given };
}

/** Paths that this program already serves; a telemetry path there would hide one of them. */
const TAKEN = /^\/(?:-|api)(?:\/|$)/;

export function parseTelemetryPath(given: string): Read<string> {
  const expected =
    'a path such as /metrics: it starts with / and has letters, digits and . _ ~ - between slashes';
  if (!/^(?:\/[A-Za-z0-9._~-]+)+$/.test(given) || /(?:^|\/)\.{1,2}(?:\/|$)/.test(given))
    return refuse(expected);
  if (TAKEN.test(given)) return refuse('a path outside /-/ and /api/, which are served already');
  return { ok: true, value: given };
}

/** @returns the URL without a trailing slash, so that paths can be put behind it */
export function parseExternalUrl(given: string): Read<string> {
  const expected =
    'the http:// or https:// URL under which people reach this page, such as https://crosstalk.example.com';
  if (!/^https?:\/\/[^\s\p{Cc}]+$/u.test(given) || !URL.canParse(given)) return refuse(expected);
  const url = new URL(given);
  if (url.username !== '' || url.password !== '')
    return refuse('a URL without a user name and password: it is shown in alerts');
  if (url.search !== '' || url.hash !== '') return refuse('a URL without ? and #: paths are added behind it');
  return { ok: true, value: url.href.replace(/\/+$/, '') };
}

/** @returns the URL without a trailing slash, so that `/api/v2/alerts` can be put behind it */
export function parseAlertmanagerUrl(given: string): Read<string> {
  const expected =
    'the http:// or https:// URL of an Alertmanager, such as http://alertmanager.monitoring.svc:9093';
  if (!/^https?:\/\/[^\s\p{Cc}]+$/u.test(given) || !URL.canParse(given)) return refuse(expected);
  const url = new URL(given);
  if (url.username !== '' || url.password !== '')
    return refuse(
      'a URL without a user name and password: it is a label; alertmanager.basicAuth in the file is for them',
    );
  if (url.search !== '' || url.hash !== '')
    return refuse('a URL without ? and #: /api/v2/alerts is put behind it');
  const value = url.href.replace(/\/+$/, '');
  if (/\/api\/v[12](?:\/alerts)?$/.test(url.pathname.replace(/\/+$/, '')))
    return refuse('a URL without /api/v2/alerts, which is put behind it');
  return { ok: true, value };
}

export interface HostPort {
  /** Without brackets; '' for every interface. */
  readonly host: string;
  readonly port: number;
}

/** @returns undefined when the text is not `host:port`, `[v6]:port` or `:port` with a port up to 65535 */
export function splitHostPort(given: string): HostPort | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+(?:%[A-Za-z0-9_.-]+)?)\]|([^[\]:/]*)):(\d{1,5})$/.exec(given);
  if (match === null) return undefined;
  const [, bracketed, name = '', digits = ''] = match;
  const port = Number(digits);
  if (port > 65_535) return undefined;
  if (bracketed !== undefined) return bracketed.includes(':') ? { host: bracketed, port } : undefined;
  return name === '' || isHost(name) ? { host: name, port } : undefined;
}

/** An IPv4 address or a DNS name (underscores are tolerated: resolvers do). */
function isHost(name: string): boolean {
  return (
    name.length <= 253 &&
    /^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/.test(name)
  );
}
