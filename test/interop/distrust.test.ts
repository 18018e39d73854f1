/** TLS that does not come about: log and status say which check failed, and what to change. */
import { describe, expect, inject, test } from 'vitest';
import { authority } from './certificates.mjs';
import { crossings, tally } from './crossings.js';
import { startCrosstalk } from './crosstalk.js';
import { type Authority, CLIENT_NAME, RELAY_NAME, secure, tlsFlags } from './secured.js';

type Certificate = Awaited<ReturnType<Authority['issue']>>;

interface Case {
  readonly what: string;
  readonly server?: (ours: Authority) => Promise<Certificate>;
  /** Whether the relay wants clients that our authority knows. */
  readonly mutual?: true;
  readonly flags: (ours: Authority, foreign: Authority) => string[] | Promise<string[]>;
  readonly reason: string;
  readonly says: RegExp;
  readonly hint: RegExp;
}

const good = (ours: Authority): Promise<Certificate> => ours.issue(RELAY_NAME);

const CASES: readonly Case[] = [
  {
    what: 'a certificate of the relay that expired',
    server: (ours) => ours.issue(RELAY_NAME, { expired: true }),
    flags: (ca) => tlsFlags({ ca }),
    reason: 'certificate',
    says: /the server's certificate expired on/,
    hint: /^Renew the server's certificate/,
  },
  {
    what: 'a certificate that an authority signed which we do not know',
    server: good,
    flags: (_, ca) => tlsFlags({ ca }),
    reason: 'certificate',
    says: /^unknown CA/,
    hint: /^--tls-ca-cert-files must hold the CA/,
  },
  {
    what: 'a name that the certificate does not have',
    server: good,
    flags: (ca) => tlsFlags({ ca, name: 'hubble-relay.kube-system.svc' }),
    reason: 'certificate',
    says: /^name mismatch.*not for hubble-relay\.kube-system\.svc/,
    hint: /^Give --tls-server-name a name the certificate has \(.*\*\.hubble-relay\.cilium\.io/,
  },
  {
    what: 'no --tls-server-name at all, which the address cannot replace',
    server: good,
    flags: (ca) => tlsFlags({ ca, name: '' }),
    reason: 'certificate',
    says: /^name mismatch.*not for 127\.0\.0\.1/,
    hint: /^Give --tls-server-name/,
  },
  {
    what: 'no certificate for a relay that wants one',
    server: good,
    mutual: true,
    flags: (ca) => tlsFlags({ ca }),
    reason: 'certificate',
    says: /requires a client certificate/,
    hint: /^Give --tls-client-cert-file and --tls-client-key-file/,
  },
  {
    what: 'a certificate of ours that the relay does not believe',
    server: good,
    mutual: true,
    flags: async (ca, foreign) => tlsFlags({ ca, identity: await foreign.issue(CLIENT_NAME) }),
    reason: 'certificate',
    says: /the server does not accept our certificate/,
    hint: /^Check that --tls-client-cert-file is not expired and signed by the CA/,
  },
  {
    what: 'a certificate of ours that expired',
    server: good,
    mutual: true,
    flags: async (ca) => tlsFlags({ ca, identity: await ca.issue(CLIENT_NAME, { expired: true }) }),
    reason: 'certificate',
    says: /the server does not accept our certificate.*expired/,
    hint: /^Check that --tls-client-cert-file is not expired/,
  },
  {
    what: 'no --tls for a relay that speaks it',
    server: good,
    flags: () => [],
    reason: 'server_speaks_tls',
    says: /the server answers a TLS handshake/,
    hint: /^The server expects TLS: add --tls/,
  },
  {
    what: '--tls for a relay that does not speak it',
    flags: (ca) => tlsFlags({ ca }),
    reason: 'server_speaks_plaintext',
    says: /without TLS/,
    hint: /^The server does not speak TLS: remove --tls/,
  },
];

// One version is enough: what is checked is checked by Go's TLS and by us, and by nothing of Hubble's.
describe.concurrent.each(inject('hubbles').slice(0, 1))('Hubble $patch', (hubble) => {
  const cases = CASES.map((entry) => [entry.what, entry] as const);
  test.each(cases)('tells of %s', async (_what, { server, mutual, flags, reason, says, hint }) => {
    const [ours, foreign] = [await authority(), await authority()];
    const secured = await secure(hubble, {
      ...(server !== undefined && { server: await server(ours) }),
      ...(mutual && { clients: ours }),
    });
    const crosstalk = await startCrosstalk(secured.relay.address, ...(await flags(ours, foreign)));
    await secured.node.post(crossings(1));
    // The second says the same as the first: it was no accident of the start.
    const first = await crosstalk.logged('stream_ended');
    const line = await crosstalk.logged('stream_ended', crosstalk.log.indexOf(first) + 1);
    expect([line['reason'], first['reason']]).toEqual([reason, reason]);
    expect(line['error']).toMatch(says);
    expect(line['hint']).toMatch(hint);
    expect(await crosstalk.api('status')).toMatchObject({
      ready: false,
      stream: { lastError: { reason, message: line['error'], hint: line['hint'] } },
    });
    expect(
      await crosstalk.metric(`crosstalk_hubble_streams_ended_total{reason="${reason}"}`),
    ).toBeGreaterThan(1);
    expect(await crosstalk.metric('crosstalk_hubble_up')).toBe(0);
    expect(await tally(crosstalk)).toMatchObject({ connections: 0, flows: 0 });
    await crosstalk.stop();
    await secured.close();
  });
});
