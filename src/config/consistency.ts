/** Settings that are right one by one and wrong together, wherever each of them came from. */
import type { Config } from './config.js';
import { formatDuration } from './duration.js';
import { alertmanagerProblems, alertmanagerWarnings } from './alertmanager.js';
import { OPTIONS, type AnyOption } from './options.js';
import type { Problem } from './problem.js';

/** Reports at the place where the option's value was given. */
export type At = (option: AnyOption) => (message: string) => Problem;
/** Whether anyone gave the option a value. */
export type IsSet = (option: AnyOption) => boolean;

export function consistencyProblems(
  config: Config,
  at: At,
  isSet: IsSet,
): { readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] } {
  return {
    problems: [
      ...tlsProblems(config, at),
      ...listenProblems(config, at),
      ...alertProblems(config, at),
      ...alertmanagerProblems(config, at, isSet),
    ],
    warnings: [...tlsWarnings(config, at), ...alertmanagerWarnings(config, at)],
  };
}

/** TLS settings without TLS: the operator believes the stream is protected, and it is not. */
function tlsProblems({ server, tls }: Config, at: At): Problem[] {
  const problems: Problem[] = [];
  if (!tls.enabled) {
    const set: [AnyOption, boolean][] = [
      [OPTIONS.tlsAllowInsecure, tls.allowInsecure],
      [OPTIONS.tlsCaCertFiles, tls.caCertFiles.length > 0],
      [OPTIONS.tlsClientCertFile, tls.clientCertFile !== undefined],
      [OPTIONS.tlsClientKeyFile, tls.clientKeyFile !== undefined],
      [OPTIONS.tlsServerName, tls.serverName !== undefined],
    ];
    for (const [option, isSet] of set) {
      if (isSet) {
        problems.push(
          at(option)(`set, but the connection has no TLS; add --tls or write the server as tls://host:port`),
        );
      }
    }
  }
  if (tls.enabled && server.startsWith('unix://')) {
    problems.push(
      at(OPTIONS.tls)(
        'TLS is on, but the server is a unix socket, where Hubble speaks none; remove one of the two',
      ),
    );
  }
  if (tls.clientCertFile !== undefined && tls.clientKeyFile === undefined) {
    problems.push(
      at(OPTIONS.tlsClientCertFile)('set without --tls-client-key-file, expected both or neither'),
    );
  }
  if (tls.clientKeyFile !== undefined && tls.clientCertFile === undefined) {
    problems.push(
      at(OPTIONS.tlsClientKeyFile)('set without --tls-client-cert-file, expected both or neither'),
    );
  }
  return problems;
}

function tlsWarnings({ tls }: Config, at: At): Problem[] {
  if (!tls.enabled || !tls.allowInsecure) return [];
  return [
    at(OPTIONS.tlsAllowInsecure)("the server's certificate is not verified: whoever answers is believed"),
  ];
}

function listenProblems({ web }: Config, at: At): Problem[] {
  const repeated = web.listenAddresses.filter(
    (address, index) => !address.endsWith(':0') && web.listenAddresses.indexOf(address) < index,
  );
  return repeated.map((address) => at(OPTIONS.webListenAddress)(`${address} is given twice, expected once`));
}

/**
 * A held violation must survive missed resends (operations of Alertmanager: an
 * alert whose end passes is resolved, and would flap).
 */
function alertProblems({ alerts }: Config, at: At): Problem[] {
  if (alerts.holdMs >= 4 * alerts.resendMs) return [];
  const hold = formatDuration(alerts.holdMs);
  const resend = formatDuration(alerts.resendMs);
  return [
    at(OPTIONS.alertsHold)(
      `got ${hold} with alerts.resend ${resend}, expected at least four times resend, so that a missed resend ends no alert`,
    ),
  ];
}
