// The Prometheus rules as an object for prometheus-operator. `npm run docs` writes it;
// test/deploy/rules.test.ts fails when that was forgotten.

/** What Prometheus reads; the source. */
export const RULES_FILE = 'deploy/rules/crosstalk.rules.yaml';
/** What prometheus-operator reads. */
export const PROMETHEUS_RULE_FILE = 'deploy/rules/prometheusrule.yaml';

/**
 * The same groups, as text: comments and line breaks stay.
 *
 * @param {string} rules text of {@link RULES_FILE}
 * @returns {string}
 */
export function prometheusRule(rules) {
  const groups = rules.slice(rules.indexOf('\ngroups:\n') + 1);
  return `# Generated from ${RULES_FILE} by \`npm run docs\`; what they rest on is said there.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: crosstalk
  labels:
    app.kubernetes.io/name: crosstalk
spec:
${groups.replace(/^(?=.)/gm, '  ')}`;
}
