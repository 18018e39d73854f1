/**
 * Limits of the web side, against clients that are slow on purpose. Node.js' own
 * defaults wait 60 s for headers, 300 s for a request, look every 30 s and take
 * any number of connections: 300 of 300 idle sockets were alive after 14 s.
 */
import type { ServerOptions } from 'node:http';

export const SERVER_LIMITS = {
  /** A client in the same cluster needs milliseconds. */
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  /** Prometheus opens a connection a scrape when this is shorter than its interval, which costs it a millisecond. */
  keepAliveTimeout: 5_000,
  /** Ours is Basic auth and a query; 8 KiB is what common proxies allow too. */
  maxHeaderSize: 8 * 1_024,
} satisfies ServerOptions;

/** TLS clients are within a few round trips. */
export const HANDSHAKE_TIMEOUT_MS = 5_000;

/** Three times Prometheus' default scrape timeout: beyond it, whoever reads this slowly does not want the answer. */
export const RESPONSE_TIMEOUT_MS = 30_000;

/** Open connections of each listener, at most. */
export const MAX_CONNECTIONS = 64;

/**
 * From here on a newcomer takes another's place (crowd.ts). Two Prometheus, a few people and the probes use
 * about ten. Well below the bound, because a burst is accepted in one turn of the event loop, in which those
 * that had to go still count for Node.js.
 */
export const CROWDED = 32;
