// Where memory goes: what each endpoint, tracked connection and series adds, told by
// the heap after a full collection; and the whole process when it is full.
import { once } from 'node:events';
import { end, startScript } from './process.mjs';

export async function memory({ quick }) {
  const scale = quick ? 0.1 : 1;
  const child = startScript(
    'filler.mjs',
    { endpoints: 100_000 * scale, connections: 200_000 * scale, pairs: 20_000 * scale },
    ['--expose-gc'],
  );
  try {
    return (await once(child, 'message'))[0];
  } finally {
    await end(child);
  }
}
