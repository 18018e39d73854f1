/** The part of a Cilium policy's schema that is about what is said inside a connection. */
import { z } from 'zod';
import { list, text } from './shape.js';

const secret = z.strictObject({
  name: text('the name of a Secret'),
  namespace: text('a namespace').optional(),
});

export const tls = z.strictObject(
  {
    secret,
    trustedCA: text('the name of an item').optional(),
    certificate: text('the name of an item').optional(),
    privateKey: text('the name of an item').optional(),
  },
  'a TLS context with a secret',
);

const http = z.strictObject(
  {
    path: text('a regular expression').optional(),
    method: text('a regular expression').optional(),
    host: text('a regular expression').optional(),
    headers: list(text('a header as text'), 'headers'),
    headerMatches: list(
      z.strictObject({
        mismatch: z.enum(['LOG', 'ADD', 'DELETE', 'REPLACE'], 'one of LOG, ADD, DELETE, REPLACE').optional(),
        name: text('the name of a header').min(1, 'the name of a header'),
        value: text('a value').optional(),
        secret: secret.optional(),
      }),
      'header matches',
    ),
  },
  'an HTTP rule',
);

const kafka = z.strictObject(
  {
    role: z.enum(['produce', 'consume'], 'one of produce, consume').optional(),
    apiKey: text('a name').optional(),
    apiVersion: text('a version as text').optional(),
    clientID: text('a name').optional(),
    topic: text('a name').max(255, 'at most 255 characters').optional(),
  },
  'a Kafka rule',
);

export const name = z.strictObject(
  { matchName: text('a DNS name').optional(), matchPattern: text('a pattern of DNS names').optional() },
  'a mapping with either matchName or matchPattern',
);

export const layer7 = z.strictObject(
  {
    http: list(http, 'HTTP rules'),
    kafka: list(kafka, 'Kafka rules'),
    dns: list(name, 'DNS rules'),
    l7proto: text('the name of a protocol').optional(),
    l7: list(z.record(z.string(), text('text'), 'pairs of key and value'), 'pairs of key and value'),
  },
  'rules of one protocol: http, kafka, dns, or l7proto with l7',
);

export const listener = z.strictObject({
  envoyConfig: z.strictObject({
    kind: z
      .enum(
        ['CiliumEnvoyConfig', 'CiliumClusterwideEnvoyConfig'],
        'CiliumEnvoyConfig or CiliumClusterwideEnvoyConfig',
      )
      .optional(),
    name: text('the name of an Envoy configuration').min(1, 'the name of an Envoy configuration'),
  }),
  name: text('the name of a listener').min(1, 'the name of a listener'),
  priority: z
    .int('a number from 1 to 100')
    .min(1, 'a number from 1 to 100')
    .max(100, 'a number from 1 to 100')
    .optional(),
});
