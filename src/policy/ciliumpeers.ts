/** The other side of a rule: every way in which a Cilium policy says who (cilium pkg/policy/utils/parserules.go). */
import { type AddressBlock, parseBlock } from './block.js';
import type { WrittenBlock, WrittenRule } from './ciliumschema.js';
import type { Context } from './context.js';
import { entitySelectors, NOT_IN_SCHEMA } from './entity.js';
import { extendedKey, isObjectName } from './labelsyntax.js';
import { given, type Path } from './problem.js';
import type { Direction, Peer } from './rule.js';
import { peerSelector } from './scope.js';
import { checkSelector } from './selectorcheck.js';
import type { Selector, WrittenSelector } from './selector.js';

/** The fields of one direction, under one name for both. */
function written(rule: WrittenRule, direction: Direction) {
  return direction === 'ingress'
    ? {
        Endpoints: rule.fromEndpoints,
        CIDR: rule.fromCIDR,
        CIDRSet: rule.fromCIDRSet,
        Entities: rule.fromEntities,
        Groups: rule.fromGroups,
        Nodes: rule.fromNodes,
        Services: undefined,
        FQDNs: undefined,
      }
    : {
        Endpoints: rule.toEndpoints,
        CIDR: rule.toCIDR,
        CIDRSet: rule.toCIDRSet,
        Entities: rule.toEntities,
        Groups: rule.toGroups,
        Nodes: rule.toNodes,
        Services: rule.toServices,
        FQDNs: rule.toFQDNs,
      };
}

/** An empty list of one of these selects nobody; one of the others is as good as none (mergeEndpointSelectors). */
const NOBODY_IF_EMPTY = ['Endpoints', 'CIDR', 'CIDRSet', 'Entities', 'Nodes'] as const;

export function ciliumPeers(
  rule: WrittenRule,
  direction: Direction,
  subject: Selector,
  path: Path,
  context: Context,
): readonly Peer[] | 'nobody' {
  const fields = written(rule, direction);
  const verb = direction === 'ingress' ? 'from' : 'to';
  const given = Object.entries(fields).filter(([, list]) => list !== undefined && list.length > 0);
  if (given.length > 1) {
    const names = given.map(([name]) => `${verb}${name}`);
    context.complain(
      path,
      `got ${names.join(' and ')} in one rule, expected one of them: write a rule for each`,
    );
  }
  const at = (name: string, index: number): Path => [...path, `${verb}${name}`, index];
  const unknown = (name: string, about: 'world' | 'anything'): Peer => ({
    kind: 'unknown',
    field: `${verb}${name}`,
    about,
  });
  const peers: Peer[] = [
    ...(fields.Endpoints ?? []).map((selector, index) =>
      endpoints(selector, subject, at('Endpoints', index), context),
    ),
    ...(fields.Entities ?? []).flatMap((entity, index) => {
      if (NOT_IN_SCHEMA.has(entity))
        context.note(
          at('Entities', index),
          `${entity} is known to Cilium, but its custom resource does not take it: write world`,
        );
      return entitySelectors(entity, context.cluster.name).map((selector): Peer => ({
        kind: 'labels',
        selector,
      }));
    }),
    ...(fields.CIDR ?? []).flatMap((cidr, index) => address(cidr, at('CIDR', index), context)),
    ...(fields.CIDRSet ?? []).flatMap((set, index) => block(set, at('CIDRSet', index), context)),
    ...(fields.Nodes ?? []).map((selector, index) => {
      check(selector, at('Nodes', index), context);
      return { kind: 'unknown', field: `${verb}Nodes`, about: 'node' } as const;
    }),
    ...(fields.Groups ?? []).map(() => unknown('Groups', 'world')),
    ...(fields.Services ?? []).map(() => unknown('Services', 'anything')),
    ...(fields.FQDNs ?? []).map((name, index) => {
      dnsName(name, at('FQDNs', index), context);
      return unknown('FQDNs', 'world');
    }),
  ];
  return NOBODY_IF_EMPTY.some((name) => fields[name]?.length === 0) ? 'nobody' : peers;
}

function endpoints(selector: WrittenSelector, subject: Selector, path: Path, context: Context): Peer {
  check(selector, path, context);
  return { kind: 'labels', selector: peerSelector(selector, subject, context) };
}

export function check(selector: WrittenSelector, path: Path, context: Context): void {
  checkSelector(selector, path, extendedKey, context);
}

function address(text: string, path: Path, context: Context): Peer[] {
  const parsed = parsedBlock(text, path, context);
  return parsed === undefined ? [] : [{ kind: 'block', block: parsed, except: [] }];
}

function block(set: WrittenBlock, path: Path, context: Context): Peer[] {
  const ways = (['cidr', 'cidrGroupRef', 'cidrGroupSelector'] as const).filter(
    (way) => set[way] !== undefined,
  );
  const [way] = ways;
  if (way === undefined || ways.length > 1) {
    context.complain(
      path,
      `got ${ways.join(' and ') || 'none'}, expected one of cidr, cidrGroupRef, cidrGroupSelector`,
    );
    return [];
  }
  if (set.cidr === undefined) {
    checkGroup(set, path, context);
    return [{ kind: 'unknown', field: way, about: 'world' }];
  }
  const outer = parsedBlock(set.cidr, [...path, 'cidr'], context);
  return outer === undefined
    ? []
    : [{ kind: 'block', block: outer, except: exceptions(outer, set.except, path, context) }];
}

function checkGroup({ cidrGroupRef, cidrGroupSelector }: WrittenBlock, path: Path, context: Context): void {
  if (cidrGroupSelector !== undefined)
    checkSelector(cidrGroupSelector, [...path, 'cidrGroupSelector'], (key) => `cidrgroup.${key}`, context);
  if (cidrGroupRef !== undefined && !isObjectName(cidrGroupRef))
    context.complain(
      [...path, 'cidrGroupRef'],
      `got ${given(cidrGroupRef)}, expected the name of a CiliumCIDRGroup`,
    );
}

/** Each must begin inside the block (pkg/policy/api/rule_validation.go, CIDRRule.sanitize). */
export function exceptions(
  outer: AddressBlock,
  except: readonly string[] | undefined,
  path: Path,
  context: Context,
): AddressBlock[] {
  return (except ?? []).flatMap((text, index) => {
    const here = [...path, 'except', index];
    const inner = parsedBlock(text, here, context);
    if (inner === undefined) return [];
    if (outer.contains(text.slice(0, text.lastIndexOf('/')))) return [inner];
    context.complain(here, `got ${given(text)}, expected a block inside ${outer.text}`);
    return [];
  });
}

/** The agent takes a single address in fromCIDR and toCIDR, the schema before it does not. */
export function parsedBlock(text: string, path: Path, context: Context): AddressBlock | undefined {
  const parsed = parseBlock(text);
  if (parsed === undefined)
    context.complain(
      path,
      `got ${given(text)}, expected a block of addresses such as 10.0.0.0/8; a single address ends in /32, or /128 for IPv6`,
    );
  return parsed;
}

const LONGEST_NAME = 255;

/** The patterns of the custom resource's schema, without their way of going back over the text. */
export function dnsName(
  {
    matchName,
    matchPattern,
  }: { readonly matchName?: string | undefined; readonly matchPattern?: string | undefined },
  path: Path,
  context: Context,
): void {
  if ((matchName === undefined) === (matchPattern === undefined)) {
    context.complain(
      path,
      `got ${matchName === undefined ? 'neither' : 'both'}, expected either matchName or matchPattern`,
    );
    return;
  }
  const text = matchName ?? matchPattern ?? '';
  const allowed = matchName === undefined ? /^[-a-zA-Z0-9_*.]+$/ : /^[-a-zA-Z0-9_.]+$/;
  if (!allowed.test(text) || text.startsWith('.') || text.includes('..') || text.length > LONGEST_NAME) {
    const field = matchName === undefined ? 'matchPattern' : 'matchName';
    context.complain(
      [...path, field],
      `got ${given(text)}, expected a DNS name${matchName === undefined ? ', in which * stands for anything' : ''}`,
    );
  }
}
