/** What has changed in the matrix and in the crossings between two looks. Pure, and bounded by what the reports list. */
import type { ChangesReport, CrossingReport, MatrixReport } from './api.js';
import { crossingKey, pairKey, pairVersion } from './page/identity.js';

export interface Changes {
  /** @param crossings newest first, at most `LOOK_AT` */
  since(matrix: MatrixReport, crossings: readonly CrossingReport[]): Omit<ChangesReport, 'glance'>;
}

/** Crossings that are looked at each time. */
export const LOOK_AT = 1_000;

/** Told at once, at most: a flood of denials shall not become a flood of messages. */
const MOST_CROSSINGS = 200;
const MOST_PAIRS = 500;

/** The first look finds nothing changed. */
export function createChanges(): Changes {
  let pairs: Map<string, string> | undefined;
  let crossings: Map<string, number> | undefined;

  return {
    since(matrix, listed) {
      const pairsBefore = pairs;
      const crossingsBefore = crossings;
      pairs = new Map(
        matrix.pairs.map((pair) => [pairKey(pair.source, pair.destination), pairVersion(pair)]),
      );
      crossings = new Map(listed.map((crossing) => [crossingKey(crossing), crossing.count]));
      if (pairsBefore === undefined || crossingsBefore === undefined)
        return { pairs: [], crossings: [], incomplete: true };
      const changedPairs = matrix.pairs.filter(
        (pair) => pairsBefore.get(pairKey(pair.source, pair.destination)) !== pairVersion(pair),
      );
      const changed = listed.filter(
        (crossing) => crossingsBefore.get(crossingKey(crossing)) !== crossing.count,
      );
      return {
        pairs: changedPairs.slice(0, MOST_PAIRS),
        crossings: changed.slice(0, MOST_CROSSINGS),
        incomplete: changedPairs.length > MOST_PAIRS || changed.length > MOST_CROSSINGS,
      };
    },
  };
}
