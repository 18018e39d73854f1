import { expect, test } from 'vitest';
import { Hand } from '../../src/tables/hand.js';

function of(count: number): Hand {
  const hand = new Hand();
  for (let number = 0; number < count; number++) hand.enter(number);
  return hand;
}

test('those leave in turn that nobody used', () => {
  const hand = of(4);
  expect([hand.choose(4), hand.choose(4), hand.choose(4), hand.choose(4), hand.choose(4)]).toEqual([
    0, 1, 2, 3, 0,
  ]);
});

test('who was used is spared, once', () => {
  const hand = of(4);
  hand.touch(0);
  hand.touch(2);
  expect(hand.isFresh(2)).toBe(true);
  expect([hand.choose(4), hand.choose(4), hand.choose(4)]).toEqual([1, 3, 0]);
  expect(hand.isFresh(2)).toBe(false);
});

test('who takes the place of another was not used yet', () => {
  const hand = of(2);
  hand.touch(0);
  hand.enter(0);
  expect(hand.choose(2)).toBe(0);
});

test('when all were used, all are spared once and then the first leaves', () => {
  const hand = of(1_000);
  for (let number = 0; number < 1_000; number++) hand.touch(number);
  expect(hand.choose(1_000)).toBe(0);
  expect(hand.choose(1_000)).toBe(1);
});
