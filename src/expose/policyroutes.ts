/** Network policies: what they would do to the connections that were seen. */
import { didYouMean } from '../config/nearest.js';
import { quoted } from '../config/problem.js';
import { DEFAULT_WISH, FORMATS, PERS, type Wish, wishProblem, WORLD_EGRESS } from '../policy/plan.js';
import { RequestProblem } from './problem.js';
import type { Route, Sources } from './routes.js';
import { POLICY_CHECK } from './policyschemas.js';

/**
 * Read at once, beside the stream: some tenths of a second. What a whole cluster
 * has belongs into `crosstalk policy check` with recorded flows.
 */
const MOST_BYTES = 512 * 1024;

export function policyRoutes(sources: Sources): Route[] {
  return [
    {
      path: '/api/v1/tenants/{tenant}/policy',
      words: ['tenant'],
      methods: ['GET'],
      operation: 'suggestPolicy',
      summary: 'Policies that isolate a tenant and keep what it was seen to use.',
      query: {
        type: 'object',
        properties: {
          format: {
            type: 'string',
            enum: FORMATS,
            default: DEFAULT_WISH.format,
            description: "vcluster-values: the block policies.networkPolicy of vCluster's Helm values.",
          },
          per: {
            type: 'string',
            enum: PERS,
            default: DEFAULT_WISH.per,
            description: "One policy for all workloads, or one for each of the tenant's own namespaces.",
          },
          worldEgress: {
            type: 'string',
            enum: WORLD_EGRESS,
            default: DEFAULT_WISH.worldEgress,
            description: 'Whether what was seen to leave the cluster is told or allowed.',
          },
        },
        additionalProperties: false,
      },
      answers: {
        200: {
          description: 'YAML, with the reason for each rule as its comment.',
          contentType: 'application/yaml; charset=utf-8',
        },
      },
      making: 'alone',
      async answer(query) {
        const tenant = String(query.get('tenant') ?? '');
        const wish = wishOf(query);
        const problem = wishProblem(wish);
        if (problem !== undefined)
          throw new RequestProblem(400, {
            detail: `query parameter per: ${problem}`,
            parameter: 'per',
            given: wish.per,
            expected: DEFAULT_WISH.per,
          });
        const suggestion = await sources.suggestPolicy(tenant, wish);
        if (suggestion.ok) return { status: 200, body: suggestion.text };
        throw new RequestProblem(404, {
          detail: `tenant ${quoted(tenant)} was not seen.${didYouMean(tenant, suggestion.known)}`,
        });
      },
    },
    {
      path: '/api/v1/policy/check',
      methods: ['POST'],
      operation: 'checkPolicies',
      summary: 'What policies would do to the connections that were seen. Changes nothing.',
      query: { type: 'object', properties: {}, additionalProperties: false },
      body: {
        description: 'Cilium or Kubernetes network policies, YAML (several documents) or JSON.',
        contentType: 'application/yaml',
        mostBytes: MOST_BYTES,
      },
      answers: {
        200: {
          description: 'By outcome, what matters first.',
          contentType: 'application/json; charset=utf-8',
          schema: POLICY_CHECK,
        },
      },
      making: 'alone',
      async answer(_query, body) {
        if (body.trim() === '')
          throw new RequestProblem(400, {
            detail: 'no body: send the policies to try, as YAML or JSON',
            expected: 'policies',
          });
        const report = await sources.checkPolicies(body);
        if ('policies' in report) return { status: 200, body: report };
        throw new RequestProblem(400, {
          detail: `a cluster would refuse these policies: ${report.join('; ')}`,
        });
      },
    },
  ];
}

/** The words are the schema's. */
function wishOf(query: ReadonlyMap<string, unknown>): Wish {
  const word = <T extends string>(name: string, words: readonly T[], fallback: T): T =>
    words.find((one) => one === query.get(name)) ?? fallback;
  return {
    format: word('format', FORMATS, DEFAULT_WISH.format),
    per: word('per', PERS, DEFAULT_WISH.per),
    worldEgress: word('worldEgress', WORLD_EGRESS, DEFAULT_WISH.worldEgress),
  };
}
