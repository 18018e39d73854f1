/** Before the first test: every version's programs, built or found in the cache. */
import type { TestProject } from 'vitest/node';
import { build, versions } from './build.mjs';

declare module 'vitest' {
  export interface ProvidedContext {
    hubbles: readonly HubbleVersion[];
  }
}

/** One version of the real Hubble. */
export interface HubbleVersion {
  /** Such as 1.19. */
  readonly minor: string;
  /** Such as 1.19.7. */
  readonly patch: string;
  /** Paths of what was built. */
  readonly programs: {
    readonly node: string;
    readonly relay: string;
    readonly hubble: string;
    /** Answers from the version's policy engine; undefined where it is not built. */
    readonly policy: string | undefined;
  };
}

export default function setup(project: TestProject): void {
  project.provide(
    'hubbles',
    versions.map((version) => ({
      minor: version.minor,
      patch: version.patch,
      programs: build(version),
    })),
  );
}
