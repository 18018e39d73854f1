/** TLS to the real relay with certificates as Cilium's chart makes them, also while they are replaced. */
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';
import { describe, expect, inject, test } from 'vitest';
import { authority } from './certificates.mjs';
import { startRelay, stop, until } from './cluster.mjs';
import { counted, countedToTheEnd, crossings, streamsEnded } from './crossings.js';
import { startCrosstalk } from './crosstalk.js';
import { CLIENT_NAME, RELAY_NAME, secure, tlsFlags } from './secured.js';

/** The certificate that a relay shows now. */
async function shownBy(address: string): Promise<string> {
  const [host, port] = address.split(':');
  const socket: TLSSocket = connect({
    host,
    port: Number(port),
    rejectUnauthorized: false,
    ALPNProtocols: ['h2'],
  });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

describe.concurrent.each(inject('hubbles'))('Hubble $patch', (hubble) => {
  test.each(['a relay that shows its certificate', 'a relay that wants to see one, too'])(
    '%s is read',
    async (which) => {
      const ca = await authority();
      const mutual = which.includes('too');
      const server = await ca.issue(RELAY_NAME);
      const secured = await secure(hubble, { server, ...(mutual && { clients: ca }) });
      const identity = await ca.issue(CLIENT_NAME);
      const crosstalk = await startCrosstalk(
        // The other way to say --tls.
        mutual ? secured.relay.address : `tls://${secured.relay.address}`,
        ...tlsFlags({ ca, ...(mutual && { identity }) }).slice(mutual ? 0 : 1),
      );
      await crosstalk.ready();
      await secured.node.post(crossings(5));
      expect(await counted(crosstalk, 5)).toMatchObject({ connections: 5, flows: 5, blindSeconds: 0 });
      expect(crosstalk.log.filter(({ event }) => event === 'stream_ended')).toEqual([]);
      await crosstalk.stop();
      await secured.close();
    },
  );

  test('certificates and authority replaced while it runs: both sides take the new ones, and nothing counts twice', async () => {
    const [old, fresh] = [await authority(), await authority()];
    const server = await old.issue(RELAY_NAME);
    const identity = await old.issue(CLIENT_NAME);
    const secured = await secure(hubble, { server, clients: old });
    const crosstalk = await startCrosstalk(secured.relay.address, ...tlsFlags({ ca: old, identity }));
    await crosstalk.ready();
    await secured.node.post(crossings(10));
    await counted(crosstalk, 10);
    const before = await shownBy(secured.relay.address);

    // Everything anew, in the files that both sides were given.
    const [newServer, newIdentity] = [await fresh.issue(RELAY_NAME), await fresh.issue(CLIENT_NAME)];
    copyFileSync(newServer.keyFile, server.keyFile);
    copyFileSync(newServer.certFile, server.certFile);
    copyFileSync(newIdentity.keyFile, identity.keyFile);
    copyFileSync(newIdentity.certFile, identity.certFile);
    copyFileSync(fresh.certFile, old.certFile);
    await until(
      'the relay with its new certificate',
      async () => (await shownBy(secured.relay.address)) !== before,
    );
    await secured.node.post(crossings(10));

    // It moves by itself, and the relay would not let in what the old authority signed.
    await streamsEnded(crosstalk, 'certificates_changed');
    await crosstalk.ready();
    await counted(crosstalk, 20);
    expect(await countedToTheEnd(crosstalk, [secured.node], 20)).toMatchObject({
      flows: 21,
      blindSeconds: 0,
    });

    // So does a relay that starts with the new ones only.
    await stop(secured.relay);
    const relay = await startRelay(hubble.programs.relay, secured.node.hubble, {
      'listen-address': secured.relay.address,
      'disable-server-tls': false,
      'tls-relay-server-cert-file': newServer.certFile,
      'tls-relay-server-key-file': newServer.keyFile,
      'tls-relay-client-ca-files': fresh.certFile,
    });
    await secured.node.post(crossings(10));
    await counted(crosstalk, 31);
    const end = await countedToTheEnd(crosstalk, [secured.node], 31);
    expect(end).toMatchObject({ connections: 32, flows: 32, blindSeconds: 0, lost: 0 });
    expect(end.duplicates).toBeGreaterThan(0);
    expect(await crosstalk.metric('crosstalk_hubble_streams_ended_total{reason="certificate"}')).toBe(0);
    await crosstalk.stop();
    await stop(relay);
    await secured.close();
  });
});
