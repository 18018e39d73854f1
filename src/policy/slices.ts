/** Work on many things, beside the stream: a turn of the event loop between slices of some milliseconds. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** What flows and scrapes wait for it at most, about. */
const SLICE_MS = 8;
/** Asking the clock costs as much as a small piece of work. */
const LOOK_EVERY = 64;

/** @param lookEvery after how many the clock is asked; 1 where one alone may take a slice */
export async function inSlices<T, R>(
  items: readonly T[],
  work: (item: T) => R,
  lookEvery = LOOK_EVERY,
): Promise<R[]> {
  const done: R[] = [];
  let from = performance.now();
  for (const item of items) {
    if (done.length % lookEvery === 0 && performance.now() - from > SLICE_MS) {
      await nextTurn();
      from = performance.now();
    }
    done.push(work(item));
  }
  return done;
}
