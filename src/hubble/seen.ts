import type { Fingerprint } from './fingerprint.js';
import { UuidMemory } from './uuids.js';

/** A node's clock that was set back by more than this makes old marks meaningless; less is disorder. */
const STEP_BACK_MS = 60_000;
/** No re-read takes longer: a ring holds at most 65,535 events. After it, time alone never hides a flow again. */
const CATCH_UP_LIMIT_MS = 120_000;

/**
 * Which events of one node were delivered before.
 *
 * A re-read can only bring what is still in the node's ring, so a memory of as
 * many fingerprints as the ring has places knows every one of them, and time
 * need not be asked at all. Time decides only where the memory cannot reach:
 * what an earlier process delivered (the mark from the state file), or what a
 * memory smaller than the ring has forgotten; and then only while the node is
 * being re-read. At other times a flow with an old time is a clock that was set
 * back, and hiding it would hide an attack.
 */
export class SeenEvents {
  /** Highest flow time delivered, by the node's clock. */
  mark: number;

  private readonly memory: UuidMemory;
  /** Up to here an earlier process delivered everything. */
  private readonly inherited: number;
  private ringSize: number | undefined;
  /** Up to here something was forgotten while the memory was smaller than the ring, which may still have it. */
  private forgottenBefore = -Infinity;
  private capacity: number;
  /** Mark when the present re-read began; undefined: not re-reading. */
  private markAtStart: number | undefined;
  private catchUpBegan: number | undefined;

  constructor(capacity: number, inherited: number | undefined) {
    this.memory = new UuidMemory(capacity);
    this.capacity = capacity;
    this.inherited = inherited ?? -Infinity;
    this.mark = this.inherited;
  }

  /** Whether what comes now may be a re-read. */
  get catchingUp(): boolean {
    return this.markAtStart !== undefined;
  }

  get remembered(): number {
    return this.memory.count;
  }

  get bytes(): number {
    return this.memory.bytes;
  }

  /** @param time the event's own, milliseconds; undefined where it has none */
  knows(key: Fingerprint, time: number | undefined): boolean {
    return this.memory.has(key, time);
  }

  /** Fits the memory to the ring (its number of places, where known) and to what the node may use of the whole. */
  fit(capacity: number, ringSize: number | undefined): void {
    const covered = this.coversRing();
    this.capacity = capacity;
    this.ringSize = ringSize;
    this.memory.resize(capacity);
    if (!covered && this.coversRing()) this.forgottenBefore = this.memory.forgottenUntil;
  }

  private coversRing(): boolean {
    return this.ringSize !== undefined && this.capacity >= this.ringSize;
  }

  /** The node's stream began anew, or may have: from here on it may bring what was delivered before. */
  reopened(): void {
    this.markAtStart = this.mark;
    this.catchUpBegan = undefined;
  }

  /** True exactly once for each event. `time` is the event's own, `receivedAt` ours; milliseconds. */
  admit(key: Fingerprint, time: number | undefined, receivedAt: number): boolean {
    const at = time ?? receivedAt;
    if (!this.memory.add(key, time, receivedAt)) return false;
    if (this.markAtStart !== undefined && this.deliveredBefore(at, receivedAt, this.markAtStart))
      return false;
    if (at > this.mark || (!this.catchingUp && at < this.mark - STEP_BACK_MS)) this.mark = at;
    return true;
  }

  /** Of an event that the memory does not know, while the node is being re-read. */
  private deliveredBefore(time: number, receivedAt: number, markAtStart: number): boolean {
    this.catchUpBegan ??= receivedAt;
    if (time > markAtStart || receivedAt - this.catchUpBegan > CATCH_UP_LIMIT_MS) {
      this.markAtStart = undefined;
      return false;
    }
    return time <= this.outOfReach();
  }

  /** Flow time up to which something may have been delivered and forgotten since. */
  private outOfReach(): number {
    const forgotten = this.coversRing() ? this.forgottenBefore : this.memory.forgottenUntil;
    return Math.max(this.inherited, forgotten);
  }
}
