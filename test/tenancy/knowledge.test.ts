import { describe, expect, test } from 'vitest';
import {
  createKnowledge,
  createLibrary,
  type Knowledge,
  type KnowledgeLimits,
  LIMITS,
  type Refusal,
} from '../../src/tenancy/knowledge.js';

const open = (limits: Partial<KnowledgeLimits> = {}): { knowledge: Knowledge; refusals: Refusal[] } => {
  const refusals: Refusal[] = [];
  const knowledge = createKnowledge(createLibrary(), { ...LIMITS, ...limits }, (each) => refusals.push(each));
  return { knowledge, refusals };
};

test('what is learned voids what was concluded from less, what is repeated does not', () => {
  const { knowledge } = open();
  const lore = knowledge.of('c', 'ns');
  const steps = [
    () => knowledge.learn(lore, 'a', 'ns'),
    () => knowledge.learn(lore, 'a', 'ns'),
    () => knowledge.learnAccount(lore, 'b'),
    () => knowledge.learnAccount(lore, 'b'),
    () => knowledge.suspect(lore, 'c'),
    () => knowledge.suspect(lore, 'd'),
    () => knowledge.suspect(lore, undefined),
  ].map((step) => {
    step();
    return lore.generation;
  });
  expect(steps).toEqual([1, 1, 2, 2, 3, 3, 3]);
  expect([...lore.known.keys()]).toEqual(['a', 'b']);
  expect([...lore.confirmed.keys()]).toEqual(['a']);
});

test('a namespace of another cluster is another namespace', () => {
  const { knowledge } = open();
  knowledge.learn(knowledge.of('c', 'ns'), 'a', 'ns');
  expect(knowledge.of('d', 'ns').known.size).toBe(0);
  expect(knowledge.of('c', 'ns').known.size).toBe(1);
});

describe('where a control plane is: labels of the namespace say more than a pod in it, and two that differ say nothing', () => {
  test.each([
    [['ns', 'host'], 'host'],
    [['host', 'ns'], 'host'],
    [['host', 'other'], undefined],
    [['other', 'ns', 'host', 'ns'], undefined],
    [['ns', 'ns'], 'ns'],
  ])('%j', (homes, expected) => {
    const { knowledge } = open();
    const lore = knowledge.of('c', 'ns');
    for (const home of homes) knowledge.learn(lore, 'a', home);
    expect(lore.known.get('a')).toBe(expected);
  });
});

describe('what is beyond a limit is refused and told, and nobody there is taken for the platform', () => {
  test('namespaces', () => {
    const { knowledge, refusals } = open({ namespaces: 1 });
    knowledge.of('c', 'ns');
    const beyond = knowledge.of('c', 'another');
    expect(beyond.suspected).toBe(true);
    expect(knowledge.learn(beyond, 'a', 'another')).toBe(false);
    expect(knowledge.suspect(beyond, 'a')).toBe(false);
    expect(refusals).toEqual([
      { limit: 'namespaces', cluster: 'c', namespace: 'another', vcluster: undefined },
    ]);
  });

  test('vClusters of a namespace, each kind of evidence for itself', () => {
    const { knowledge, refusals } = open({ vclustersPerNamespace: 1 });
    const lore = knowledge.of('c', 'ns');
    expect(knowledge.learn(lore, 'a', 'ns')).toBe(true);
    expect(knowledge.learn(lore, 'b', 'ns')).toBe(false);
    expect(knowledge.learn(lore, 'a', 'ns')).toBe(true);
    expect(knowledge.suspect(lore, 'c')).toBe(true);
    expect(knowledge.suspect(lore, 'd')).toBe(false);
    expect(knowledge.learnAccount(lore, 'e')).toBe(true);
    expect(knowledge.learnAccount(lore, 'f')).toBe(false);
    expect(refusals.map(({ limit, vcluster }) => `${limit} ${String(vcluster)}`)).toEqual([
      'vclustersPerNamespace b',
      'vclustersPerNamespace d',
      'vclustersPerNamespace f',
    ]);
  });

  test('vClusters of all namespaces', () => {
    const { knowledge, refusals } = open({ vclusters: 2 });
    expect(knowledge.learn(knowledge.of('c', 'n1'), 'a', 'n1')).toBe(true);
    expect(knowledge.learn(knowledge.of('c', 'n2'), 'a', 'n2')).toBe(true);
    expect(knowledge.learn(knowledge.of('c', 'n3'), 'a', 'n3')).toBe(false);
    expect(refusals).toEqual([{ limit: 'vclusters', cluster: 'c', namespace: 'n3', vcluster: 'a' }]);
  });
});
