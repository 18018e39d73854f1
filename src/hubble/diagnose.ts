import { distrusted, hungUp, refusedIdentity } from './distrust.js';
import { type Failure, failure } from './failures.js';
import { codeOf, type Door, handshake, isHttp2, knockPlain } from './knock.js';
import type { Target } from './target.js';

function where(target: Target): string {
  return target.kind === 'unix' ? target.path : `${target.host}:${target.port}`;
}

/** Reasons that lie below TLS and HTTP: the same for every kind of server. */
function unreachable(target: Target, error: Error): Failure | undefined {
  const message = `${where(target)}: ${error.message}`;
  switch (codeOf(error)) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'EAI_NODATA':
      return failure('name_not_found', message);
    case 'ECONNREFUSED':
      return failure('refused', message);
    case 'ENOENT':
      return failure(
        'refused',
        message,
        'There is no such socket: mount /var/run/cilium of the node, and check that its agent runs with Hubble enabled.',
      );
    case 'EACCES':
    case 'EPERM':
      return failure(
        'refused',
        message,
        'This process may not open the socket: run it with a user or group that may.',
      );
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
      return failure('unreachable', message);
    default:
      return undefined;
  }
}

async function behindTls(door: Door, tls: NonNullable<Door['tls']>): Promise<Failure | undefined> {
  const { reach, doubt, certificate } = await handshake(door);
  if (doubt !== '' && !tls.settings.insecure) {
    const host = door.target.kind === 'tcp' ? door.target.host : 'localhost';
    return distrusted(doubt, certificate, tls.settings.serverName ?? host);
  }
  if (!('error' in reach)) {
    return isHttp2(reach.bytes)
      ? undefined
      : failure('unimplemented', 'the server speaks TLS but not HTTP/2');
  }
  const refused = refusedIdentity(reach.error, tls.certificates.cert !== undefined);
  if (refused !== undefined) return refused;
  if (certificate !== undefined) return hungUp(reach.error);
  // Bytes that are no TLS record. A silent or resetting peer proves nothing: a balancer without backends does that.
  return /SSL|EPROTO/.test(codeOf(reach.error))
    ? failure('server_speaks_plaintext', `no TLS handshake: ${reach.error.message}`)
    : undefined;
}

/** Whether TLS is spoken here; whatever it then thinks of us. */
async function speaksTls(door: Door): Promise<boolean> {
  const { reach, certificate } = await handshake(door);
  return (
    certificate !== undefined ||
    ('error' in reach && /alert/i.test(`${codeOf(reach.error)} ${reach.error.message}`))
  );
}

/**
 * Why a connection cannot be made. grpc-js says "No connection established" to
 * most of it; so we knock ourselves, once, at the layer where it fails. Only
 * called after a failure: its price is two or three short connections.
 * Resolves with undefined when everything that can be seen from outside is in order.
 */
export async function diagnose(door: Door): Promise<Failure | undefined> {
  const plain = await knockPlain(door.target);
  if ('error' in plain) {
    const below = unreachable(door.target, plain.error);
    if (below !== undefined) return below;
  }
  const plainHttp2 = 'bytes' in plain && isHttp2(plain.bytes);
  if (door.tls !== undefined) {
    return plainHttp2
      ? failure('server_speaks_plaintext', 'the server speaks HTTP/2 without TLS')
      : behindTls(door, door.tls);
  }
  if (plainHttp2) return undefined;
  if (await speaksTls(door)) return failure('server_speaks_tls', 'the server answers a TLS handshake');
  return 'bytes' in plain && plain.bytes.length > 0
    ? failure(
        'unimplemented',
        `the server speaks neither HTTP/2 nor TLS: it says ${JSON.stringify(plain.bytes.toString('latin1', 0, 40))}`,
      )
    : undefined;
}
