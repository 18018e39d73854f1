import { expect, test } from 'vitest';
import { PingStrikes } from '../../src/simulator/pingstrikes.js';

const MINUTE = 60_000;
/** Which of the pings closes the connection, if any: pings every `everyMs` on an open stream. */
function closedAt(
  everyMs: number,
  between: (strikes: PingStrikes, ping: number) => void = () => undefined,
): number | undefined {
  const strikes = new PingStrikes();
  for (let ping = 1; ping <= 20; ping++) {
    between(strikes, ping);
    if (strikes.ping(ping * everyMs, 1)) return ping;
  }
  return undefined;
}

test('on a quiet stream the fourth early ping closes the connection', () => {
  expect(closedAt(3000)).toBe(4);
  expect(closedAt(4.9 * MINUTE)).toBe(4);
});

test('pings every five minutes never do', () => {
  expect(closedAt(5 * MINUTE)).toBeUndefined();
});

test('a message in between makes the server forget', () => {
  expect(closedAt(30_000, (strikes) => strikes.sent())).toBeUndefined();
  // One answer for every second ping is enough, one for every fifth is not.
  expect(closedAt(30_000, (strikes, ping) => ping % 2 === 0 && strikes.sent())).toBeUndefined();
  expect(closedAt(30_000, (strikes, ping) => ping % 5 === 0 && strikes.sent())).toBe(4);
});

test('without a stream two hours have to pass', () => {
  const strikes = new PingStrikes();
  const pings = [0, 1, 2, 3].map((hour) => strikes.ping(hour * 60 * MINUTE, 0));
  expect(pings).toEqual([false, false, false, true]);
});
