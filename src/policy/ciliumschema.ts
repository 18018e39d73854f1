/**
 * What a CiliumNetworkPolicy may contain, as the custom resource's schema has it
 * (cilium pkg/k8s/apis/cilium.io/client/crds/v2/ciliumnetworkpolicies.yaml, 1.19).
 * Strict: what is not here is an error, because a field that is dropped makes
 * another policy of it.
 */
import { z } from 'zod';
import { ENTITIES } from './entity.js';
import { layer7, listener, name, tls } from './layer7schema.js';
import { list, selector, text } from './shape.js';

/** At most this many in one list (pkg/policy/api/rule_validation.go, maxPorts and maxICMPFields). */
export const MOST_PORTS = 40;

const portProtocol = z.strictObject(
  {
    port: text('a port as text, in quotes, such as "8443"').optional(),
    endPort: z
      .int('a port from 0 to 65535')
      .min(0, 'a port from 0 to 65535')
      .max(65_535, 'a port from 0 to 65535')
      .optional(),
    protocol: z
      .enum(['TCP', 'UDP', 'SCTP', 'VRRP', 'IGMP', 'ANY'], 'one of TCP, UDP, SCTP, VRRP, IGMP, ANY')
      .optional(),
  },
  'a mapping with port and protocol',
);

const ports = z
  .array(portProtocol, 'a list of ports')
  .max(MOST_PORTS, `at most ${MOST_PORTS} ports: split the list`)
  .optional();

const portRule = z.strictObject(
  {
    ports,
    terminatingTLS: tls.optional(),
    originatingTLS: tls.optional(),
    serverNames: z
      .array(text('a server name').min(1, 'a server name'), 'a list of server names')
      .min(1, 'at least one server name, or the field left out')
      .optional(),
    listener: listener.optional(),
    rules: layer7.optional(),
  },
  'a mapping with ports',
);

const icmps = list(
  z.strictObject(
    {
      fields: z
        .array(
          z.strictObject(
            {
              family: z.enum(['IPv4', 'IPv6'], 'IPv4 or IPv6').optional(),
              type: z.union([z.int(), z.string()], 'an ICMP type, by number or name'),
            },
            'a mapping with family and type',
          ),
          'a list of ICMP types',
        )
        .max(MOST_PORTS, `at most ${MOST_PORTS} types: split the list`)
        .optional(),
    },
    'a mapping with fields',
  ),
  'ICMP rules',
);

const block = z.strictObject(
  {
    cidr: text('a block of addresses such as 10.0.0.0/8').optional(),
    cidrGroupRef: text('the name of a CiliumCIDRGroup').optional(),
    cidrGroupSelector: selector.optional(),
    except: list(text('a block of addresses such as 10.0.0.0/8'), 'blocks of addresses'),
  },
  'a mapping with cidr, cidrGroupRef or cidrGroupSelector',
);

const group = z.strictObject(
  {
    aws: z
      .strictObject({
        labels: z.record(z.string(), text('text'), 'labels as `key: value`').optional(),
        region: text('a region').optional(),
        securityGroupsIds: list(text('an id'), 'ids'),
        securityGroupsNames: list(text('a name'), 'names'),
      })
      .optional(),
  },
  'a group of a cloud provider',
);

const service = z.strictObject(
  {
    k8sService: z
      .strictObject({ serviceName: text('a name').optional(), namespace: text('a namespace').optional() })
      .optional(),
    k8sServiceSelector: z.strictObject({ selector, namespace: text('a namespace').optional() }).optional(),
  },
  'a mapping with k8sService or k8sServiceSelector',
);

/** Taken away in Cilium 1.19, whose schema takes the empty list only. */
const requires = z
  .array(z.unknown(), 'nothing: requirements are gone since Cilium 1.19')
  .max(
    0,
    'nothing: Cilium 1.19 took requirements away, and refuses the policy; write the labels into each selector of the list of endpoints',
  )
  .optional();

const entities = list(z.enum(ENTITIES, `an entity, one of ${ENTITIES.join(', ')}`), 'entities');
const blocks = list(text('a block of addresses such as 10.0.0.0/8'), 'blocks of addresses');
const authentication = z
  .strictObject({
    mode: z.enum(['disabled', 'required', 'test-always-fail'], 'one of disabled, required, test-always-fail'),
  })
  .optional();

const from = {
  fromEndpoints: list(selector, 'selectors'),
  fromRequires: requires,
  fromCIDR: blocks,
  fromCIDRSet: list(block, 'blocks of addresses'),
  fromEntities: entities,
  fromGroups: list(group, 'groups'),
  fromNodes: list(selector, 'selectors'),
};
const to = {
  toEndpoints: list(selector, 'selectors'),
  toRequires: requires,
  toCIDR: blocks,
  toCIDRSet: list(block, 'blocks of addresses'),
  toEntities: entities,
  toServices: list(service, 'services'),
  toGroups: list(group, 'groups'),
  toNodes: list(selector, 'selectors'),
};
const allowed = { toPorts: list(portRule, 'port rules'), icmps, authentication };
const denied = { toPorts: list(z.strictObject({ ports }, 'a mapping with ports'), 'port rules'), icmps };

const ingress = z.strictObject({ ...from, ...allowed }, 'a rule');
const ingressDeny = z.strictObject({ ...from, ...denied }, 'a rule');
const egress = z.strictObject({ ...to, ...allowed, toFQDNs: list(name, 'DNS names') }, 'a rule');
const egressDeny = z.strictObject({ ...to, ...denied }, 'a rule');

const spec = z.strictObject(
  {
    endpointSelector: selector.optional(),
    nodeSelector: selector.optional(),
    ingress: list(ingress, 'rules'),
    ingressDeny: list(ingressDeny, 'rules'),
    egress: list(egress, 'rules'),
    egressDeny: list(egressDeny, 'rules'),
    enableDefaultDeny: z
      .strictObject({
        ingress: z.boolean('true or false').optional(),
        egress: z.boolean('true or false').optional(),
      })
      .optional(),
    labels: list(
      z.strictObject(
        { key: text('a key'), source: text('a source'), value: text('text').optional() },
        'a label',
      ),
      'labels',
    ),
    description: text('text').optional(),
    log: z.strictObject({ value: text('text').optional() }).optional(),
  },
  'a mapping with endpointSelector and rules',
);

export const ciliumObject = z.strictObject({
  apiVersion: z.literal('cilium.io/v2', 'cilium.io/v2'),
  kind: z.string(),
  metadata: z.looseObject({}),
  spec: spec.optional(),
  specs: list(spec, 'specs'),
  status: z.unknown().optional(),
});

export type WrittenSpec = z.infer<typeof spec>;
export type WrittenIngress = z.infer<typeof ingress>;
export type WrittenEgress = z.infer<typeof egress>;
/** What rules that allow and rules that deny have in common; the rest is missing in the latter. */
export type WrittenRule = Partial<WrittenIngress & WrittenEgress>;
export type WrittenPortRule = z.infer<typeof portRule>;
export type WrittenPort = z.infer<typeof portProtocol>;
export type WrittenIcmps = z.infer<typeof icmps>;
export type WrittenBlock = z.infer<typeof block>;
