/** The sentence on top of the page is true, and never calls a time quiet in which it could not see. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MatrixPair, StatusReport } from '../../src/expose/api.js';
import { headline, WINDOW_MS, type Headline } from '../../src/expose/page/headline.js';
import type { Window } from '../../src/expose/trail.js';
import { coverage, NOW, pair, status } from '../fixtures/reports.js';

const WHOLE: Window = { since: NOW - WINDOW_MS, lost: 0, blindSeconds: 0, unidentified: 0 };

function top(
  facts: { status?: Partial<StatusReport>; pairs?: MatrixPair[]; window?: Partial<Window> } = {},
): Headline {
  return headline({
    status: status(facts.status),
    matrix: { tenants: [], pairs: facts.pairs ?? [] },
    window: { ...WHOLE, ...facts.window },
    now: NOW,
  });
}

describe('quiet', () => {
  test('says for how long, how much was seen, and that nothing was lost', () => {
    expect(top()).toEqual({
      tone: 'quiet',
      sentence:
        'No unexpected cross-tenant traffic in the last 15 minutes, seen on 3 of 3 nodes, 0 events lost.',
      remarks: [],
    });
  });

  test.each([
    [3 * 60_000, 'since watching began 3 minutes ago'],
    [45_000, 'since watching began 45 seconds ago'],
    [0, 'since watching began just now'],
    [WINDOW_MS - 1, 'since watching began 14 minutes ago'],
    [WINDOW_MS, 'in the last 15 minutes'],
  ])('after %i ms of watching it does not claim more', (watched, period) => {
    expect(top({ window: { since: NOW - watched } }).sentence).toBe(
      `No unexpected cross-tenant traffic ${period}, seen on 3 of 3 nodes, 0 events lost.`,
    );
  });

  test('agreed traffic is no news; what a policy stopped is a remark', () => {
    expect(
      top({ pairs: [pair('a', 'b', { expected: { allowed: 9, audited: 2, denied: 1 } }, 1)] }),
    ).toMatchObject({
      tone: 'quiet',
      remarks: [],
    });
    expect(top({ pairs: [pair('a', 'b', { unexpected: { denied: 9 } }, 61)] })).toMatchObject({
      tone: 'quiet',
      remarks: ['A policy stopped a on its way to b 1 minute ago.'],
    });
    const many = [
      pair('a', 'b', { unexpected: { denied: 9 } }, 61),
      pair('c', 'd', { unexpected: { denied: 1 } }, 2),
    ];
    expect(top({ pairs: many }).remarks).toEqual([
      'Policies stopped traffic between 2 pairs of tenants: most recently, c on its way to d 2 seconds ago.',
    ]);
  });

  test('what got through longer ago than the window is over', () => {
    const at = (seconds: number): string =>
      top({ pairs: [pair('a', 'b', { unexpected: { allowed: 1 } }, seconds)] }).tone;
    expect([at(899), at(900), at(901)]).toEqual(['alarm', 'alarm', 'quiet']);
  });

  test('losses of another time do not spoil this one', () => {
    const old = coverage({ lostEvents: { hubble_ring_buffer: 99 }, blindSeconds: 7, unidentified: 3 });
    expect(top({ status: { coverage: old } }).tone).toBe('quiet');
  });
});

describe('alarm', () => {
  test.each([
    [
      [pair('b', 'a', { unexpected: { allowed: 4 } }, 120)],
      'Unexpected traffic got through: b reached a 2 minutes ago.',
    ],
    [
      [pair('b', 'a', { unexpected: { audited: 4 } }, 120)],
      'Unexpected traffic got through under a policy that only audits: b reached a 2 minutes ago.',
    ],
    [
      [pair('b', 'a', { unexpected: { audited: 4, allowed: 1 } }, 120)],
      'Unexpected traffic got through: b reached a 2 minutes ago.',
    ],
    [
      [
        pair('b', 'a', { unexpected: { allowed: 4 } }, 120),
        pair('c', 'a', { unexpected: { allowed: 1 } }, 5),
      ],
      'Unexpected traffic got through between 2 pairs of tenants: most recently, c reached a 5 seconds ago.',
    ],
    [
      [pair('__overflow__', '__overflow__', { unexpected: { allowed: 4 } }, 0)],
      'Unexpected traffic got through: tenants beyond the limit of pairs reached each other just now.',
    ],
    [
      [pair('b', 'a', { unexpected: { allowed: 1 }, expected: { allowed: 500 } }, 1)],
      'Unexpected traffic got through: b reached a 1 second ago.',
    ],
  ])('%#', (pairs, sentence) => {
    expect(top({ pairs })).toMatchObject({ tone: 'alarm', sentence });
  });

  test('rests on the matrix, so that knocking often does not push the one that got through out of sight', () => {
    // The ring of crossings is full of the denied; the ledger still knows.
    const flood = pair('b', 'a', { unexpected: { denied: 1_000_000 } }, 0);
    const breach = pair('b', 'c', { unexpected: { allowed: 1 } }, 600);
    expect(top({ pairs: [flood, breach] })).toMatchObject({ tone: 'alarm' });
  });

  test('does not hide that nothing is watched any more', () => {
    const { tone, remarks } = top({
      pairs: [pair('b', 'a', { unexpected: { allowed: 4 } })],
      status: { ready: false, notReady: ['the relay is gone.'] },
    });
    expect({ tone, remarks }).toEqual({
      tone: 'alarm',
      remarks: ['Nothing is being watched: the relay is gone.'],
    });
  });

  test('a node whose clock is ahead is not in the future', () => {
    expect(top({ pairs: [pair('b', 'a', { unexpected: { allowed: 1 } }, -30)] }).sentence).toContain(
      'just now',
    );
  });
});

describe('what could not be seen', () => {
  test('not ready is never quiet, and says why', () => {
    expect(
      top({ status: { ready: false, notReady: ['no stream of flows from relay:80 yet (refused)'] } }),
    ).toEqual({
      tone: 'blind',
      sentence: 'Nothing is being watched: no stream of flows from relay:80 yet (refused).',
      remarks: [],
    });
    expect(top({ status: { ready: false, notReady: [] } }).sentence).toBe(
      'Nothing is being watched: no flows are being read.',
    );
  });

  const names = Array.from({ length: 7 }, (_, i) => `node-${i}`);
  test.each([
    [
      'a node',
      { status: { coverage: coverage({ nodes: { connected: 2, silent: 1 }, nodesNotSeen: ['node-3'] }) } },
      '1 of 3 nodes not watched: node-3.',
    ],
    [
      'many nodes',
      { status: { coverage: coverage({ nodes: { connected: 93, unavailable: 7 }, nodesNotSeen: names }) } },
      '7 of 100 nodes not watched: node-0, node-1, node-2, node-3, node-4 and 2 more.',
    ],
    [
      'every node',
      { status: { coverage: coverage({ nodes: { error: 1 }, nodesNotSeen: ['n'] }) } },
      '1 of 1 node not watched: n.',
    ],
    [
      'no node known',
      { status: { coverage: coverage({ nodes: {} }) } },
      'No node has said yet that it is being watched.',
    ],
    ['an event lost', { window: { lost: 1 } }, '1 event lost before they reached Crosstalk.'],
    ['events lost', { window: { lost: 5_120 } }, '5,120 events lost before they reached Crosstalk.'],
    [
      'blind time',
      { window: { blindSeconds: 75 } },
      'Flows of 1 minute may have passed unseen and could not be read again.',
    ],
    [
      'less than a second of it',
      { window: { blindSeconds: 0.2 } },
      'Flows of 1 second may have passed unseen and could not be read again.',
    ],
    [
      'unidentified sides',
      { window: { unidentified: 32 } },
      '32 flows had a side whose tenant could not be told.',
    ],
  ])('%s makes it partial, by name', (_name, facts, remark) => {
    expect(top(facts)).toEqual({
      tone: 'partial',
      sentence:
        'No unexpected cross-tenant traffic was seen in the last 15 minutes, but not everything could be seen.',
      remarks: [remark],
    });
  });

  test('a reload that failed is said', () => {
    const config = { ...status().config, lastReloadSuccessful: false };
    expect(top({ status: { config } }).remarks).toEqual([
      'The last reload of the configuration failed: the one before is in force.',
    ]);
  });

  test('whatever is wrong, it is never quiet', () => {
    const wrong = fc.record({
      ready: fc.boolean(),
      connected: fc.nat(3),
      silent: fc.nat(3),
      lost: fc.nat(2),
      blindSeconds: fc.nat(2),
      unidentified: fc.nat(2),
      allowedAgo: fc.option(fc.integer({ min: 0, max: 2_000 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(wrong, (w) => {
        const { tone } = headline({
          status: status({
            ready: w.ready,
            coverage: coverage({ nodes: { connected: w.connected, silent: w.silent } }),
          }),
          matrix: {
            tenants: [],
            pairs:
              w.allowedAgo === undefined
                ? []
                : [pair('a', 'b', { unexpected: { allowed: 1 } }, w.allowedAgo)],
          },
          window: {
            since: NOW - WINDOW_MS,
            lost: w.lost,
            blindSeconds: w.blindSeconds,
            unidentified: w.unidentified,
          },
          now: NOW,
        });
        const isFine =
          w.ready &&
          w.connected > 0 &&
          w.silent === 0 &&
          w.lost + w.blindSeconds + w.unidentified === 0 &&
          (w.allowedAgo === undefined || w.allowedAgo > 900);
        return (tone === 'quiet') === isFine;
      }),
      { seed: 20_261_122, numRuns: 2_000 },
    );
  });
});
