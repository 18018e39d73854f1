/** JSON lines by pino: `level`, `time` (ISO 8601), `event` (from the closed list {@link LogEvent}), `msg`. */
import pino, { type DestinationStream } from 'pino';

/** Values of `event` in log lines: a closed list that people may build on. */
export type LogEvent =
  | 'agreement_ended'
  | 'alert_refused'
  | 'alertmanager_failed'
  | 'alertmanager_recovered'
  | 'alerts_limit'
  | 'alerts_sent'
  | 'attribution_conflict'
  | 'attribution_limit'
  | 'cluster_name_mismatch'
  | 'config_reload_failed'
  | 'config_reloaded'
  | 'config_warning'
  | 'cross_tenant_connection'
  | 'cross_tenant_connections_held_back'
  | 'demo_story'
  | 'events_lost'
  | 'field_mask_refused'
  | 'flows_unseen'
  | 'node_state'
  | 'plain_reading'
  | 'request_failed'
  | 'shutting_down'
  | 'started'
  | 'state_file'
  | 'stream_ended'
  | 'stream_opened'
  | 'stream_proven'
  | 'uncaught_exception'
  | 'unhandled_rejection'
  | 'web_config_reload_failed'
  | 'web_config_reloaded'
  | 'web_listening';

/** What the daemon asks of a logger. `fields` always carry `event`. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  fatal(fields: LogFields, message: string): void;
}

export interface LogFields {
  readonly event: LogEvent;
  readonly [field: string]: unknown;
}

/** @param destination where lines go; standard output by default */
export async function createLog(
  options: { level: string; format: 'json' | 'pretty'; /** Only for `pretty`. */ colorize?: boolean },
  destination?: DestinationStream,
): Promise<Log> {
  const settings: pino.LoggerOptions = {
    level: options.level,
    base: null, // pid and hostname: the collector knows them better
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  };
  if (options.format === 'json') return pino(settings, destination);
  // For people only: a daemon that writes JSON does without a megabyte of it.
  const { prettyFactory } = await import('pino-pretty');
  const readable = prettyFactory({
    translateTime: 'SYS:HH:MM:ss',
    hideObject: true,
    colorize: options.colorize ?? false,
  });
  const out = destination ?? pino.destination(1);
  return pino(settings, {
    write(line) {
      out.write(readable(line));
    },
  });
}
