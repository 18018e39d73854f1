import { Heap } from './heap.js';

/**
 * When things happen in the simulated cluster. Two kinds: one that follows
 * the wall clock (the demo), and one that stands still until told to move on
 * (tests: an hour of traffic without an hour of waiting).
 */
export interface Timeline {
  /** Milliseconds since the epoch, possibly fractional. */
  now(): number;
  /** Does `act` at `time`; at once-to-come when that has passed. Same time: in order of asking. */
  at(time: number, act: () => void): void;
  /** Things still to happen. */
  readonly pending: number;
  /** Forgets everything still to happen. */
  close(): void;
}

/** A timeline that moves only by {@link ManualTimeline.advance}. */
export interface ManualTimeline extends Timeline {
  /** Moves on by `ms`, doing what falls due in order, each thing at its own time. */
  advance(ms: number): void;
}

/** @param start milliseconds since the epoch at which the story begins */
export function manualTimeline(start: number): ManualTimeline {
  const agenda = new Heap<() => void>();
  let now = start;
  return {
    now: () => now,
    at: (time, act) => agenda.push(Math.max(time, now), act),
    get pending() {
      return agenda.size;
    },
    advance: (ms) => {
      const until = now + ms;
      for (let due = agenda.firstKey(); due !== undefined && due <= until; due = agenda.firstKey()) {
        now = Math.max(now, due);
        agenda.pop()?.();
      }
      now = until;
    },
    close: () => agenda.clear(),
  };
}

/**
 * The wall clock. One timer for the whole agenda: a timer for each event
 * would cost more than the event.
 */
export function wallTimeline(): Timeline {
  const agenda = new Heap<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let timerDue = Infinity;

  const runDue = (): void => {
    timer = undefined;
    timerDue = Infinity;
    for (let due = agenda.firstKey(); due !== undefined && due <= Date.now(); due = agenda.firstKey()) {
      agenda.pop()?.();
    }
    arm();
  };
  const arm = (): void => {
    const due = agenda.firstKey();
    if (due === undefined || due >= timerDue) return;
    clearTimeout(timer);
    timerDue = due;
    // Never under 1 ms: what falls due within a millisecond is done together.
    timer = setTimeout(runDue, Math.max(1, Math.ceil(due - Date.now())));
  };

  return {
    now: () => Date.now(),
    at: (time, act) => {
      agenda.push(time, act);
      arm();
    },
    get pending() {
      return agenda.size;
    },
    close: () => {
      agenda.clear();
      clearTimeout(timer);
    },
  };
}
