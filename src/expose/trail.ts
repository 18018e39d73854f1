/**
 * What the totals were a while ago. Reports count since the start; a page that
 * says "in the last 15 minutes" has to know what was lost in these minutes, and
 * not whether anything was ever lost. Pure: the time is an argument.
 */
import type { StatusReport } from './api.js';

/** What may have been missed. */
export interface Missed {
  /** Events lost before they reached us. */
  readonly lost: number;
  readonly blindSeconds: number;
  /** Arrivals and denials with a side that could not be told apart. */
  readonly unidentified: number;
}

export interface Window extends Missed {
  /** Milliseconds since the epoch; undefined as long as no flow could be seen at all. */
  readonly since: number | undefined;
}

export interface Trail {
  /** @param now milliseconds since the epoch */
  note(status: StatusReport, now: number): void;
  /** The last `length` milliseconds, or since watching began where that is shorter. Counts of the sample before are in it. */
  window(status: StatusReport, now: number, length: number): Window;
}

/** Often enough for a page that speaks of minutes. */
export const NOTE_EVERY_MS = 30_000;

interface Note extends Missed {
  readonly at: number;
}

const NOTHING: Missed = { lost: 0, blindSeconds: 0, unidentified: 0 };

/** @param longest the longest window that will be asked for, milliseconds */
export function createTrail(longest: number): Trail {
  const notes: Note[] = [];
  let watchedSince: number | undefined;

  return {
    note(status, now) {
      watchedSince ??= provenSince(status);
      notes.push({ at: now, ...missed(status) });
      // One that is older than the window stays: it is what the window begins with.
      while (notes.length > 1 && (notes[1]?.at ?? now) <= now - longest) notes.shift();
    },
    window(status, now, length) {
      const from = now - length;
      const before = notes.findLast(({ at }) => at <= from) ?? NOTHING;
      const total = missed(status);
      const began = watchedSince ?? provenSince(status);
      return {
        since: began === undefined ? undefined : Math.max(began, from),
        lost: total.lost - before.lost,
        blindSeconds: total.blindSeconds - before.blindSeconds,
        unidentified: total.unidentified - before.unidentified,
      };
    },
  };
}

function missed({ coverage }: StatusReport): Missed {
  const { lostEvents, blindSeconds, unidentified } = coverage;
  return {
    lost: Object.values(lostEvents).reduce((sum, count) => sum + count, 0),
    blindSeconds,
    unidentified,
  };
}

function provenSince({ ready, stream }: StatusReport): number | undefined {
  return ready && stream.provenSince !== undefined ? Date.parse(stream.provenSince) : undefined;
}
