/**
 * That the reader has not become slow, told within one run: on a machine that does
 * other things both sides of a ratio slow down, and what a flow allocates stays. The
 * bounds are so far from what was measured (2026-11-23) that only a mistake goes beyond.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const LIBRARIAN = fileURLToPath(new URL('librarian.mjs', import.meta.url));
const FLOWS = 1_000;
const ROUNDS = 9;
/** After a collection proto-loader's code is compiled anew, which must not be what is measured. */
const FLOWS_A_ROUND = 20 * FLOWS;
/** CPU time of proto-loader that decodes a flow, over ours that decodes and counts it: 4.9 to 5.9 were measured, by the load. */
const LEAST_SPEED = 2.5;
/** Bytes of the heap that a flow takes until it is counted: 580 to 660 in the median, whatever else the machine does. */
const MOST_HEAP_BYTES = 1_200;
/** It starts in a second, and on a machine that is used by thirty others in one or two minutes. */
const PATIENCE_MS = 600_000;

interface Cost {
  readonly microseconds: number;
  readonly heapBytes: number;
}

let librarian: ChildProcess;
beforeAll(async () => {
  // So much room for new objects that nothing is collected while heap bytes are measured.
  librarian = fork(LIBRARIAN, [JSON.stringify({ flows: FLOWS, endpoints: 200 })], {
    execArgv: ['--expose-gc', '--max-semi-space-size=32', '--min-semi-space-size=32'],
  });
  await said();
}, PATIENCE_MS);
afterAll(async () => {
  const gone = once(librarian, 'exit');
  librarian.kill();
  await gone;
});

async function cost(go: 'take' | 'protoLoader'): Promise<Cost> {
  librarian.send({ go, flows: FLOWS_A_ROUND });
  return (await said()) as Cost;
}

/** What the librarian says next; an error when it ends instead. */
async function said(): Promise<unknown> {
  const ended = new AbortController();
  const gone = (code: number | null): void => ended.abort(new Error(`the librarian ended with ${code}`));
  librarian.once('exit', gone);
  const [message] = (await once(librarian, 'message', { signal: ended.signal })) as [unknown];
  librarian.off('exit', gone);
  return message;
}
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

test(
  'a flow is decoded and counted in well under the time that proto-loader takes to decode it',
  async () => {
    // Until it is compiled.
    await cost('take');
    await cost('protoLoader');
    const ratios: number[] = [];
    const heap: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const [reference, ours] = [await cost('protoLoader'), await cost('take')];
      ratios.push(reference.microseconds / ours.microseconds);
      heap.push(ours.heapBytes);
    }
    expect(median(ratios)).toBeGreaterThan(LEAST_SPEED);
    expect(median(heap)).toBeLessThan(MOST_HEAP_BYTES);
    expect(median(heap)).toBeGreaterThan(0);
  },
  PATIENCE_MS,
);
