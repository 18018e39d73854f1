/** Violations in the state file: a restart neither ends one nor begins it anew. */
import { VERDICTS } from '../model.js';
import type { Example, ExamplePod } from './example.js';
import type { Violation } from './violations.js';

/** What an earlier process held; `undefined`: nothing, `'unusable'`: nothing of a form we know. */
export function readViolations(saved: unknown): readonly Violation[] | 'unusable' | undefined {
  if (saved === undefined) return undefined;
  return Array.isArray(saved) && saved.every(isViolation) ? saved : 'unusable';
}

function isViolation(value: unknown): value is Violation {
  if (!isObject(value)) return false;
  const { cluster, source, destination, verdict, startsAt, lastSeen, endsAt, connections, example } = value;
  return (
    [cluster, source, destination].every(isText) &&
    VERDICTS.some((known) => known === verdict) &&
    [startsAt, lastSeen, endsAt].every(isTime) &&
    Number(startsAt) < Number(endsAt) &&
    Number.isSafeInteger(connections) &&
    isExample(example)
  );
}

function isExample(value: unknown): value is Example {
  if (!isObject(value)) return false;
  const { source, destination, protocol, port, policies, hubbleObserve } = value;
  return (
    isPod(source) &&
    isPod(destination) &&
    isText(protocol) &&
    (port === undefined || Number.isSafeInteger(port)) &&
    Array.isArray(policies) &&
    policies.every(isText) &&
    isText(hubbleObserve)
  );
}

function isPod(value: unknown): value is ExamplePod {
  if (!isObject(value)) return false;
  const { namespace, pod, address, virtualNamespace, virtualPod } = value;
  return (
    [namespace, pod, address].every(isText) &&
    [virtualNamespace, virtualPod].every((text) => text === undefined || isText(text))
  );
}

/** One that can be written as a date. */
function isTime(value: unknown): boolean {
  return typeof value === 'number' && !Number.isNaN(new Date(value).getTime());
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
