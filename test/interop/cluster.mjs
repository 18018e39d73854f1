// Starts the real relay and nodes as child processes on 127.0.0.1 and talks to
// their control ports.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { clearTimeout } from 'node:timers';

/**
 * @typedef {{ readonly child: import('node:child_process').ChildProcess, log(): string }} Running
 * @typedef {{ name: string, cluster: string, address: string }} Peer
 */

/** A port that is free now, for programs that cannot tell which one they were given. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Asks until `ask` answers something, at most `seconds`; the error says what was waited for.
 *
 * @template T
 * @param {string} what
 * @param {() => T | Promise<T>} ask
 * @returns {Promise<Exclude<T, undefined | false>>}
 */
export async function until(what, ask, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** What is still there when the tests end, however they end. */
const children = new Set();
process.once('exit', () => children.forEach((child) => child.kill('SIGKILL')));
// vitest ends its workers by a signal, which alone would skip what is to be done at the exit.
process.once('SIGTERM', () => process.exit(143));

/** @returns {Running} */
function run(program, args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child.once('exit', () => children.delete(child)));
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (log = (log + text).slice(-100_000)));
  child.on('error', (error) => (log += `${error.message}\n`));
  return { child, log: () => log };
}

/**
 * Ends a program and waits until it is gone. One that is still there after
 * `grace` seconds is killed, as Kubernetes does: relays up to 1.19 always are,
 * since their health port outlives SIGTERM (the chart gives them 1 s, too).
 *
 * @param {Running} running
 * @param {NodeJS.Signals} signal
 */
export async function stop({ child }, signal = 'SIGTERM', grace = 1) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), grace * 1000);
  await gone;
  clearTimeout(late);
}

/**
 * Starts a node. `flags` are the node's own, such as { name: 'node-1', ring: 7 }.
 *
 * @param {string} program
 * @param {Record<string, string | number>} flags
 */
export async function startNode(program, flags = {}) {
  const running = run(
    program,
    Object.entries(flags).map(([flag, value]) => `-${flag}=${value}`),
  );
  const ready = await Promise.race([
    once(createInterface({ input: running.child.stdout }), 'line').then(([line]) => JSON.parse(line)),
    once(running.child, 'exit').then(() => undefined),
  ]);
  if (ready === undefined) throw new Error(`the node ended: ${running.log()}`);

  const ask = async (method, path, body, type = 'application/json') => {
    const answer = await fetch(`http://${ready.control}${path}`, {
      method,
      body,
      headers: { 'content-type': type },
    });
    const told = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${told.error}`);
    return told;
  };
  /** @type {{ name: string, hubble: string, socket: string, control: string, version: string }} */
  const about = { ...ready, name: ready.node };
  return {
    ...running,
    ...about,
    /** @param {object[]} flows in protojson; answers when they are in the ring */
    post: (flows, query = '') =>
      ask('POST', `/flows${query}`, flows.map((flow) => JSON.stringify(flow)).join('\n')),
    /** @param {Uint8Array} bytes flow.Flow messages, each preceded by its length as a varint */
    postBinary: (bytes, query = '') => ask('POST', `/flows${query}`, bytes, 'application/x-protobuf'),
    lost: (source, count, cpu = 0) => ask('POST', '/lost', JSON.stringify({ source, count, cpu })),
    agentEvent: () => ask('POST', '/agent-event'),
    /** @param {Peer[]} peers */
    setPeers: (peers) => ask('PUT', '/peers', JSON.stringify(peers)),
    status: () => ask('GET', '/status'),
  };
}

/**
 * Starts a relay that asks `peerService` (host:port or unix:///path) for its
 * peers. `flags` are hubble-relay's own, without the dashes; plaintext unless
 * they say otherwise. It answers when its port does: the peers may come later.
 *
 * @param {string} program
 * @param {string} peerService
 * @param {Record<string, string | number | boolean>} flags
 */
export async function startRelay(program, peerService, flags = {}) {
  const address = `127.0.0.1:${flags['listen-address']?.split(':').pop() ?? (await freePort())}`;
  const running = run(program, [
    'serve',
    ...Object.entries({
      'peer-service': peerService,
      'health-listen-address': `127.0.0.1:${await freePort()}`,
      'disable-client-tls': true,
      'disable-server-tls': true,
      gops: false,
      'retry-timeout': '1s',
      ...flags,
      'listen-address': address,
    }).map(([flag, value]) => `--${flag}=${value}`),
  ]);
  await until('the relay listening', async () => {
    if (running.child.exitCode !== null) throw new Error(`the relay ended: ${running.log()}`);
    return await answers(address);
  });
  return { ...running, address };
}

async function answers(address) {
  const [host, port] = address.split(':');
  return await new Promise((done) => {
    const socket = connect(Number(port), host, () => {
      socket.destroy();
      done(true);
    }).on('error', () => done(false));
  });
}
