/** Stages for tests that run side by side: each is one test's at a time. */
import type { HubbleVersion } from './setup.js';
import { setStage, type Stage } from './stage.js';

export interface Pool {
  /** Lends a stage for as long as `work` lasts. */
  use<Result>(work: (stage: Stage) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export async function setStages(hubble: HubbleVersion, size: number): Promise<Pool> {
  const stages = await Promise.all(Array.from({ length: size }, () => setStage(hubble)));
  const free = [...stages];
  const waiting: ((stage: Stage) => void)[] = [];

  const take = async (): Promise<Stage> =>
    free.pop() ?? (await new Promise<Stage>((resolve) => waiting.push(resolve)));
  const give = (stage: Stage): void => {
    const next = waiting.shift();
    if (next === undefined) free.push(stage);
    else next(stage);
  };
  return {
    async use(work) {
      const stage = await take();
      try {
        return await work(stage);
      } finally {
        give(stage);
      }
    },
    async close() {
      await Promise.all(stages.map((stage) => stage.close()));
    },
  };
}
