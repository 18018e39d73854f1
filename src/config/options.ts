/**
 * Every setting as a row. The command line's flags, the environment variables,
 * the schema of the file, /api/v1/status and the tables in the documentation are
 * all made from these rows, so none of them can say something else.
 */
import {
  parseAlertmanagerUrl,
  parseExternalUrl,
  parseListenAddress,
  parseServer,
  parseTelemetryPath,
} from './addresses.js';
import { duration, listOf, oneOf, plainText, text, wholeNumber, yesOrNo, type Kind } from './kinds.js';

/** `D` is what stands where nobody says anything: a value, or undefined for "none". */
export interface Option<T, D extends T | undefined> {
  /** Without the two dashes; undefined: the file only. */
  readonly flag: string | undefined;
  /** Names of another tool that are read too, after our own. */
  readonly alsoEnv: readonly string[];
  /** Dotted place in the file; undefined for the flag that names the file. */
  readonly file: string | undefined;
  readonly kind: Kind<T>;
  readonly default: D;
  readonly group: Group;
  /** One sentence, without the default. */
  readonly help: string;
  /** Whether a reload applies a change; otherwise a change takes a restart, and a reload that has one is refused. */
  readonly reload: boolean;
}

/** Any row, where only its names matter. */
export type AnyOption = Option<unknown, unknown>;

/** The order of groups in help and in the documentation. */
export const GROUPS = [
  'Hubble',
  'Configuration and state',
  'Web',
  'Log',
  'Alertmanager',
  'Tenants',
  'Limits',
  'Alerts',
] as const;
export type Group = (typeof GROUPS)[number];

const pemFile = plainText('<file>', 'the path of a PEM file');
const filePath = plainText('<file>', 'the path of a file');

const hubble = { group: 'Hubble', reload: false } as const;
const state = { group: 'Configuration and state', reload: false, alsoEnv: [] } as const;
const web = { group: 'Web', reload: false, alsoEnv: [] } as const;
const limit = { group: 'Limits', reload: false, flag: undefined, alsoEnv: [] } as const;
const alertmanager = { group: 'Alertmanager', reload: false, flag: undefined, alsoEnv: [] } as const;
const alert = { group: 'Alerts', reload: true, flag: undefined, alsoEnv: [] } as const;

export const OPTIONS = {
  server: option({
    ...hubble,
    flag: 'server',
    alsoEnv: ['HUBBLE_SERVER'],
    file: 'server',
    kind: text({
      placeholder: '<address>',
      expected: 'host:port, tls://host:port or unix:///path/to/hubble.sock',
      examples: ['tls://hubble-relay.kube-system.svc.cluster.local:443'],
      parse: parseServer,
    }),
    default: 'hubble-relay.kube-system.svc.cluster.local:80',
    help: "Hubble Relay, or one node's Hubble: host:port, tls://host:port or unix:///var/run/cilium/hubble.sock.",
  }),
  tls: option({
    ...hubble,
    flag: 'tls',
    alsoEnv: ['HUBBLE_TLS'],
    file: 'tls.enabled',
    kind: yesOrNo(),
    default: false,
    help: 'Speak TLS to the server; also on when the address starts with tls://.',
  }),
  tlsAllowInsecure: option({
    ...hubble,
    flag: 'tls-allow-insecure',
    alsoEnv: ['HUBBLE_TLS_ALLOW_INSECURE'],
    file: 'tls.allowInsecure',
    kind: yesOrNo(),
    default: false,
    help: "Do not verify the server's certificate: whoever answers is believed. For a first try only.",
  }),
  tlsCaCertFiles: option({
    ...hubble,
    flag: 'tls-ca-cert-files',
    alsoEnv: ['HUBBLE_TLS_CA_CERT_FILES'],
    file: 'tls.caCertFiles',
    kind: listOf(pemFile),
    default: [],
    help: "Certificate authorities that may sign the server's certificate, PEM; repeatable. Without it: the system's.",
  }),
  tlsClientCertFile: option({
    ...hubble,
    flag: 'tls-client-cert-file',
    alsoEnv: ['HUBBLE_TLS_CLIENT_CERT_FILE'],
    file: 'tls.clientCertFile',
    kind: pemFile,
    default: undefined,
    help: 'Certificate to show to the server (mTLS), PEM; read again when it changes.',
  }),
  tlsClientKeyFile: option({
    ...hubble,
    flag: 'tls-client-key-file',
    alsoEnv: ['HUBBLE_TLS_CLIENT_KEY_FILE'],
    file: 'tls.clientKeyFile',
    kind: pemFile,
    default: undefined,
    help: 'Private key of that certificate, PEM.',
  }),
  tlsServerName: option({
    ...hubble,
    flag: 'tls-server-name',
    alsoEnv: ['HUBBLE_TLS_SERVER_NAME'],
    file: 'tls.serverName',
    kind: plainText('<name>', 'the name in the certificate, such as ui.hubble-relay.cilium.io'),
    default: undefined,
    help: "Name to expect in the server's certificate; Hubble Relay's does not hold its Service name: ui.hubble-relay.cilium.io fits.",
  }),
  flowsSince: option({
    ...hubble,
    flag: 'flows.since',
    alsoEnv: [],
    file: 'flows.since',
    kind: duration({ min: '0s', max: '30d', why: "Hubble's ring never reaches further back" }),
    default: 0,
    help: "How far back to read Hubble's ring at a first start.",
  }),
  flowsFilter: option({
    ...hubble,
    flag: 'flows.filter',
    alsoEnv: [],
    file: 'flows.filter',
    kind: oneOf(['judged', 'all']),
    default: 'judged',
    help: 'judged: the server sends only what is counted; all: everything, to reconcile it with what each node says it has seen.',
  }),

  configFile: option({
    ...state,
    flag: 'config.file',
    file: undefined,
    kind: filePath,
    default: undefined,
    help: 'YAML configuration file; read again on SIGHUP.',
  }),
  stateFile: option({
    ...state,
    flag: 'state.file',
    file: 'state.file',
    kind: filePath,
    default: undefined,
    help: 'Where the position in the stream, counted connections and open violations are kept between restarts. Without it: in memory only.',
  }),

  webListenAddress: option({
    ...web,
    flag: 'web.listen-address',
    file: 'web.listenAddress',
    kind: listOf(
      text({
        placeholder: '<address>',
        expected: '[host]:port, such as :9967',
        examples: [':9967'],
        parse: parseListenAddress,
      }),
    ),
    default: [':9967'],
    help: 'Address to serve metrics, the API and the page on; repeatable.',
  }),
  webTelemetryPath: option({
    ...web,
    flag: 'web.telemetry-path',
    file: 'web.telemetryPath',
    kind: text({ placeholder: '<path>', expected: 'a path such as /metrics', parse: parseTelemetryPath }),
    default: '/metrics',
    help: 'Path of the metrics.',
  }),
  webConfigFile: option({
    ...web,
    flag: 'web.config.file',
    file: 'web.configFile',
    kind: filePath,
    default: undefined,
    help: "TLS and basic auth for the web side, in the format of Prometheus' exporter-toolkit.",
  }),
  webEnableLifecycle: option({
    ...web,
    flag: 'web.enable-lifecycle',
    file: 'web.enableLifecycle',
    kind: yesOrNo(),
    default: false,
    help: 'Let POST /-/reload read the configuration again.',
  }),
  webExternalUrl: option({
    ...web,
    flag: 'web.external-url',
    file: 'web.externalUrl',
    kind: text({
      placeholder: '<url>',
      expected: 'a URL such as https://crosstalk.example.com',
      parse: parseExternalUrl,
    }),
    default: undefined,
    help: 'URL under which people reach this page: the base of links in alerts.',
  }),

  logLevel: option({
    group: 'Log',
    reload: false,
    alsoEnv: [],
    flag: 'log.level',
    file: 'log.level',
    kind: oneOf(['debug', 'info', 'warn', 'error']),
    default: 'info',
    help: 'Least severe messages to log.',
  }),
  logFormat: option({
    group: 'Log',
    reload: false,
    alsoEnv: [],
    flag: 'log.format',
    file: 'log.format',
    kind: oneOf(['json', 'pretty']),
    default: 'json',
    help: 'json: one object a line; pretty: for people.',
  }),

  alertmanagerUrl: option({
    ...alertmanager,
    flag: 'alertmanager.url',
    file: 'alertmanager.url',
    kind: listOf(
      text({
        placeholder: '<url>',
        expected: 'a URL such as http://alertmanager.monitoring.svc:9093',
        examples: ['http://alertmanager.monitoring.svc:9093'],
        parse: parseAlertmanagerUrl,
      }),
    ),
    default: [],
    help: 'Alertmanager to push violations to; repeatable: every one gets every alert, so name each replica.',
  }),
  alertmanagerUsername: option({
    ...alertmanager,
    file: 'alertmanager.basicAuth.username',
    kind: text({
      placeholder: '<name>',
      expected: 'a user name without a colon',
      parse: (given) =>
        given !== '' && !/[\p{Cc}:]/u.test(given)
          ? { ok: true, value: given }
          : { ok: false, expected: 'a user name without a colon' },
    }),
    default: undefined,
    help: 'User name for basic authentication.',
  }),
  alertmanagerPasswordFile: option({
    ...alertmanager,
    file: 'alertmanager.basicAuth.passwordFile',
    kind: filePath,
    default: undefined,
    help: 'File with the password for it; read again for each post.',
  }),
  alertmanagerBearerTokenFile: option({
    ...alertmanager,
    file: 'alertmanager.bearerTokenFile',
    kind: filePath,
    default: undefined,
    help: 'File with a bearer token; read again for each post.',
  }),
  alertmanagerCaFile: option({
    ...alertmanager,
    file: 'alertmanager.tls.caFile',
    kind: pemFile,
    default: undefined,
    help: "Certificate authorities that may sign Alertmanager's certificate, PEM; read again for each post. Without it: the system's.",
  }),
  alertmanagerCertFile: option({
    ...alertmanager,
    file: 'alertmanager.tls.certFile',
    kind: pemFile,
    default: undefined,
    help: 'Certificate to show to Alertmanager (mTLS), PEM; read again for each post.',
  }),
  alertmanagerKeyFile: option({
    ...alertmanager,
    file: 'alertmanager.tls.keyFile',
    kind: pemFile,
    default: undefined,
    help: 'Private key of that certificate, PEM.',
  }),
  alertmanagerServerName: option({
    ...alertmanager,
    file: 'alertmanager.tls.serverName',
    kind: plainText('<name>', 'the name in the certificate, such as alertmanager.example.com'),
    default: undefined,
    help: "Name to expect in Alertmanager's certificate, instead of the URL's host.",
  }),
  alertmanagerInsecureSkipVerify: option({
    ...alertmanager,
    file: 'alertmanager.tls.insecureSkipVerify',
    kind: yesOrNo(),
    default: false,
    help: "Do not verify Alertmanager's certificate: whoever answers gets the alerts and the credentials.",
  }),

  cluster: option({
    group: 'Tenants',
    reload: true,
    alsoEnv: [],
    flag: undefined,
    file: 'cluster',
    kind: text({
      placeholder: '<name>',
      expected: "the name of this cluster, as Cilium's cluster-name",
      parse: (given) =>
        /^[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/.test(given)
          ? { ok: true, value: given }
          : {
              ok: false,
              expected: 'a cluster name: letters, digits and - _ . between them, at most 63 characters',
            },
    }),
    default: 'default',
    help: 'The name that flows of this cluster carry (cluster-name in the cilium-config ConfigMap).',
  }),

  tenantPairs: option({
    ...limit,
    file: 'limits.tenantPairs',
    kind: wholeNumber({
      min: 1,
      max: 100_000,
      why: 'each pair is several series, and a scrape of more than that fails or stalls',
    }),
    default: 10_000,
    help: 'Most tenant pairs with series of their own; what goes beyond is counted under __overflow__.',
  }),
  trackedConnections: option({
    ...limit,
    file: 'limits.trackedConnections',
    kind: wholeNumber({
      min: 1000,
      max: 5_000_000,
      why: 'fewer count one connection twice under load, more take over a gigabyte',
    }),
    default: 200_000,
    help: 'Most cross-tenant connections remembered, so that each is counted once.',
  }),
  endpoints: option({
    ...limit,
    file: 'limits.endpoints',
    kind: wholeNumber({
      min: 1024,
      max: 1_048_576,
      why: 'fewer make every flow read its labels again, more take over a gigabyte',
    }),
    default: 65_536,
    help: 'Most endpoints remembered with the tenant they belong to.',
  }),
  crossings: option({
    ...limit,
    file: 'limits.crossings',
    kind: wholeNumber({ min: 1, max: 100_000, why: 'they are kept in memory and listed by the API' }),
    default: 1000,
    help: 'Most recent cross-tenant connections kept for the page and the API.',
  }),

  alertsHold: option({
    ...alert,
    file: 'alerts.hold',
    kind: duration({
      min: '10s',
      max: '24h',
      why: 'Alertmanager never tells of an alert that ends before its group_wait',
    }),
    default: 900_000,
    help: 'How long a violation is held after its last event.',
  }),
  alertsResend: option({
    ...alert,
    file: 'alerts.resend',
    kind: duration({
      min: '1s',
      max: '10m',
      why: 'each resend carries every open violation to every Alertmanager',
    }),
    default: 60_000,
    help: 'How often open violations are sent to Alertmanager again.',
  }),
} as const;

/** All rows, in the order of the table. */
export const ALL_OPTIONS: readonly AnyOption[] = Object.values(OPTIONS);

/** `CROSSTALK_` + the flag in upper snake case, first in the list; then other tools' names. */
export function environmentNames({ flag, alsoEnv }: Pick<AnyOption, 'flag' | 'alsoEnv'>): readonly string[] {
  return flag === undefined ? [] : [`CROSSTALK_${flag.replace(/[.-]/g, '_').toUpperCase()}`, ...alsoEnv];
}

/** The default as a person reads it; 'none' where there is none. */
export function defaultText(option: Pick<AnyOption, 'kind' | 'default'>): string {
  const { kind } = option;
  const isNone =
    option.default === undefined || (Array.isArray(option.default) && option.default.length === 0);
  if (isNone) return 'none';
  return kind.placeholder === '' ? (option.default === true ? 'on' : 'off') : kind.show(option.default);
}

function option<T, const D extends T | undefined>(row: Option<T, D>): Option<T, D> {
  return row;
}
