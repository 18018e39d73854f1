/** Label values of `crosstalk_hubble_streams_ended_total{reason}`: a closed set. */
export const END_REASONS = [
  // It could not be reached.
  'name_not_found',
  'refused',
  'unreachable',
  // It was reached, but the two sides do not speak the same.
  'server_speaks_tls',
  'server_speaks_plaintext',
  'certificate',
  'unauthenticated',
  'permission_denied',
  'unimplemented',
  'invalid_request',
  // It spoke, and then no more.
  'no_nodes',
  'first_message_timeout',
  'stalled',
  'closed_by_server',
  'reset',
  'unavailable',
  'message_too_large',
  'too_many_pings',
  // We left.
  'goaway',
  'recycled',
  'certificates_changed',
  'shutdown',
  'other',
] as const;
export type EndReason = (typeof END_REASONS)[number];

/** Why a stream ended: the reason for counting, the message for searching, the hint for acting. */
export interface Failure {
  readonly reason: EndReason;
  /** What the other side or the system said, or what we saw. */
  readonly message: string;
  /** One sentence for the platform engineer: what to look at or change. */
  readonly hint: string;
}

/** Largest message that is read: thousands of times a flow, and still no way to fill the memory. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

const HINTS: Record<EndReason, string> = {
  name_not_found:
    'The name does not resolve from here: check --server, the namespace in it, and that this pod may ask the cluster DNS.',
  refused:
    'Nothing listens there: check the port of --server (the relay Service has 80, or 443 with TLS) and that hubble-relay is running (kubectl -n kube-system get pods -l k8s-app=hubble-relay).',
  unreachable:
    'No answer at all: a NetworkPolicy or firewall may drop the packets; this pod needs egress to hubble-relay, which listens on port 4245.',
  server_speaks_tls: 'The server expects TLS: add --tls, or write --server tls://host:port.',
  server_speaks_plaintext: 'The server does not speak TLS: remove --tls, or write --server host:port.',
  certificate: 'The certificates do not fit: check --tls-ca-cert-files and --tls-server-name.',
  unauthenticated:
    'The server wants to know who we are: give --tls-client-cert-file and --tls-client-key-file, or allow this client in whatever stands before the relay.',
  permission_denied:
    'The server knows us and refuses: allow this client in whatever stands before the relay.',
  unimplemented:
    "What answers is not Hubble's Observer service: check that --server names hubble-relay (or a node's Hubble) and no other gRPC or HTTP server.",
  invalid_request:
    'The server refuses the request: its Hubble may be newer or older than the versions this one knows.',
  no_nodes:
    'The relay runs but reaches no node: look at its log, at hubble.enabled on the agents, and at the certificates between relay and agents (kubectl -n kube-system logs deploy/hubble-relay).',
  first_message_timeout:
    'The connection stands, but the stream stays silent: the relay may be overloaded or stuck; look at its log and its CPU.',
  stalled:
    'The server stopped answering health checks while the connection stayed open: it may be frozen, out of CPU, or cut off by the network.',
  closed_by_server: 'The server ended the stream in good order, as it does when it shuts down; we come back.',
  reset: 'The connection was cut: the relay restarted, or something between closes long connections.',
  unavailable: 'The server says that it cannot serve now: look at the log of hubble-relay.',
  message_too_large: `One message is larger than ${MAX_MESSAGE_BYTES / 1024 / 1024} MiB, which no flow is: check that --server names a Hubble.`,
  too_many_pings: 'Something before the relay forbids our keepalive pings: let it allow one ping in 30 s.',
  goaway:
    'The server asked us to move to a new connection, as proxies and restarting servers do; we come back.',
  recycled: 'We opened the stream anew to re-read what did not reach us.',
  certificates_changed: 'The certificate files changed; we come back with the new ones.',
  shutdown: 'Crosstalk is shutting down.',
  other: 'Look at the message, and at the log of hubble-relay at this time.',
};

/** A failure with the hint of its reason, or a more particular one. */
export function failure(reason: EndReason, message: string, hint: string = HINTS[reason]): Failure {
  return { reason, message: message === '' ? reason : message, hint };
}

/** An error that already knows its reason; `answered` is true when the server itself said so. */
export class RelayError extends Error {
  override readonly name = 'RelayError';
  readonly failure: Failure;
  readonly answered: boolean;
  constructor(failure: Failure, answered: boolean) {
    super(failure.message);
    this.failure = failure;
    this.answered = answered;
  }
}

/** Ends that are an agreement to move, not a fault: the next attempt need not wait. */
export function isMove(reason: EndReason): boolean {
  return reason === 'goaway' || reason === 'recycled' || reason === 'certificates_changed';
}
