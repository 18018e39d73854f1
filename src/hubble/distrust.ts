import type { PeerCertificate } from 'node:tls';
import { type Failure, failure } from './failures.js';
import { codeOf } from './knock.js';

/** An alert that the server sent about us (OpenSSL: "… alert …", with different prefixes by version). */
export function refusedIdentity(error: Error, hasCertificate: boolean): Failure | undefined {
  const text = `${codeOf(error)} ${error.message}`;
  if (!/alert/i.test(text)) return undefined;
  if (/no.application.protocol/i.test(text)) {
    return failure('unimplemented', `the server speaks TLS but not HTTP/2 (${error.message})`);
  }
  if (!/certificate|unknown.ca|handshake.failure|access.denied/i.test(text)) return undefined;
  return hasCertificate
    ? failure(
        'certificate',
        `the server does not accept our certificate (${error.message})`,
        'Check that --tls-client-cert-file is not expired and signed by the CA that the server trusts (hubble.relay.tls.server.mtls).',
      )
    : failure(
        'certificate',
        `the server requires a client certificate (${error.message})`,
        'Give --tls-client-cert-file and --tls-client-key-file; the secret hubble-relay-client-certs or hubble-ui-client-certs shows what the relay expects.',
      );
}

/** Some servers (Node.js' for one) close instead of saying what they hold against a client's certificate. */
export function hungUp(error: Error): Failure {
  return failure(
    'certificate',
    `the server hung up right after the TLS handshake (${error.message})`,
    'It may not accept the client certificate, or want one: check --tls-client-cert-file, and the log of the server.',
  );
}

/** OpenSSL's verification codes, in groups that one action mends. */
export function distrusted(doubt: string, certificate: PeerCertificate | undefined, name: string): Failure {
  // Node.js types it as always there; an endpoint may send a certificate without.
  const names = certificate?.subjectaltname ?? (certificate?.subject.CN as string | undefined) ?? 'nobody';
  const issuer = (certificate?.issuer as { CN?: string } | undefined)?.CN ?? 'unknown';
  if (doubt.includes('ALTNAME')) {
    return failure(
      'certificate',
      `name mismatch: the certificate is for ${names}, not for ${name}`,
      `Give --tls-server-name a name the certificate has (${names}; a * stands for any one label, as in ui.hubble-relay.cilium.io).`,
    );
  }
  if (doubt.includes('EXPIRED')) {
    return failure(
      'certificate',
      `the server's certificate expired on ${certificate?.valid_to ?? '?'}`,
      "Renew the server's certificate (the job or cert-manager that makes hubble's certificates), or check the clock here.",
    );
  }
  if (doubt.includes('NOT_YET_VALID')) {
    return failure(
      'certificate',
      `the server's certificate is not yet valid: from ${certificate?.valid_from ?? '?'}`,
      'Check the clocks here and where the certificate was made.',
    );
  }
  return failure(
    'certificate',
    `unknown CA: the server's certificate is signed by "${issuer}" (${doubt})`,
    '--tls-ca-cert-files must hold the CA that signed it; for Cilium that is ca.crt of the secret hubble-relay-server-certs.',
  );
}
