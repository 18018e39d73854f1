import { expect, test, vi } from 'vitest';
import { createObservations } from '../../src/policy/observed.js';
import { arrival, syncedPod, tcp } from '../fixtures/flows.js';

vi.mock('../../src/tables/hash.js', () => ({ mix: () => 0, settle: () => 1 }));

test('kinds whose hashes are all the same are told apart', () => {
  const seen = createObservations(8);
  const pods = ['a', 'b'].map((name) => syncedPod(`team-${name}`, name));
  for (const source of pods)
    for (const destination of pods)
      for (const port of [1, 2, 3, 1])
        seen.take(arrival({ source, destination, l4: tcp(2, 40_000, port) }), 'allowed', 1_000);
  expect(seen.size + seen.forgotten).toBe(12);
  expect(seen.list()).toHaveLength(8);
  const kinds = seen.list().map(({ source, destination, port, count }) => ({
    kind: `${source.endpoint.namespace} ${destination.endpoint.namespace} ${port}`,
    count,
  }));
  expect(new Set(kinds.map(({ kind }) => kind)).size).toBe(8);
});
