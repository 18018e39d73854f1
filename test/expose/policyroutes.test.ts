/** The query of a suggestion: words as they are documented, and what is said where they do not go together. */
import { expect, test } from 'vitest';
import type { Wish } from '../../src/policy/plan.js';
import { startWeb } from '../fixtures/web.js';

async function ask(query: string): Promise<{ status: number; wish: Wish | undefined; body: string }> {
  let wish: Wish | undefined;
  const web = await startWeb({
    sources: {
      suggestPolicy(_tenant, asked) {
        wish = asked;
        return Promise.resolve({ ok: true, text: 'a: policy\n', policies: [] });
      },
    },
  });
  const answer = await fetch(`${web.address}/api/v1/tenants/team-a/policy${query}`);
  return { status: answer.status, body: await answer.text(), wish };
}

test.each([
  ['', { format: 'cilium', per: 'vcluster', worldEgress: 'report' }],
  ['?format=vcluster-values', { format: 'vcluster-values', per: 'vcluster', worldEgress: 'report' }],
  [
    '?format=networkpolicy&per=namespace&worldEgress=allow',
    { format: 'networkpolicy', per: 'namespace', worldEgress: 'allow' },
  ],
])('%s', async (query, wish) => {
  expect(await ask(query)).toEqual({ status: 200, body: 'a: policy\n', wish });
});

test.each([
  ['?format=calico', 'query parameter format: got \\"calico\\"'],
  ['?world-egress=allow', 'Did you mean worldEgress?'],
  ['?format=vcluster-values&per=namespace', 'query parameter per: got namespace with format vcluster-values'],
])('%s is refused', async (query, said) => {
  const { status, wish, body } = await ask(query);
  expect({ status, wish }).toEqual({ status: 400, wish: undefined });
  expect(body).toContain(said);
});
