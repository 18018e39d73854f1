// Everyone who reads Hubble, against the same source.
import { existsSync } from 'node:fs';
import { build, versions } from '../interop/build.mjs';
import { hubbleObserve, inRounds, measure, READERS, startSource } from './rounds.mjs';
import { once } from 'node:events';
import { end, startScript } from './process.mjs';

/** The `hubble` command of the newest version that the tests know, or undefined where there is no Go. */
export function hubbleProgram() {
  try {
    const { hubble } = build(versions[0]);
    return existsSync(hubble) ? { path: hubble, version: versions[0].patch } : undefined;
  } catch (error) {
    process.stderr.write(`without hubble observe: ${error.message}\n`);
    return undefined;
  }
}

export async function readers({ rounds, warmup, flows, quick }) {
  const hubble = quick ? undefined : hubbleProgram();
  const source = await startSource({});
  const library = startScript('librarian.mjs', {});
  await once(library, 'message');
  const take = async () => {
    library.send({ go: 'take', flows });
    const [{ microseconds }] = await once(library, 'message');
    return { microseconds };
  };
  const overNetwork = {
    ...READERS,
    ...(hubble && {
      'hubble observe -o compact': hubbleObserve(hubble.path, 'compact'),
      'hubble observe -o json': hubbleObserve(hubble.path, 'json'),
    }),
  };
  try {
    await take();
    const runs = await inRounds({ ...overNetwork, library: take }, rounds, (start, name) => {
      if (name === 'library') return take();
      // They read so much slower that as many flows would take all day, and nothing in them has to warm up.
      const slow = name.startsWith('hubble');
      return measure(source, start, slow ? { warmup: warmup / 10, flows: flows / 5 } : { warmup, flows });
    });
    return { about: source.about, hubble: hubble?.version, runs: Object.fromEntries(runs) };
  } finally {
    await source.stop();
    await end(library);
  }
}
