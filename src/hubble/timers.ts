/** Time to come, passed in so that tests own it. */
export interface Timers {
  /** Calls `run` once after `ms` milliseconds; the returned function takes it back, any number of times. */
  after(ms: number, run: () => void): () => void;
}

export const systemTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Calls `run` every `ms`, counted from the end of the last one, until the returned function is called. */
export function every(timers: Timers, ms: number, run: () => void): () => void {
  let stopped = false;
  let cancel = timers.after(ms, tick);
  function tick(): void {
    run();
    if (!stopped) cancel = timers.after(ms, tick);
  }
  return () => {
    stopped = true;
    cancel();
  };
}
