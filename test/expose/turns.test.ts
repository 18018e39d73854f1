/** Answers wait for each other, and flows do not wait for answers. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTurns, singleFlight, together } from '../../src/expose/turns.js';

test('one at a time, in the order in which they were asked for', async () => {
  const turns = createTurns(3);
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(`${name} begins`);
    await nextTurn();
    order.push(`${name} ends`);
  };
  await Promise.all([turns.take(work('a')), turns.take(work('b')), turns.take(work('c'))]);
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

test('between two answers the event loop has its turn, so flows are read', async () => {
  const turns = createTurns(3);
  const seen: string[] = [];
  const first = turns.take(() => seen.push('first'));
  const second = turns.take(() => seen.push('second'));
  void first.then(() => setImmediate(() => seen.push('flows')));
  await first;
  await second;
  await nextTurn();
  expect(seen.indexOf('second')).toBeGreaterThan(0);
  expect(seen).toContain('flows');
});

test('after a work that took long comes a rest that is longer, but whoever asked has the answer before', async () => {
  let now = 0;
  const rests: number[] = [];
  let wake = (): void => undefined;
  const turns = createTurns(3, {
    now: () => now,
    async pause(ms) {
      rests.push(ms);
      await new Promise<void>((resolve) => (wake = resolve));
    },
  });
  await turns.take(() => (now += 20));
  let isMade = false;
  const next = turns.take(() => (isMade = true));
  for (let turn = 0; turn < 10; turn++) await nextTurn();
  expect({ rests, isMade }).toEqual({ rests: [60], isMade: false });
  wake();
  expect(await next).toBe(true);
  // What took no time needs no rest.
  expect(rests).toEqual([60]);
});

test('a work that fails is its own failure: the next has its turn', async () => {
  const turns = createTurns(3);
  const failed = turns.take(() => {
    throw new Error('mine');
  });
  const fine = turns.take(() => 'fine');
  await expect(failed).rejects.toThrow('mine');
  await expect(fine).resolves.toBe('fine');
});

test('those who ask meanwhile get the same answer, those who ask later another, also after a failure', async () => {
  let calls = 0;
  const ask = singleFlight(async () => {
    calls += 1;
    const mine = calls;
    await nextTurn();
    if (mine === 2) throw new Error('second');
    return mine;
  });
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  await expect(Promise.all([ask(), ask()])).rejects.toThrow('second');
  expect(await ask()).toBe(3);
});

test('those who wait for the same are given what is made after the last of them asked, and others their own', async () => {
  const turns = createTurns(0);
  const ask = together<string>(turns);
  const made: string[] = [];
  const make = (what: string) => () => {
    made.push(what);
    return `${what} ${made.length}`;
  };
  const waiting = [ask('a', make('a')), ask('b', make('b')), ask('a', make('a'))];
  expect(await Promise.all(waiting)).toEqual(['a 1', 'b 2', 'a 1']);
  // Whoever comes when it is being made has to see what happened since.
  const first = ask('a', async () => {
    const second = ask('a', make('a'));
    await nextTurn();
    return JSON.stringify({ second: second === first });
  });
  expect(await first).toBe('{"second":false}');
  const failed = ask('c', () => {
    throw new Error('not kept');
  });
  await expect(failed).rejects.toThrow('not kept');
  expect(await ask('c', make('c'))).toMatch(/^c /);
});
