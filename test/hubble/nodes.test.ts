import { expect, test } from 'vitest';
import type { NodeReport } from '../../src/hubble/connection.js';
import { Nodes } from '../../src/hubble/nodes.js';

const report = (fields: Partial<NodeReport>): NodeReport => ({
  name: 'n1',
  address: '',
  state: 'connected',
  version: '',
  uptimeMs: 1e9,
  numFlows: 0,
  maxFlows: 0,
  seenFlows: 0,
  ...fields,
});

test('a node that cannot be reached keeps its memory: its ring is re-read when it can', () => {
  const nodes = new Nodes(1_000_000, 0);
  const node = nodes.get('n1', 0);
  nodes.hear(node, report({ maxFlows: 65_535 }), { asked: 1, at: 1 });
  for (let n = 0; n < 20_000; n++) node.seen.admit(Int32Array.from([n, 0, 0, 0]), n, n);
  nodes.hear(node, report({ state: 'unavailable', maxFlows: 0 }), { asked: 2, at: 2 });
  expect(node.seen.remembered).toBe(20_000);
});
