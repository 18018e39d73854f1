/** What a NetworkPolicy may contain (k8s.io/api networking/v1). Null is as good as absent there, and is taken away before. */
import { z } from 'zod';
import { list, selector, text } from './shape.js';

const port = z.strictObject(
  {
    protocol: z.enum(['TCP', 'UDP', 'SCTP'], 'one of TCP, UDP, SCTP').optional(),
    port: z.union([z.int(), z.string()], 'a port by number or name').optional(),
    endPort: z.int('a port from 1 to 65535').optional(),
  },
  'a mapping with port and protocol',
);

const peer = z.strictObject(
  {
    podSelector: selector.optional(),
    namespaceSelector: selector.optional(),
    ipBlock: z
      .strictObject(
        {
          cidr: text('a block of addresses such as 10.0.0.0/8'),
          except: list(text('a block of addresses such as 10.0.0.0/8'), 'blocks of addresses'),
        },
        'a mapping with cidr',
      )
      .optional(),
  },
  'a mapping with podSelector, namespaceSelector or ipBlock',
);

const spec = z.strictObject(
  {
    podSelector: selector.optional(),
    ingress: list(
      z.strictObject({ from: list(peer, 'peers'), ports: list(port, 'ports') }, 'a rule'),
      'rules',
    ),
    egress: list(z.strictObject({ to: list(peer, 'peers'), ports: list(port, 'ports') }, 'a rule'), 'rules'),
    policyTypes: z
      .array(z.enum(['Ingress', 'Egress'], 'Ingress or Egress'), 'a list of Ingress and Egress')
      .max(2, 'Ingress and Egress once each')
      .optional(),
  },
  'a mapping with podSelector and rules',
);

export const networkObject = z.strictObject({
  apiVersion: z.literal('networking.k8s.io/v1', 'networking.k8s.io/v1'),
  kind: z.string(),
  metadata: z.looseObject({}),
  spec: spec.optional(),
  status: z.unknown().optional(),
});

export type WrittenNetworkSpec = z.infer<typeof spec>;
export type WrittenPeer = z.infer<typeof peer>;
export type WrittenNetworkPort = z.infer<typeof port>;
