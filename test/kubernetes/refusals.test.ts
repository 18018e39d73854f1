/** What values cannot mean is refused before anything is installed, in words that say what to do. */
import { expect, test } from 'vitest';
import { nested } from './effect.js';
import { template } from './helm.js';

test.each<[string, Record<string, unknown>, RegExp]>([
  [
    'a claim for an analyzer on each node',
    { mode: 'daemonset', 'state.persistence.enabled': true },
    /state\.persistence\.enabled.*mode: deployment and replicas: 1/,
  ],
  [
    'a claim for two replicas',
    { replicas: 2, 'state.persistence.enabled': true },
    /state\.persistence\.enabled/,
  ],
  [
    'a folder of the node for what must not have one',
    { 'state.hostPath': '/x' },
    /state\.hostPath: only an analyzer of mode: daemonset/,
  ],
  [
    'an agent over TCP without certificates',
    { mode: 'daemonset', 'hubble.nodeAccess': 'tcp' },
    /hubble\.nodeAccess: tcp needs hubble\.tls\.enabled/,
  ],
  ['TLS to Hubble that trusts nobody', { 'hubble.tls.enabled': true }, /hubble\.tls\.secretName: .*ca\.crt/],
  [
    'TLS on a unix socket',
    { mode: 'daemonset', 'hubble.tls.enabled': true, 'hubble.tls.secretName': 's' },
    /unix socket speaks no TLS/,
  ],
  [
    'client certificates without TLS',
    { 'web.tls.requireClientCertificate': true },
    /needs web\.tls\.secretName/,
  ],
  [
    'a certificate for the web side from nobody',
    { 'web.tls.certManager.enabled': true },
    /web\.tls\.certManager\.issuerRef: .*the issuer to ask/,
  ],
  [
    'a certificate for Hubble from nobody',
    { 'hubble.tls.enabled': true, 'hubble.tls.certManager.enabled': true },
    /hubble\.tls\.certManager\.issuerRef: .*the issuer to ask/,
  ],
  [
    'a limit that is no quantity',
    { 'resources.limits.memory': '512MB' },
    /got 512MB, expected a quantity such as 512Mi/,
  ],
  [
    'a limit that no heap fits in',
    { 'resources.limits.memory': '64Mi' },
    /64Mi leaves Node\.js a heap of 48 MiB, expected 128Mi or more/,
  ],
  ['a mode that there is not', { mode: 'statefulset' }, /mode/],
  ['a value that there is not', { replicaCount: 2 }, /replicaCount/],
  ['a configuration that the analyzer would refuse', { config: { cluter: 'blue' } }, /cluter/],
  [
    'agreed traffic without a reason',
    { config: { expected: [{ source: 'a', destination: 'b' }] } },
    /reason/,
  ],
  ['a password where a hash belongs', { 'web.basicAuthUsers': { prometheus: 'secret' } }, /basicAuthUsers/],
])('%s', async (_, values, said) => {
  await expect(template({ values: nested(values) })).rejects.toThrow(said);
});
