/** What we suggest beside Cilium's own reading of it: every form is taken, and decides what we said it would. */
import { describe, expect, test } from 'vitest';
import { createEvaluator } from '../../src/policy/evaluate.js';
import type { Observation } from '../../src/policy/observed.js';
import { readWritten } from '../../src/policy/read.js';
import { clusterOf } from '../../src/policy/watched.js';
import type { Asked, End, Written } from '../policy/cases.js';
import { lifeOf } from '../fixtures/lives.js';
import { suggested, WISHES } from '../fixtures/suggestions.js';
import { watchedIn } from '../fixtures/watched.js';
import { AGREED, askCilium, ENGINES, isManaged, type Question, type Reply } from './policies.js';

const SUGGESTIONS = process.env['CROSSTALK_LONG'] === '1' ? 5_000 : 520;

interface Case {
  readonly name: string;
  readonly policies: readonly Written[];
  readonly observations: readonly Observation[];
}

/** Of one life after another, each tenant's, in each form. */
async function cases(): Promise<Case[]> {
  const made: Case[] = [];
  for (let seed = 10_001; made.length < SUGGESTIONS; seed += 1) {
    const { lines, expected, tenants } = lifeOf(seed);
    const watched = watchedIn(lines, expected);
    for (const tenant of tenants)
      for (const wish of WISHES) {
        const { policies } = await suggested(tenant, watched, wish);
        const name = JSON.stringify({ seed, tenant, wish });
        made.push({ name, policies: policies as Written[], observations: watched.observations });
      }
  }
  return made;
}

function questionOf({ policies, observations }: Pick<Case, 'policies' | 'observations'>): Question {
  const ends = new Map<unknown, End>();
  for (const { source, destination } of observations)
    for (const side of [source, destination])
      ends.set(side, { labels: side.labels, ip: side.ip, managed: isManaged(side.labels) });
  const at = [...ends.keys()];
  return {
    cluster: 'default',
    ipv6: false,
    policies,
    endpoints: [...ends.values()],
    connections: observations.map((one) => ({
      from: at.indexOf(one.source),
      to: at.indexOf(one.destination),
      protocol: protocolOf(one),
      port: one.port,
    })),
  };
}

function protocolOf({ protocol, icmpVersion }: Observation): Asked['protocol'] {
  if (protocol === 'icmp') return icmpVersion === 6 ? 'ICMPv6' : 'ICMP';
  return protocol.toUpperCase() as Asked['protocol'];
}

const CHUNK = 100;

async function ask(program: string, questions: readonly Question[]): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (let at = 0; at < questions.length; at += CHUNK)
    replies.push(...(await askCilium(program, questions.slice(at, at + CHUNK))));
  return replies;
}

describe.each(ENGINES)('Cilium $patch', ({ program }) => {
  test(`takes ${SUGGESTIONS} suggestions, and decides every connection as we do`, async () => {
    const asked = await cases();
    const replies = await ask(program, asked.map(questionOf));
    const differences: unknown[] = [];
    const counts = { allowed: 0, denied: 0 };
    for (const [index, { name, policies, observations }] of asked.entries()) {
      const { schema, parse, error, verdicts } = replies[index]!;
      expect({ name, refused: [...schema, ...parse].join(''), error }).toEqual({
        name,
        refused: '',
        error: undefined,
      });
      const cluster = await clusterOf({ observations, cluster: 'default' });
      const evaluate = createEvaluator(readWritten(policies, { name, cluster }).policies, {
        cluster,
        hostFirewall: false,
      });
      for (const [place, one] of observations.entries()) {
        const decision = evaluate(one);
        for (const direction of ['egress', 'ingress'] as const) {
          const ours = decision[direction].answer;
          const cilium = verdicts[place]![direction];
          if (ours === 'unknown' || !AGREED[ours].includes(cilium))
            differences.push({
              name,
              direction,
              ours,
              cilium,
              from: one.source,
              to: one.destination,
              port: one.port,
            });
          else if (cilium === 'allowed' || cilium === 'denied') counts[cilium] += 1;
        }
      }
    }
    expect(differences.slice(0, 3)).toEqual([]);
    // Policies that allow everything, or nothing, would agree by accident.
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(SUGGESTIONS);
  });

  test.each<[string, (text: string) => string]>([
    ['a port that is none', (text) => text.replace('"port":"8443"', '"port":"84430"')],
    ['a label that is none', (text) => text.replace('"matchLabels":{', '"matchLabels":{"a b":"c",')],
    ['an entity that is none', (text) => text.replace('"remote-node"', '"remote-nodes"')],
  ])('refuses the same with %s', async (_, spoil) => {
    const { lines, expected, tenants } = lifeOf(10_001);
    const { policies } = await suggested(tenants[0]!, watchedIn(lines, expected), WISHES[0]!);
    const text = JSON.stringify(policies);
    expect(spoil(text)).not.toBe(text);
    const spoilt = JSON.parse(spoil(text)) as Written[];
    const [reply] = await askCilium(program, [questionOf({ policies: spoilt, observations: [] })]);
    expect([...reply!.schema, ...reply!.parse].join('')).not.toBe('');
    expect(readWritten(spoilt, { name: 'spoilt' }).problems).not.toEqual([]);
  });
});
