/** The link of an alert, as Alertmanager gets it from the daemon, leads to what the alert is about. */
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.js';
import { startDaemon, SYSTEM } from '../../src/daemon.js';
import { createLog } from '../../src/log.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import { startReceiver } from '../alert/receiver.js';
import { freePort } from '../interop/cluster.mjs';
import { open, texts } from './opened.js';

test('from the alert to its crossings, of this pair and verdict and no other', async () => {
  const simulator = await startSimulator({
    background: 20,
    population: {
      tenants: ['team-a', 'team-b', 'team-c'].map((name) => ({ vcluster: name, hostNamespace: name })),
    },
  });
  const receiver = await startReceiver();
  const url = `http://127.0.0.1:${await freePort()}`;
  const flags = {
    server: [simulator.address],
    'web.listen-address': [new URL(url).host],
    'web.external-url': [url],
    'alertmanager.url': [receiver.url],
  };
  const read = readConfig({ inputs: { flags, env: {} }, file: undefined, now: Date.now() });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const build = { version: '0', revision: '', nodeVersion: '' };
  const daemon = await startDaemon(read.config, {
    ...SYSTEM,
    build,
    log: await createLog({ level: 'error', format: 'json' }, silent),
  });
  try {
    const [a, b, c] = simulator.population.inhabitants;
    const visit = (from: typeof a, to: typeof a): void =>
      void simulator.play({ from: from!.clients[0]!, to: to!.servers[0]!, protocol: 'tcp', port: 5432 });
    const linkOf = (tenant: string): string | undefined =>
      receiver
        .alarms()
        .flatMap(({ alerts }) => alerts)
        .find(({ labels }) => labels['source_tenant'] === tenant)?.generatorURL;
    const patient = { timeout: 90_000, interval: 500 };
    const crossed = (): boolean => {
      visit(b, a);
      visit(c, a);
      return linkOf('team-b') !== undefined && linkOf('team-c') !== undefined;
    };
    await expect.poll(crossed, patient).toBe(true);
    const link = linkOf('team-b') ?? '';
    expect(link).toBe(`${url}/?view=crossings&source=team-b&destination=team-a&verdict=allowed`);
    const page = await open(link);
    await page.getByRole('heading', { name: 'Crossings' }).waitFor();
    await page.locator('.crossings li').first().waitFor();
    const pairs = new Set((await texts(page, '.crossings li .who .tenant')).join(' ').match(/team-./g));
    expect(pairs).toEqual(new Set(['team-a', 'team-b']));
    await expect.poll(() => page.getByLabel('From').inputValue()).toBe('team-b');
    await expect.poll(() => page.getByLabel('To', { exact: true }).inputValue()).toBe('team-a');
    await expect.poll(() => page.getByLabel('Verdict').inputValue()).toBe('allowed');
  } finally {
    await daemon.close();
    await simulator.close();
  }
});
