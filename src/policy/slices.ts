/** Work on many things, beside the stream: a turn of the event loop between slices of some milliseconds. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** What flows and scrapes wait for it at most, about. */
const SLICE_MS = 8;
/** Asking the clock costs as much as a small piece of work. */
const LOOK_EVERY = 64;

export async function inSlices<T, R>(items: readonly T[], work: (item: T) => R): Promise<R[]> {
  const done: R[] = [];
  let from = performance.now();
  for (const item of items) {
    if (done.length % LOOK_EVERY === 0 && performance.now() - from > SLICE_MS) {
      await nextTurn();
      from = performance.now();
    }
    done.push(work(item));
  }
  return done;
}
