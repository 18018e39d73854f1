/** Settings of the push to Alertmanager that are right one by one and wrong together. */
import type { Config } from './config.js';
import type { At, IsSet } from './consistency.js';
import { formatDuration } from './duration.js';
import { OPTIONS, type AnyOption } from './options.js';
import type { Problem } from './problem.js';

const CREDENTIALS: readonly AnyOption[] = [
  OPTIONS.alertmanagerUsername,
  OPTIONS.alertmanagerPasswordFile,
  OPTIONS.alertmanagerBearerTokenFile,
];
const TLS: readonly AnyOption[] = [
  OPTIONS.alertmanagerCaFile,
  OPTIONS.alertmanagerCertFile,
  OPTIONS.alertmanagerKeyFile,
  OPTIONS.alertmanagerServerName,
  OPTIONS.alertmanagerInsecureSkipVerify,
];

export function alertmanagerProblems({ alertmanager: { urls } }: Config, at: At, isSet: IsSet): Problem[] {
  const twice = urls
    .filter((url, index) => urls.indexOf(url) < index)
    .map((url) => at(OPTIONS.alertmanagerUrl)(`${url} is given twice, expected once`));
  return [
    ...twice,
    ...(urls.length === 0 ? sentNowhere(at, isSet) : withoutTls(urls, at, isSet)),
    ...halves(at, isSet),
  ];
}

/** The operator believes that alerts are sent, and they are not. */
function sentNowhere(at: At, isSet: IsSet): Problem[] {
  return [...CREDENTIALS, ...TLS]
    .filter(isSet)
    .map((option) => at(option)('set, but there is no Alertmanager to send to; add alertmanager.url'));
}

function withoutTls(urls: readonly string[], at: At, isSet: IsSet): Problem[] {
  if (urls.some((url) => url.startsWith('https://'))) return [];
  return TLS.filter(isSet).map((option) =>
    at(option)('set, but no URL in alertmanager.url has TLS; write it with https://'),
  );
}

function halves(at: At, isSet: IsSet): Problem[] {
  const problems: Problem[] = [];
  const pair = (one: AnyOption, other: AnyOption): void => {
    if (isSet(one) && !isSet(other))
      problems.push(at(one)(`set without ${other.file ?? ''}, expected both or neither`));
  };
  const { alertmanagerUsername: username, alertmanagerPasswordFile: password } = OPTIONS;
  pair(username, password);
  pair(password, username);
  pair(OPTIONS.alertmanagerCertFile, OPTIONS.alertmanagerKeyFile);
  pair(OPTIONS.alertmanagerKeyFile, OPTIONS.alertmanagerCertFile);
  const token = OPTIONS.alertmanagerBearerTokenFile;
  if (isSet(token) && (isSet(username) || isSet(password)))
    problems.push(at(token)('set together with alertmanager.basicAuth, expected one of the two'));
  return problems;
}

export function alertmanagerWarnings({ alertmanager, alerts }: Config, at: At): Problem[] {
  const { urls, basicAuth, bearerTokenFile, tls } = alertmanager;
  const warnings: Problem[] = [];
  const plain = urls.find((url) => url.startsWith('http://'));
  if (plain !== undefined && (basicAuth !== undefined || bearerTokenFile !== undefined))
    warnings.push(at(OPTIONS.alertmanagerUrl)(`${plain} has no TLS: the credentials can be read on the way`));
  if (tls.insecureSkipVerify)
    warnings.push(
      at(OPTIONS.alertmanagerInsecureSkipVerify)(
        "Alertmanager's certificate is not verified: whoever answers gets the alerts and the credentials",
      ),
    );
  const needed = GROUP_WAIT_MS + urls.length * PEER_TIMEOUT_MS + 4 * alerts.resendMs;
  if (urls.length > 0 && alerts.holdMs < needed)
    warnings.push(
      at(OPTIONS.alertsHold)(
        `${formatDuration(alerts.holdMs)} is short for ${urls.length} Alertmanager${urls.length === 1 ? '' : 's'} and alerts.resend ${formatDuration(alerts.resendMs)}: ` +
          `below ${formatDuration(needed)} an alert may end before it was told of`,
      ),
    );
  return warnings;
}

/** Alertmanager's defaults: how long a group waits, and a replica for each one before it. */
const GROUP_WAIT_MS = 30_000;
const PEER_TIMEOUT_MS = 15_000;
