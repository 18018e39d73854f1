/**
 * The configuration, fully resolved: flags over environment over file over
 * defaults. Pure: what was said comes in, a Config or every problem comes out.
 */
import type { ExpectedTraffic, TenancyRules } from '../model.js';
import { consistencyProblems } from './consistency.js';
import { unknownVariables, type Environment } from './environment.js';
import { readFileText, type ConfigText, type FileContent } from './file.js';
import { ALL_OPTIONS, environmentNames, OPTIONS, type AnyOption, type Option } from './options.js';
import { quoted, type Problem } from './problem.js';

/** What flags and environment said. Kept, because a reload reads the file again under them. */
export interface Inputs {
  /** By flag without dashes; every occurrence, as text. */
  readonly flags: Readonly<Record<string, readonly string[]>>;
  readonly env: Environment;
}

/** Where a setting's value came from, for people who wonder. */
export interface Setting {
  /** Place in the file, or the flag of the one setting that has none. */
  readonly name: string;
  readonly value: string;
  readonly from: 'flag' | 'environment' | 'file' | 'default';
  /** `--server`, `HUBBLE_SERVER`, `crosstalk.yaml:3:9`; '' for a default. */
  readonly via: string;
}

export interface Config {
  /** As given: `host:port`, `tls://host:port` or `unix:///path`. */
  readonly server: string;
  readonly tls: {
    /** By `--tls` or by `tls://` in front of the server. */
    readonly enabled: boolean;
    readonly allowInsecure: boolean;
    /** Empty: the system's authorities. */
    readonly caCertFiles: readonly string[];
    readonly clientCertFile: string | undefined;
    readonly clientKeyFile: string | undefined;
    readonly serverName: string | undefined;
  };
  readonly configFile: string | undefined;
  readonly stateFile: string | undefined;
  readonly flows: { readonly sinceMs: number; readonly filter: 'judged' | 'all' };
  readonly web: {
    readonly listenAddresses: readonly string[];
    readonly telemetryPath: string;
    readonly configFile: string | undefined;
    readonly enableLifecycle: boolean;
    /** Without a trailing slash. */
    readonly externalUrl: string | undefined;
  };
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly format: 'json' | 'pretty' };
  readonly tenancy: TenancyRules;
  readonly expected: readonly ExpectedTraffic[];
  readonly limits: {
    readonly tenantPairs: number;
    readonly trackedConnections: number;
    readonly endpoints: number;
    readonly crossings: number;
  };
  readonly alerts: { readonly holdMs: number; readonly resendMs: number };
  /** Where violations are pushed to, and how; all of them the same way. */
  readonly alertmanager: {
    /** Without credentials and without a trailing slash. */
    readonly urls: readonly string[];
    readonly basicAuth: { readonly username: string; readonly passwordFile: string } | undefined;
    readonly bearerTokenFile: string | undefined;
    readonly tls: {
      /** undefined: the system's authorities. */
      readonly caFile: string | undefined;
      readonly certFile: string | undefined;
      readonly keyFile: string | undefined;
      readonly serverName: string | undefined;
      readonly insecureSkipVerify: boolean;
    };
  };
  /** Every setting with its origin, in the order of the table. No secrets: files are named, never read here. */
  readonly settings: readonly Setting[];
  readonly inputs: Inputs;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface ConfigSources {
  readonly inputs: Inputs;
  /** undefined: none was named. */
  readonly file: ConfigText | undefined;
  /** Milliseconds since the epoch, for agreements that have ended. */
  readonly now: number;
  /** The flags that count for this command; the settings of others keep their defaults. Without it: all. */
  readonly scope?: readonly AnyOption[];
}

/** Reads everything that was said and finds every problem in it, not only the first. */
export function readConfig({ inputs, file, now, scope = ALL_OPTIONS }: ConfigSources): ConfigResult {
  const content = file === undefined ? undefined : readFileText(file, now);
  const problems: Problem[] = [...unknownVariables(inputs.env), ...(content?.problems ?? [])];
  const settings = new Map<AnyOption, Setting>();
  const get = <T, D extends T | undefined>(option: Option<T, D>): T | D => {
    const counts = option.flag === undefined || scope.includes(option);
    const { value, ...from } = counts
      ? resolve(option, inputs, content, problems)
      : { value: option.default, from: 'default' as const, via: '' };
    const isList = Array.isArray(value) && value.length === 0;
    const shown = value === undefined || isList ? '' : option.kind.show(value);
    settings.set(option, { name: option.file ?? option.flag ?? '', value: shown, ...from });
    return value;
  };
  const config = assemble(get, content);
  const whole = { ...config, settings: ALL_OPTIONS.flatMap((option) => settings.get(option) ?? []), inputs };
  const consistency = consistencyProblems(
    whole,
    (option) => placeOf(option, settings.get(option), content),
    (option) => isSet(settings.get(option)),
  );
  problems.push(...consistency.problems);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, config: whole, warnings: [...(content?.warnings ?? []), ...consistency.warnings] };
}

function assemble(
  get: <T, D extends T | undefined>(option: Option<T, D>) => T | D,
  content: FileContent | undefined,
): Omit<Config, 'settings' | 'inputs'> {
  const server = get(OPTIONS.server);
  const tls = get(OPTIONS.tls);
  return {
    server,
    tls: {
      enabled: tls || server.startsWith('tls://'),
      allowInsecure: get(OPTIONS.tlsAllowInsecure),
      caCertFiles: get(OPTIONS.tlsCaCertFiles),
      clientCertFile: get(OPTIONS.tlsClientCertFile),
      clientKeyFile: get(OPTIONS.tlsClientKeyFile),
      serverName: get(OPTIONS.tlsServerName),
    },
    flows: { sinceMs: get(OPTIONS.flowsSince), filter: get(OPTIONS.flowsFilter) },
    configFile: get(OPTIONS.configFile),
    stateFile: get(OPTIONS.stateFile),
    web: {
      listenAddresses: get(OPTIONS.webListenAddress),
      telemetryPath: get(OPTIONS.webTelemetryPath),
      configFile: get(OPTIONS.webConfigFile),
      enableLifecycle: get(OPTIONS.webEnableLifecycle),
      externalUrl: get(OPTIONS.webExternalUrl),
    },
    log: { level: get(OPTIONS.logLevel), format: get(OPTIONS.logFormat) },
    tenancy: {
      cluster: get(OPTIONS.cluster),
      namespaces: content?.namespaces ?? [],
      platformNamespaces: content?.platformNamespaces ?? [],
    },
    expected: content?.expected ?? [],
    limits: {
      tenantPairs: get(OPTIONS.tenantPairs),
      trackedConnections: get(OPTIONS.trackedConnections),
      endpoints: get(OPTIONS.endpoints),
      crossings: get(OPTIONS.crossings),
    },
    alerts: { holdMs: get(OPTIONS.alertsHold), resendMs: get(OPTIONS.alertsResend) },
    alertmanager: {
      urls: get(OPTIONS.alertmanagerUrl),
      basicAuth: bothOrNothing(get(OPTIONS.alertmanagerUsername), get(OPTIONS.alertmanagerPasswordFile)),
      bearerTokenFile: get(OPTIONS.alertmanagerBearerTokenFile),
      tls: {
        caFile: get(OPTIONS.alertmanagerCaFile),
        certFile: get(OPTIONS.alertmanagerCertFile),
        keyFile: get(OPTIONS.alertmanagerKeyFile),
        serverName: get(OPTIONS.alertmanagerServerName),
        insecureSkipVerify: get(OPTIONS.alertmanagerInsecureSkipVerify),
      },
    },
  };
}

/** One without the other is a problem of its own. */
function bothOrNothing(
  username: string | undefined,
  passwordFile: string | undefined,
): Config['alertmanager']['basicAuth'] {
  return username === undefined || passwordFile === undefined ? undefined : { username, passwordFile };
}

type Resolved<V> = { readonly value: V } & Pick<Setting, 'from' | 'via'>;

/** The first layer that says anything decides; when what it says is wrong, that is a problem and no lower layer is asked. */
function resolve<T, D extends T | undefined>(
  option: Option<T, D>,
  { flags, env }: Inputs,
  content: FileContent | undefined,
  problems: Problem[],
): Resolved<T | D> {
  const fallback = { value: option.default, from: 'default', via: '' } as const;
  const given = option.flag === undefined ? undefined : flags[option.flag];
  if (given !== undefined && given.length > 0) {
    return readTexts(option, given, { from: 'flag', via: `--${option.flag ?? ''}` }, problems);
  }
  const name = environmentNames(option).find((variable) => env[variable] !== undefined);
  if (name !== undefined) {
    return readTexts(option, [env[name] ?? ''], { from: 'environment', via: name }, problems);
  }
  const raw = option.file === undefined ? undefined : content?.at(option.file);
  if (content === undefined || option.file === undefined || raw === undefined) return fallback;
  // What does not fit here is among the file's problems already.
  const read = option.kind.file.safeParse(raw);
  return read.success
    ? { value: read.data, from: 'file', via: content.problem(option.file, '').where }
    : fallback;
}

function readTexts<T, D extends T | undefined>(
  option: Option<T, D>,
  texts: readonly string[],
  origin: Pick<Setting, 'from' | 'via'>,
  problems: Problem[],
): Resolved<T | D> {
  const refuse = (message: string): Resolved<D> => {
    problems.push({ where: origin.via, line: 0, column: 0, path: '', message });
    return { value: option.default, ...origin };
  };
  if (texts.length > 1 && !option.kind.repeatable) {
    return refuse(`given ${texts.length} times (${texts.map(quoted).join(', ')}), expected once`);
  }
  const read = option.kind.read(texts);
  if (!read.ok) return refuse(`got ${texts.map(quoted).join(', ')}, expected ${read.expected}`);
  return { value: read.value, ...origin };
}

/** Whether anyone said it, however it was said. */
function isSet(setting: Setting | undefined): boolean {
  return setting !== undefined && setting.from !== 'default';
}

/** Where a problem that concerns a setting's value is to be reported. */
function placeOf(
  option: AnyOption,
  setting: Setting | undefined,
  content: FileContent | undefined,
): (message: string) => Problem {
  return (message) => {
    if (setting?.from === 'file' && option.file !== undefined && content !== undefined) {
      return content.problem(option.file, message);
    }
    const where =
      setting?.via !== undefined && setting.via !== ''
        ? setting.via
        : `--${option.flag ?? option.file ?? ''}`;
    return { where, line: 0, column: 0, path: '', message };
  };
}
