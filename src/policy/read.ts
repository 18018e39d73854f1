/** Policies out of a text: every mistake in it at once, each with its place. */
import type { z } from 'zod';
import { ciliumObject, type WrittenSpec } from './ciliumschema.js';
import { specRules } from './ciliumspec.js';
import { type ClusterView, type Context, DEFAULT_CLUSTER } from './context.js';
import { readObjects, type WrittenObject } from './document.js';
import { networkObject } from './networkschema.js';
import { networkRules } from './networkspec.js';
import { given, type Path, pathText, type PolicyProblem } from './problem.js';
import type { Policy, PolicyNote, Rule } from './rule.js';
import { complaints } from './shape.js';

export interface ReadingOptions {
  /** What problems call the text: a file's name. */
  readonly name: string;
  /** For policies that name none, as `kubectl -n`. Without it they are refused. */
  readonly namespace?: string | undefined;
  readonly cluster?: ClusterView | undefined;
}

export interface Reading {
  /** Those without a problem. Whoever judges with them while there are problems judges with less than was written. */
  readonly policies: readonly Policy[];
  readonly problems: readonly PolicyProblem[];
}

const KINDS = ['CiliumNetworkPolicy', 'CiliumClusterwideNetworkPolicy', 'NetworkPolicy'] as const;
type Kind = (typeof KINDS)[number];

export function readPolicies(text: string, options: ReadingOptions): Reading {
  const { objects, problems } = readObjects(options.name, text);
  const readings = objects.map((object) => readOne(object, options));
  return {
    policies: readings.flatMap(({ policies }) => policies),
    problems: [...problems, ...readings.flatMap((reading) => reading.problems)],
  };
}

/** Policies that are objects already, as they would be written. */
export function readWritten(values: readonly object[], options: ReadingOptions): Reading {
  const readings = values.map((value) => {
    const problem = (path: Path, message: string): PolicyProblem => ({
      where: options.name,
      line: 0,
      column: 0,
      path: pathText(path),
      message,
    });
    return readOne({ value, problem }, options);
  });
  return {
    policies: readings.flatMap(({ policies }) => policies),
    problems: readings.flatMap(({ problems }) => problems),
  };
}

function readOne(object: WrittenObject, options: ReadingOptions): Reading {
  const problems: PolicyProblem[] = [];
  const complain = (path: Path, message: string): void => {
    problems.push(object.problem(path, message));
  };
  const policy = policyOf(object, options, complain);
  return { policies: policy === undefined || problems.length > 0 ? [] : [policy], problems };
}

type Complain = (path: Path, message: string) => void;

function policyOf(object: WrittenObject, options: ReadingOptions, complain: Complain): Policy | undefined {
  const kind = kindOf(object.value, complain);
  if (kind === undefined) return undefined;
  const ref = named(object.value, kind, options, complain);
  const notes: PolicyNote[] = [];
  const context: Context = {
    ref,
    cluster: options.cluster ?? DEFAULT_CLUSTER,
    complain,
    note: (path, text) => notes.push({ path: pathText(path), text }),
  };
  const rules = kind === 'NetworkPolicy' ? network(object.value, context) : cilium(object.value, context);
  return { ref, where: object.problem([], '').where, rules, notes };
}

function cilium(value: unknown, context: Context): Rule[] {
  const object = fitting(ciliumObject, value, context.complain);
  if (object === undefined) return [];
  const specs: [WrittenSpec, Path][] = [
    ...(object.spec === undefined ? [] : [[object.spec, ['spec']] satisfies [WrittenSpec, Path]]),
    ...(object.specs ?? []).map((spec, index): [WrittenSpec, Path] => [spec, ['specs', index]]),
  ];
  if (object.spec === undefined && object.specs === undefined)
    context.complain([], 'got neither spec nor specs, expected one of them');
  return specs.flatMap(([spec, path]) => specRules(spec, path, context));
}

function network(value: unknown, context: Context): Rule[] {
  const object = fitting(networkObject, withoutNulls(value), context.complain);
  return object === undefined ? [] : networkRules(object.spec ?? {}, ['spec'], context);
}

function fitting<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  complain: Complain,
): z.output<Schema> | undefined {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const { path, message } of complaints(parsed.error, value)) complain(path, message);
  return undefined;
}

function kindOf(value: unknown, complain: Complain): Kind | undefined {
  const kind =
    typeof value === 'object' && value !== null ? (value as { readonly kind?: unknown }).kind : undefined;
  const known = KINDS.find((name) => name === kind);
  if (isChartValues(value)) {
    complain(['policies'], CHART_VALUES);
    return undefined;
  }
  if (known === undefined)
    complain(
      kind === undefined ? [] : ['kind'],
      `got ${given(kind ?? value)}, expected an object of kind ${KINDS.join(', ')}, or a List of them`,
    );
  return known;
}

const CHART_VALUES =
  "got values of vCluster's chart, expected the policies that it makes of them: helm template VCLUSTER vcluster/vcluster --values FILE --show-only templates/networkpolicy.yaml";

function isChartValues(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !('kind' in value) && 'policies' in value;
}

/** Name and namespace, which decide whom a policy selects. */
function named(value: unknown, kind: Kind, { namespace }: ReadingOptions, complain: Complain): Policy['ref'] {
  const { metadata } = value as { readonly metadata?: unknown };
  const { name, namespace: own = namespace } = (
    typeof metadata === 'object' && metadata !== null ? metadata : {}
  ) as { readonly name?: unknown; readonly namespace?: unknown };
  if (typeof name !== 'string' || name === '')
    complain(['metadata', 'name'], `got ${given(name)}, expected the policy's name`);
  if (kind === 'CiliumClusterwideNetworkPolicy') return { kind, namespace: '', name: String(name) };
  if (typeof own !== 'string' || own === '')
    complain(['metadata', 'namespace'], `got ${given(own)}, expected the namespace that the policy is for`);
  return { kind, namespace: String(own), name: String(name) };
}

/** In an object of Kubernetes' own a null is as good as nothing. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, held]) => held !== null)
      .map(([key, held]) => [key, withoutNulls(held)]),
  );
}
