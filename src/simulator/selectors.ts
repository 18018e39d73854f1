/**
 * Kubernetes label selectors over Cilium's labels, as `source_label` and
 * `destination_label` take them (cilium pkg/hubble/filters/labels.go): a key
 * without a source (`app`) matches any source, `k8s:app` only that one.
 */
export type LabelPredicate = (labels: readonly string[]) => boolean;

interface Label {
  readonly source: string;
  readonly key: string;
  readonly value: string;
}

/** @throws where the selector is none, naming it */
export function labelSelector(selector: string): LabelPredicate {
  const requirements = splitOutsideParentheses(selector).map((part) => requirement(part.trim(), selector));
  return (labels) => {
    const parsed = labels.map(parseLabel);
    return requirements.every((holds) => holds(parsed));
  };
}

type Requirement = (labels: readonly Label[]) => boolean;

const IN = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/;
const COMPARE = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/;
const EXISTS = /^(!?)\s*([^=!\s]+)$/;

function requirement(part: string, selector: string): Requirement {
  const among = IN.exec(part);
  if (among !== null) {
    const [, key = '', operator, list = ''] = among;
    const values = new Set(list.split(',').map((value) => value.trim()));
    const hit: Requirement = (labels) => matching(labels, key).some((label) => values.has(label.value));
    return operator === 'in' ? hit : not(hit);
  }
  const compared = COMPARE.exec(part);
  if (compared !== null) {
    const [, key = '', operator, value = ''] = compared;
    const hit: Requirement = (labels) => matching(labels, key).some((label) => label.value === value);
    return operator === '!=' ? not(hit) : hit;
  }
  const exists = EXISTS.exec(part);
  if (exists !== null) {
    const [, negated, key = ''] = exists;
    const hit: Requirement = (labels) => matching(labels, key).length > 0;
    return negated === '!' ? not(hit) : hit;
  }
  throw new Error(`unable to parse requirement: "${part}" in label selector "${selector}"`);
}

const not =
  (hit: Requirement): Requirement =>
  (labels) =>
    !hit(labels);

function matching(labels: readonly Label[], wanted: string): readonly Label[] {
  const colon = wanted.indexOf(':');
  const source = colon === -1 ? 'any' : wanted.slice(0, colon);
  const key = colon === -1 ? wanted : wanted.slice(colon + 1);
  return labels.filter((label) => label.key === key && (source === 'any' || source === label.source));
}

function parseLabel(text: string): Label {
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  const equals = rest.indexOf('=');
  return {
    source: colon === -1 ? 'unspec' : text.slice(0, colon),
    key: equals === -1 ? rest : rest.slice(0, equals),
    value: equals === -1 ? '' : rest.slice(equals + 1),
  };
}

function splitOutsideParentheses(selector: string): string[] {
  return selector.split(/,(?![^(]*\))/);
}
