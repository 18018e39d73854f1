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
 * @param brokeAt when the stream of the node broke, by our clock; without it, some time within the last 15 s
 */
export function failed(node: NodeRecord, brokeAt: number | undefined, at: number): void {
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
  const begin = Math.min(until, Math.max(earliest, pulse.onNodeClock(node.proof)));
  const silence = pulse.silence(begin, latest, pulse.onNodeClock(at));
  open(node, { from: Math.min(until, silence.from), cause: 'node_error', at });
  if (node.gap !== undefined) node.gap.firstFlow = silence.to;
}

/**
 * A node whose Hubble started anew at `startedAt` (our clock). While it was
 * gone the datapath went on forwarding, and its ring was lost with it.
 */
export function restarted(node: NodeRecord, startedAt: number, at: number): void {
  const { pulse, proof } = node;
  const doubt = (node.heard?.doubtMs ?? 0) + RESTART_SLACK_MS;
  const [earliest, latest] = pulse.within(startedAt - doubt, startedAt + RESTART_SLACK_MS);
  const silence = pulse.silence(earliest, latest, pulse.onNodeClock(at));
  const from = Math.max(silence.from, proof < startedAt ? pulse.onNodeClock(proof) : -Infinity);
  // A gap that says so already, and the re-read that ends it has begun.
  if (node.gap?.attachedAt !== undefined && node.gap.attachedAt >= startedAt && node.gap.from <= from) return;
  open(node, { from, cause: 'node_restarted', at });
  attached(node, at);
  if (node.gap !== undefined) node.gap.firstFlow = silence.to;
}

/** The node's flows reach us again from now on, its ring first. */
export function attached(node: NodeRecord, at: number): void {
  node.attached = true;
  if (node.gap !== undefined) node.gap.attachedAt ??= at;
}

/** Hot only while a gap is open: what one flow (or report of loss) tells of it. */
export function flowInGap(node: NodeRecord, gap: Gap, time: number, at: number): void {
  attached(node, at);
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

  /** Whether a gap waits for the oldest flow in the node's ring to be settled. */
  needsOldest(node: NodeRecord): boolean {
    return node.gap?.attachedAt !== undefined && readableFrom(node, node.gap) === undefined;
  }

  /**
   * Settles the gaps of which enough is known; returns what was blind, one
   * value a cause. `asked`: what the stream was told to read since.
   */
  settle(nodes: Iterable<NodeRecord>, asked: number, at: number): readonly Blindness[] {
    const found: (Interval & { node: NodeRecord; cause: GapCause })[] = [];
    for (const node of nodes) {
      const { gap } = node;
      if (gap === undefined) continue;
      if (node.state === 'connected' && at >= gap.openedAt + REOPENED_AFTER_MS) attached(node, at);
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

  private count(found: readonly (Interval & { node: NodeRecord; cause: GapCause })[]): readonly Blindness[] {
    const causes = new Set(found.map(({ cause }) => cause));
    return [...causes].map((cause) => {
      const gaps = found.filter((gap) => gap.cause === cause);
      const ms = gaps.reduce((sum, gap) => sum + this.union.add(gap), 0);
      this.blindMs += ms;
      return {
        cause,
        from: Math.min(...gaps.map(({ from }) => from)),
        to: Math.max(...gaps.map(({ to }) => to)),
        seconds: ms / 1000,
        nodes: gaps.map(({ node }) => node.name),
      };
    });
  }
}

function startOf(node: NodeRecord): number {
  const startedAt = node.heard?.startedAt;
  return startedAt === undefined ? -Infinity : node.pulse.onNodeClock(startedAt);
}
