/** A relay with TLS as Cilium's chart sets it up (hubble.relay.tls.server), before nodes without. */
import type { authority } from './certificates.mjs';
import { startNode, startRelay, stop } from './cluster.mjs';
import type { HubbleVersion } from './setup.js';
import { type Node, peers, type Relay } from './stage.js';

export type Authority = Awaited<ReturnType<typeof authority>>;
type Certificate = Awaited<ReturnType<Authority['issue']>>;

/** The names in the secrets hubble-relay-server-certs and hubble-ui-client-certs. */
export const RELAY_NAME = '*.hubble-relay.cilium.io';
export const CLIENT_NAME = '*.hubble-ui.cilium.io';

export interface Secured {
  readonly node: Node;
  readonly relay: Relay;
  close(): Promise<void>;
}

/** @param options clients: whose clients it lets in; anybody where not given. server: none is a relay without TLS */
export async function secure(
  { programs }: HubbleVersion,
  options: { server?: Certificate; clients?: Authority },
): Promise<Secured> {
  const { server, clients } = options;
  const node = await startNode(programs.node, { name: 'node-1', background: '100ms' });
  await node.setPeers(peers([node]));
  const relay = await startRelay(programs.relay, node.hubble, {
    ...(server !== undefined && {
      'disable-server-tls': false,
      'tls-relay-server-cert-file': server.certFile,
      'tls-relay-server-key-file': server.keyFile,
    }),
    ...(clients !== undefined && { 'tls-relay-client-ca-files': clients.certFile }),
  });
  return {
    node,
    relay,
    async close() {
      await stop(relay);
      await stop(node);
    },
  };
}

/** The command line of a client that trusts `ca`, expects `name` and shows `identity`. */
export function tlsFlags(options: { ca: Authority; name?: string; identity?: Certificate }): string[] {
  const { ca, name = 'ui.hubble-relay.cilium.io', identity } = options;
  return [
    '--tls',
    `--tls-ca-cert-files=${ca.certFile}`,
    ...(name === '' ? [] : [`--tls-server-name=${name}`]),
    ...(identity === undefined
      ? []
      : [`--tls-client-cert-file=${identity.certFile}`, `--tls-client-key-file=${identity.keyFile}`]),
  ];
}
