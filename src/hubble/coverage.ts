import { type Interval, Union } from './intervals.js';
import type { NodeRecord } from './nodes.js';

/** Why flows of a node may not have reached us. */
export type GapCause =
  | 'first_start'
  | 'crosstalk_restarted'
  | 'stream_ended'
  | 'node_unavailable'
  | 'node_error'
  | 'node_silent'
  | 'node_restarted'
  | 'node_left';

/** A stretch of a node's time that is not yet accounted for. Times are of the node's clock where not said otherwise. */
export interface Gap {
  /** Up to here everything reached us. */
  readonly from: number;
  readonly cause: GapCause;
  /** Our clock. */
  readonly openedAt: number;
  /** When the node's flows began to reach us again: whatever its ring held then is re-read. */
  attachedAt: number | undefined;
  /** First flow after `from` that was re-read. */
  firstFlow: number | undefined;
  /** When a flow first came of what was re-read; our clock. */
  heardAt: number | undefined;
  /** Oldest flow in its ring, when that was asked. */
  oldest: number | undefined;
  /** The node was never seen before: it is not held against it that it did not exist. */
  readonly newcomer: boolean;
  /** Looks at the nodes since it was attached that told nothing about it. */
  fruitless: number;
}

/** Blind time that became certain: `seconds` not counted before, within `from` and `to`, at these nodes. */
export interface Blindness extends Interval {
  readonly seconds: number;
  readonly nodes: readonly string[];
  readonly cause: GapCause;
}

/** The relay opens a returning node within 2 s (PeerUpdateInterval, relay/defaults), and so its ring is re-read. */
const REOPENED_AFTER_MS = 5_000;
/** NODE_ERROR is held back up to 10 s (ErrorAggregationWindow), and then waits to be sorted. */
const ERROR_DELAY_MS = 15_000;
/** When a stream broke is known to within this much. */
const CLOCK_DOUBT_MS = 1_000;
/**
 * An agent's uptime begins with its observer (NewLocalServer, observer/local_observer.go), its flows when that is made a
 * consumer of the datapath's events (launch, hubble/cell/hubbleintegration.go): up to this much later, and what came
 * between nobody saw.
 */
const STARTING_MS = 500;
/** Edges of gaps that differ by less are told as one. */
const ALIKE_MS = 250;
/** Two clocks that agree within this are one. */
const RESTART_SLACK_MS = 1_000;

/** Up to when everything of a node is known to have reached us, by its clock. */
export function coveredUntil(node: NodeRecord): number {
  return Math.max(node.pulse.lastTime ?? -Infinity, node.pulse.onNodeClock(node.proof));
}

function open(
  node: NodeRecord,
  gap: { from: number; cause: GapCause; at: number; newcomer?: boolean },
): void {
  if (node.gap !== undefined) {
    // What is not settled yet only grows. It is not attached any more, and what was learned of
    // the ring was learned before it went on: its openedAt moves too, so that old reports do not count.
    const { newcomer, attachedAt, from } = node.gap;
    // One whose flows have reached us exists: the next time its ring begins anew, something was lost.
    const existed = newcomer && attachedAt !== undefined;
    node.gap = {
      ...node.gap,
      from: Math.min(existed ? Math.max(from, startOf(node)) : from, gap.from),
      newcomer: newcomer && !existed,
      cause: existed ? gap.cause : node.gap.cause,
      openedAt: gap.at,
      attachedAt: undefined,
      firstFlow: undefined,
      heardAt: undefined,
      oldest: undefined,
      fruitless: 0,
    };
    return;
  }
  const { from, cause, at, newcomer = false } = gap;
  node.gap = {
    from,
    cause,
    openedAt: at,
    newcomer,
    attachedAt: undefined,
    firstFlow: undefined,
    heardAt: undefined,
    oldest: undefined,
    fruitless: 0,
  };
}

/** Opens a gap from the last proof on. */
export function lost(node: NodeRecord, cause: GapCause, at: number): void {
  open(node, { from: coveredUntil(node), cause, at });
}

/** Opens a gap from a known time on: where the state file, or the start, says that coverage ended. */
export function missing(node: NodeRecord, cause: GapCause, from: number, at: number): void {
  open(node, { from, cause, at, newcomer: cause !== 'crosstalk_restarted' });
}

/**
 * A node error that the relay told of late: what the node had to say since may
 * already be here, re-read. So the gap is where its flows fell silent.
 *
 * @param when `brokeAt`: when the stream of the node broke, by our clock; without it, some time within the last 15 s.
 *   `asked`: what the stream was told to read since; what was missed before was known when it was opened
 */
export function failed(
  node: NodeRecord,
  { brokeAt, at, asked }: { brokeAt: number | undefined; at: number; asked: number },
): void {
  const { pulse, gap } = node;
  const isPlausible =
    brokeAt !== undefined && brokeAt >= at - ERROR_DELAY_MS && brokeAt <= at + CLOCK_DOUBT_MS;
  // A gap that was known before, and the node that came back since: old news.
  if (gap?.attachedAt !== undefined && isPlausible && brokeAt < gap.attachedAt) return;
  const [first, last] = isPlausible
    ? [brokeAt - CLOCK_DOUBT_MS, brokeAt + CLOCK_DOUBT_MS]
    : [at - ERROR_DELAY_MS, at];
  const until = coveredUntil(node);
  const [earliest, latest] = pulse.within(first, last);
  // Behind a black hole it fell silent long before its stream broke.
  const silentFrom = Math.max(Math.min(earliest, pulse.lastBefore(first)), asked);
  const proven = pulse.onNodeClock(node.proof);
  const begin = Math.min(until, Math.max(silentFrom, proven));
  const silence = pulse.silence(begin, latest, pulse.onNodeClock(at));
  open(node, { from: Math.min(until, Math.max(silence.from, proven)), cause: 'node_error', at });
  // Told at once, it may not have spoken since: then a silence that ended before is no more than a pause.
  const spoke = (pulse.lastTime ?? -Infinity) > latest && (gap === undefined || gap.attachedAt !== undefined);
  if (node.gap !== undefined && spoke) node.gap.firstFlow = silence.to;
}

/**
 * A node whose Hubble started anew at `startedAt` (our clock). While it was
 * gone the datapath went on forwarding, and its ring was lost with it.
 */
export function restarted(node: NodeRecord, startedAt: number, at: number): void {
  const { pulse, proof, gap } = node;
  const doubt = (node.heard?.doubtMs ?? 0) + RESTART_SLACK_MS;
  const [earliest, latest] = pulse.within(startedAt - doubt, startedAt + RESTART_SLACK_MS);
  const silence = pulse.silence(earliest, latest, pulse.onNodeClock(at));
  const from = Math.max(silence.from, proof < startedAt ? pulse.onNodeClock(proof) : -Infinity);
  // A gap that says so already, and the re-read that ends it has begun.
  const reread = gap?.attachedAt !== undefined && gap.attachedAt >= startedAt;
  if (reread && gap.from <= from) return;
  open(node, { from, cause: 'node_restarted', at });
  attached(node, at);
  // A gap that was open already ends no sooner than it would have.
  const isLast = gap === undefined || (gap.attachedAt !== undefined && !reread);
  if (node.gap !== undefined) node.gap.firstFlow = isLast ? silence.to : gap.firstFlow;
}

/** The node's flows reach us again from now on, its ring first. */
export function attached(node: NodeRecord, at: number): void {
  node.attached = true;
  if (node.gap !== undefined) node.gap.attachedAt ??= at;
}

/**
 * A question that was asked at `asked` waited for this node until `at`, or still does (undefined). That the relay called
 * it connected was no proof then: it says so of a node behind a black hole too, because it asks none. What reached us
 * before the question did; else its ring went on unread, and is re-read from when its flows come, or it answers.
 */
export function doubted(node: NodeRecord, asked: number, at: number | undefined): void {
  const { gap } = node;
  if (gap?.attachedAt === undefined || (gap.heardAt !== undefined && gap.heardAt <= asked)) return;
  gap.attachedAt = gap.heardAt ?? at;
  if (gap.attachedAt === undefined) node.attached = false;
  else if (gap.heardAt === undefined) node.pulse.reopened(gap.attachedAt);
}

/** Hot only while a gap is open: what one flow (or report of loss) tells of it. */
export function flowInGap(node: NodeRecord, gap: Gap, time: number, at: number): void {
  attached(node, at);
  gap.heardAt ??= at;
  // The re-read reaches back to before the gap, and a ring has no holes.
  if (time <= gap.from) node.gap = undefined;
  else gap.firstFlow = Math.min(gap.firstFlow ?? Infinity, time);
}

/** From when on what is in the node's ring was re-read; undefined: not known yet. */
function readableFrom(node: NodeRecord, gap: Gap): number | undefined {
  const { heard, pulse } = node;
  const fresh = heard !== undefined && heard.at >= gap.openedAt ? heard : undefined;
  const startedAt = fresh?.startedAt;
  const [earliest, latest] = startedAt === undefined ? [-Infinity] : pulse.within(startedAt, startedAt);
  // Its start is known no better than the relay answers quickly; a flow that came is certain. But one from long
  // before the start was in the ring that is gone: the silence it ended was not the one looked for.
  const known = earliest - (fresh?.doubtMs ?? 0) - RESTART_SLACK_MS;
  const flow = gap.firstFlow !== undefined && gap.firstFlow >= known ? gap.firstFlow : Infinity;
  if (fresh !== undefined && latest !== undefined && fresh.report.numFlows < fresh.report.maxFlows)
    return Math.min(gap.newcomer ? earliest : latest + STARTING_MS, flow);
  if (gap.oldest !== undefined) {
    // The ring went on while it was asked: what it still held when the re-read began came through.
    const reread = Math.min(gap.oldest, flow);
    return Math.max(reread, gap.newcomer ? earliest : -Infinity);
  }
  if (gap.fruitless === 0) return undefined;
  // The first look may come before the first flow of the re-read; by the second there is none to come.
  return gap.firstFlow ?? (gap.fruitless > 1 ? Infinity : undefined);
}

/** Accounts for what could not be re-read: blind time, each second once. */
export class Coverage {
  private readonly union = new Union();
  private blindMs = 0;

  get blindSeconds(): number {
    return this.blindMs / 1000;
  }

  /** Whether a gap waits for the oldest flow in the node's ring to be settled, and the node is there to show it. */
  needsOldest(node: NodeRecord): boolean {
    return node.attached && node.gap?.attachedAt !== undefined && readableFrom(node, node.gap) === undefined;
  }

  /**
   * Settles the gaps of which enough is known; returns what was blind, one
   * value a cause. `asked`: what the stream was told to read since.
   */
  settle(nodes: Iterable<NodeRecord>, asked: number, at: number): readonly Blindness[] {
    const found: Unread[] = [];
    for (const node of nodes) {
      const { gap } = node;
      if (gap === undefined) continue;
      const since = Math.max(gap.openedAt, node.availableAt);
      if (node.state === 'connected' && at >= since + REOPENED_AFTER_MS) attached(node, at);
      if (gap.attachedAt === undefined) continue;
      const from = readableFrom(node, gap);
      if (from === undefined) continue;
      // No proof yet that anything arrived: should this stream end in the middle of the
      // re-read, the next one has to begin where this one's flows ended.
      node.gap = undefined;
      // Nothing is re-read from before what was asked; everything is read from when it was attached.
      const to = Math.min(Math.max(from, asked), node.pulse.onNodeClock(gap.attachedAt));
      const began = gap.newcomer ? Math.max(gap.from, startOf(node)) : gap.from;
      if (to > began) found.push({ node, cause: gap.cause, from: began, to });
    }
    return this.count(found);
  }

  /** A node that left the cluster while a gap was open: nothing can be re-read any more. */
  left(node: NodeRecord, at: number): readonly Blindness[] {
    const { gap } = node;
    node.gap = undefined;
    if (gap === undefined || gap.newcomer) return [];
    return this.count([{ node, cause: 'node_left', from: gap.from, to: node.pulse.onNodeClock(at) }]);
  }

  private count(found: readonly Unread[]): readonly Blindness[] {
    return alike(found).map((gaps) => {
      const ms = gaps.reduce((sum, gap) => sum + this.union.add(gap), 0);
      this.blindMs += ms;
      return {
        cause: gaps[0].cause,
        from: Math.min(...gaps.map(({ from }) => from)),
        to: Math.max(...gaps.map(({ to }) => to)),
        seconds: ms / 1000,
        nodes: gaps.map(({ node }) => node.name),
      };
    });
  }
}

interface Unread extends Interval {
  readonly node: NodeRecord;
  readonly cause: GapCause;
}

/**
 * Gaps that are told as one: of one cause, and their edges as good as the same. Nodes that a jammed relay brought
 * unevenly each have their own, and none is said to have missed what it did not.
 */
function alike(found: readonly Unread[]): readonly (readonly [Unread, ...Unread[]])[] {
  const groups: [Unread, ...Unread[]][] = [];
  const near = (one: number, other: number): boolean => Math.abs(one - other) <= ALIKE_MS;
  for (const gap of found) {
    const group = groups.find(
      ([first]) => first.cause === gap.cause && near(first.from, gap.from) && near(first.to, gap.to),
    );
    if (group === undefined) groups.push([gap]);
    else group.push(gap);
  }
  return groups;
}

function startOf(node: NodeRecord): number {
  const startedAt = node.heard?.startedAt;
  return startedAt === undefined ? -Infinity : node.pulse.onNodeClock(startedAt);
}
