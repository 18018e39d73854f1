import { MAX_MESSAGE_BYTES } from './failures.js';

/**
 * Options of the channel (grpc-js 1.14, channel-options.d.ts), each with its
 * reason. A misspelled name is silently ignored; a test holds them to the type.
 */
export const CHANNEL_OPTIONS = {
  // A peer that vanished without a FIN would never be noticed: off by default. Longer than the
  // health poll, because a Go server allows one ping in 5 minutes unless other frames come between.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  // Go servers answer a ping on a connection without calls with GOAWAY.
  'grpc.keepalive_permit_without_calls': 0,
  // Said aloud; the default of 4 MiB is ample for flows, but one large message would end every stream that re-reads it.
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  // With HTTP/2's 64 KiB the server waits for us every 50 flows, and we for it; measured, a window of
  // 1 MiB reads half as many flows again a second of CPU (npm run bench). It is also the most that can be
  // received and not yet judged: some 800 flows, a few milliseconds of work.
  'grpc-node.flow_control_window': 1024 * 1024,
  // The default waits up to 120 s for the next attempt. We make a new channel for each attempt anyway.
  'grpc.initial_reconnect_backoff_ms': 500,
  'grpc.max_reconnect_backoff_ms': 10_000,
  // A relay that moved is found again soon.
  'grpc.dns_min_time_between_resolutions_ms': 5_000,
  // The subscription retries; a transparent retry would be a stream that nobody knows of.
  'grpc.enable_retries': 0,
  // No TXT look-ups for a service config.
  'grpc.service_config_disable_resolution': 1,
  // A new client is a new connection with new certificates, not a shared old one.
  'grpc.use_local_subchannel_pool': 1,
  // An http_proxy in the environment must not reroute what a security decision rests on.
  'grpc.enable_http_proxy': 0,
  // Costs time on every message and nobody reads it.
  'grpc.enable_channelz': 0,
} as const;

/**
 * The relay's certificate is for `*.hubble-relay.cilium.io`, not for the name
 * of its Service: what is checked, and what is asked for (SNI, :authority), is
 * this name instead.
 */
export function serverNameOptions(serverName: string | undefined): Record<string, string> {
  if (serverName === undefined) return {};
  return { 'grpc.ssl_target_name_override': serverName, 'grpc.default_authority': serverName };
}
