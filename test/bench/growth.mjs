// What a flow costs as a cluster grows: the library, out of memory, one process for each size.
import { once } from 'node:events';
import { inRounds } from './rounds.mjs';
import { AS_SHIPPED, end, startScript } from './process.mjs';

/** The first of each is what the others are compared with. */
const GROWTH = {
  endpoints: [1_000, 10, 100, 10_000, 100_000],
  tenants: [20, 2, 200, 2_000],
  crossShare: [0.001, 0.1, 1],
};
const QUICK = { endpoints: [1_000, 10, 10_000], tenants: [20, 200], crossShare: [0.001, 1] };

/** The stream of a cluster with so many of them. */
export function shapeOf(what, value, quick) {
  // Each flow another two endpoints: nearly all of them take part. As many flows whatever their number: nothing else may grow.
  if (what === 'endpoints') return { endpoints: value, flows: quick ? 12_000 : 120_000, openings: true };
  // As many pods whatever their tenants are.
  if (what === 'tenants') return { tenants: value, endpoints: 10_000, flows: 12_000, openings: true };
  return { crossShare: value, tenants: 20, flows: 6_000 };
}

/** @returns {Promise<{ axes: { what: string, values: { value: number, runs: object[] }[] }[] }>} */
export async function growth({ rounds, flows, quick }) {
  const found = [];
  for (const [what, values] of Object.entries(quick ? QUICK : GROWTH)) {
    const libraries = {};
    try {
      for (const value of values) {
        libraries[value] = startScript('librarian.mjs', shapeOf(what, value, quick), AS_SHIPPED);
        await once(libraries[value], 'message');
      }
      const take = async (library) => {
        library.send({ go: 'take', flows });
        return (await once(library, 'message'))[0];
      };
      for (const library of Object.values(libraries)) await take(library);
      const runs = await inRounds(libraries, rounds, take);
      found.push({ what, values: values.map((value) => ({ value, runs: runs.get(String(value)) })) });
    } finally {
      for (const library of Object.values(libraries)) await end(library);
    }
  }
  return { axes: found };
}
