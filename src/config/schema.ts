/**
 * The file's schema: the options that have a place in the file, and the parts
 * that only the file has. Strict: an unknown key is an error. Messages of issues
 * are what was expected, in words; file.ts makes sentences of them.
 */
import { z } from 'zod';
import type { ExpectedTraffic, NamespaceRule } from '../model.js';
import { PORT, parsePort, parseReason, parseSide, parseUntil, REASON, SIDE, UNTIL } from './agreement.js';
import { parsed } from './kinds.js';
import { ALL_OPTIONS, defaultText, environmentNames, type AnyOption } from './options.js';
import {
  DISPLAY_NAME,
  parseDisplayName,
  parseNamespacePattern,
  parseVClusterName,
  VCLUSTER_NAME,
} from './patterns.js';

const namespacePattern = parsed(
  z.string({ error: 'a host namespace such as vcluster-team-a, or with a * at the end' }),
  parseNamespacePattern,
).describe('Host namespace: exact, or with a * at the end.');

export const namespaceRule: z.ZodType<NamespaceRule> = z
  .strictObject(
    {
      namespace: namespacePattern,
      vcluster: parsed(z.string({ error: VCLUSTER_NAME }), parseVClusterName).describe(
        'The vCluster whose pods run in this namespace.',
      ),
      name: parsed(z.string({ error: DISPLAY_NAME }), parseDisplayName)
        .optional()
        .describe(
          'Display name in labels, the API and logs. Entries that share name and vcluster are one tenant.',
        ),
    },
    { error: 'namespace, vcluster and optionally name' },
  )
  .transform(({ namespace, vcluster, name }) => ({ namespace, vcluster, name }));

export const expectedTraffic: z.ZodType<ExpectedTraffic> = z
  .strictObject(
    {
      source: parsed(z.string({ error: SIDE }), parseSide).describe(
        'The tenant that opens the connection, by its shown name; * is any.',
      ),
      destination: parsed(z.string({ error: SIDE }), parseSide).describe(
        'The tenant it connects to, by its shown name; * is any.',
      ),
      ports: z
        .array(parsed(z.string({ error: PORT }).meta({ examples: ['5432/tcp'] }), parsePort), {
          error: `a list such as [5432/tcp]`,
        })
        .min(1, { error: 'at least one port; leave ports out to mean any' })
        .optional()
        .describe('Destination ports with protocol, or icmp. Without it: any.'),
      reason: parsed(z.string({ error: REASON }), parseReason).describe('Who agreed to it and why.'),
      until: parsed(z.string({ error: UNTIL }).meta({ examples: ['2027-03-01'] }), parseUntil)
        .optional()
        .describe('Last day (UTC), or the moment, at which the agreement applies.'),
    },
    { error: 'source, destination, reason and optionally ports and until' },
  )
  .transform(({ source, destination, ports = [], reason, until }) => ({
    source,
    destination,
    ports,
    reason,
    until,
  }));

/** The sections that no flag reaches. */
const structure = {
  'tenants.namespaces': z
    .array(namespaceRule, { error: 'a list of entries with namespace and vcluster' })
    .describe("The operator's word on who owns a host namespace: the strongest evidence there is."),
  'tenants.platformNamespaces': z
    .array(namespacePattern, { error: 'a list of host namespaces such as [kube-system]' })
    .describe("Host namespaces that are never a tenant's, whatever a pod in them claims."),
  expected: z
    .array(expectedTraffic, { error: 'a list of entries with source, destination and reason' })
    .describe('Cross-tenant traffic that has been agreed on: counted as expected, and no alert is raised.'),
} satisfies Record<string, z.ZodType>;

/** Dotted places of everything that has one. */
export const FILE_PLACES: readonly string[] = [
  ...ALL_OPTIONS.flatMap(({ file }) => file ?? []),
  ...Object.keys(structure),
];

/** The whole file. Every part is optional: an empty file is a configuration. */
export const FILE_SCHEMA = objectOf(
  [
    ...ALL_OPTIONS.flatMap((option) =>
      option.file === undefined ? [] : [[option.file, documented(option)] as const],
    ),
    ...Object.entries(structure),
  ],
  'a mapping such as "server: relay:80"',
);

/** What editors and the chart validate with; the same rules as far as JSON Schema can say them. */
export function jsonSchema(target: 'draft-2020-12' | 'draft-7' = 'draft-2020-12'): Record<string, unknown> {
  const schema = z.toJSONSchema(FILE_SCHEMA, { io: 'input', unrepresentable: 'any', target });
  return { ...schema, title: 'Configuration file of Crosstalk' };
}

function documented(option: AnyOption): z.ZodType {
  const names = environmentNames(option);
  const elsewhere =
    option.flag === undefined ? '' : ` Flag: --${option.flag}; environment: ${names.join(', ')}.`;
  return option.kind.file.describe(`${option.help}${elsewhere} Default: ${defaultText(option)}.`);
}

function objectOf(places: readonly (readonly [string, z.ZodType])[], expected: string): z.ZodType {
  const shape: Record<string, z.ZodType> = {};
  const sections = new Map<string, [string, z.ZodType][]>();
  for (const [place, schema] of places) {
    const dot = place.indexOf('.');
    if (dot === -1) shape[place] = schema.optional();
    else {
      const name = place.slice(0, dot);
      sections.set(name, [...(sections.get(name) ?? []), [place.slice(dot + 1), schema]]);
    }
  }
  for (const [name, inner] of sections) {
    const keys = [...new Set(inner.map(([key]) => key.replace(/\..*/, '')))].join(', ');
    shape[name] = objectOf(inner, `a section with any of ${keys}`).optional();
  }
  return z.strictObject(shape, { error: expected });
}
