/** Where Hubble listens. */
export type Target =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: boolean }
  | { readonly kind: 'unix'; readonly path: string; readonly tls: false };

const EXPECTED = 'host:port, tls://host:port or unix:///path';

function invalid(server: string, why: string): Error {
  return new Error(`--server: ${why} in "${server}"; expected ${EXPECTED}`);
}

function port(server: string, text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > 65535) throw invalid(server, 'no port between 1 and 65535');
  return value;
}

/**
 * Reads `--server`, in the forms that the hubble command line takes. An IPv6
 * address stands in brackets. Throws an Error that names the flag, what was
 * given and what was expected.
 */
export function parseServer(server: string): Target {
  const unix = /^unix:(?:\/\/)?(\/.+)$/.exec(server)?.[1];
  if (unix !== undefined) return { kind: 'unix', path: unix, tls: false };
  const [, scheme, rest = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/i.exec(server) ?? [];
  if (scheme !== undefined && scheme !== 'tls' && scheme !== 'tcp')
    throw invalid(server, `unknown scheme "${scheme}"`);
  const [, bracketed, name, digits] =
    /^(?:\[([0-9a-f:.%]+)\]|([^:/@?#[\]\s]+))(?::(\w*))?$/i.exec(rest) ?? [];
  const host = bracketed ?? name;
  if (host === undefined) throw invalid(server, 'no host');
  return { kind: 'tcp', host, port: port(server, digits ?? ''), tls: scheme === 'tls' };
}

/** The target as grpc-js takes it. The scheme is spelled out so that a host name is never taken for one. */
export function grpcTarget(target: Target): string {
  if (target.kind === 'unix') return `unix://${target.path}`;
  return `dns:${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
}
