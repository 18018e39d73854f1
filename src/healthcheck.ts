/**
 * The image's health check: asks the daemon beside it whether it works, because
 * the image holds no shell and no curl. Finds the address as the daemon does, from
 * the environment and the configuration file; flags of the daemon are not seen
 * here, so an image whose address is given as a flag brings a check of its own.
 */
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { loadConfig } from './config/load.js';

const PATIENCE_MS = 2_000;

async function isHealthy(): Promise<boolean> {
  const env = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']));
  const read = await loadConfig({ inputs: { flags: {}, env }, now: Date.now() });
  if (!read.ok) return false;
  const [address = ':9967'] = read.config.web.listenAddresses;
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  const everywhere = host === '' || host === '0.0.0.0' || host === '::';
  const target = { host: everywhere ? '127.0.0.1' : host, port: Number(address.slice(colon + 1)) };
  // Whether it speaks TLS stands in the web configuration file: asking both ways is simpler than reading that too.
  return (await answers(requestPlain, target)) || (await answers(requestTls, target));
}

function answers(
  send: typeof requestPlain | typeof requestTls,
  target: { host: string; port: number },
): Promise<boolean> {
  return new Promise((resolve) => {
    // A server that asks for a certificate ends the connection after the handshake: it works.
    let shookHands = false;
    const request = send({
      ...target,
      path: '/-/healthy',
      timeout: PATIENCE_MS,
      // The certificate is made out to the name people use, not to 127.0.0.1; and nothing secret is sent.
      rejectUnauthorized: false,
    });
    request.once('response', ({ statusCode = 0 }) => {
      request.destroy();
      resolve(statusCode === 200 || statusCode === 401); // 401: alive behind its password
    });
    request.once('timeout', () => request.destroy(new Error('no answer')));
    request.once('socket', (socket) => socket.once('secureConnect', () => (shookHands = true)));
    request.once('error', () => resolve(shookHands));
    request.end();
  });
}

process.exitCode = (await isHealthy()) ? 0 : 1;
