import type { Flow } from '../model.js';
import type { NodeReport, NodesAnswer, RelayConnection } from './connection.js';
import { attached, type Blindness, type Coverage, doubted, lost, restarted } from './coverage.js';
import { RelayError } from './failures.js';
import { type Fingerprint, fingerprintFlow } from './fingerprint.js';
import type { Heard, NodeRecord, Nodes } from './nodes.js';
import { type FlowsFilter, latestRequest, type MaskLevel, oldestRequest } from './request.js';

/** How long a question about the nodes may take: the relay asks all of them. */
const DEADLINE_MS = 10_000;
/** How long nodes may take to show a flow; the relay waits a second for the slower ones (SortBufferDrainTimeout). */
const ROLL_CALL_MS = 5_000;
/** A node that said nothing for this long is looked at more closely. */
const QUIET_MS = 30_000;
/** What is younger than this may still be on its way. */
const ON_ITS_WAY_MS = 15_000;
/** A node that the relay does not list for this long has left. */
const UNLISTED_MS = 60_000;
/** Two starts that differ by less are one, told with a different delay. */
const RESTART_SLACK_MS = 5_000;

/** What one look at the nodes found; the session acts on it. */
export interface Findings {
  readonly kind: NodesAnswer['kind'];
  readonly blind: readonly Blindness[];
  /** Nodes that this stream cannot bring any more: they moved, or came back under the same name. */
  readonly moved: readonly string[];
  /** Nodes whose flows do not reach us, and the time of the oldest that is known to be missing. */
  readonly silent: readonly { readonly node: string; readonly since: number }[];
}

/** What an inspection looks at. */
export interface Scene {
  readonly connection: RelayConnection;
  readonly nodes: Nodes;
  readonly coverage: Coverage;
  readonly filter: FlowsFilter;
  readonly mask: MaskLevel;
  readonly clock: () => number;
  /** What the stream was told to read since. */
  readonly asked: number;
  /** When the stream was opened. */
  readonly openedAt: number;
  /** Whether the stream still stands; what is learned over one that ended counts for nothing. */
  readonly alive: () => boolean;
}

/**
 * Looks at the nodes: who is there, who started anew, who moved, whose flows do
 * not reach us although it has some; and settles the gaps. The relay tells none
 * of this by itself: in follow mode it adds nodes without a word, never re-opens
 * a node whose stream ended in good order or whose address changed, and nobody
 * sees the difference to a quiet node (relay/observer/observer.go, 1.19).
 * Undefined when the stream ended meanwhile. Rejects with a RelayError when the nodes cannot be asked.
 */
export async function inspect(scene: Scene): Promise<Findings | undefined> {
  const { connection, nodes, coverage, clock, asked, alive } = scene;
  const began = clock();
  const answer = await connection
    .nodes(DEADLINE_MS)
    .catch((error: unknown) => unanswered(scene, began, error));
  const reports = answer.kind === 'relay' ? answer.nodes : await named(scene, answer);
  if (!alive()) return undefined;
  const at = clock();
  for (const node of nodes) doubted(node, began, at);
  const moved = reports.flatMap((report) => note(scene, report, { asked: began, at }));
  if (answer.kind === 'node') for (const { name } of reports) attached(nodes.get(name, at), at);
  const gone = answer.kind === 'relay' ? departed(scene, new Set(reports.map(({ name }) => name)), at) : [];
  nodes.knownUntil = at;
  const settled = coverage.settle(nodes, asked, at);
  const probed = await probe(scene);
  const silent = await listen(scene, at);
  return { kind: answer.kind, moved, silent, blind: [...gone, ...settled, ...probed] };
}

/** A server that cannot be asked about its nodes: what the flows themselves tell has to do. */
async function unanswered(scene: Scene, asked: number, error: unknown): Promise<never> {
  const hangs = error instanceof RelayError && !error.answered;
  const present = hangs ? await rollCall(scene) : undefined;
  if (!scene.alive()) throw error;
  if (present !== undefined && present.size > 0) missTheFrozen(scene, present);
  for (const node of scene.nodes) {
    const { gap, name } = node;
    if (hangs && present?.get(name) === undefined) doubted(node, asked, undefined);
    if (gap?.attachedAt === undefined) continue;
    gap.oldest ??= present?.get(name);
    if (gap.oldest === undefined) gap.fruitless += 1;
  }
  throw error;
}

/** Which nodes show what their ring holds, and the oldest of it: a relay hands on what comes, while it waits for the others. */
async function rollCall({ connection, mask }: Scene): Promise<ReadonlyMap<string, number | undefined>> {
  const flows = await connection.readFor(oldestRequest(mask), ROLL_CALL_MS).catch(() => []);
  return new Map(flows.map(({ nodeName, time }) => [nodeName, time]));
}

/**
 * A node that is frozen, or cut off without a word, keeps the relay from
 * answering for all of them (relay/observer/server.go, GetNodes); nothing else
 * tells of it, and for the relay it stays connected. But who had some flows to
 * tell before, or said that its ring holds some, and now shows none while others do, is the one.
 */
function missTheFrozen({ nodes, clock }: Scene, present: ReadonlyMap<string, unknown>): void {
  for (const node of nodes) {
    const hasShown = node.seen.remembered > 0 || (node.heard?.report.numFlows ?? 0) > 1;
    if (node.name === '' || !node.attached || !hasShown || present.has(node.name)) continue;
    lost(node, 'node_error', clock());
    node.state = 'error';
    node.attached = false;
  }
}

/** A node that is spoken to directly does not tell its name; its flows do. Nothing while there are none. */
async function named(
  scene: Scene,
  answer: Extract<NodesAnswer, { kind: 'node' }>,
): Promise<NodesAnswer['nodes']> {
  const known = [...scene.nodes].find(({ name, attached }) => name !== '' && attached)?.name;
  const name = known ?? (await oldest(scene)).find(({ nodeName }) => nodeName !== '')?.nodeName;
  return name === undefined ? [] : answer.nodes.map((report) => ({ ...report, name }));
}

async function oldest(scene: Scene): Promise<readonly Flow[]> {
  return scene.connection.read(oldestRequest(scene.mask), DEADLINE_MS).catch(() => []);
}

/** Takes in what one node says; returns its name when this stream cannot bring it any more. */
function note({ nodes }: Scene, report: NodeReport, when: { asked: number; at: number }): readonly string[] {
  const { at } = when;
  const node = nodes.get(report.name, at);
  const { heard, unlistedSince } = node;
  nodes.hear(node, report, when);
  node.unlistedSince = undefined;
  if (report.state !== 'connected') {
    if (node.gap === undefined) lost(node, report.state === 'error' ? 'node_error' : 'node_unavailable', at);
    node.state = report.state;
    node.attached = false;
    return [];
  }
  if (node.state === 'unavailable' || node.state === 'error') node.availableAt = at;
  if (node.state !== 'silent') node.state = 'connected';
  if (heard === undefined) return [];
  if (startedAnew(heard, node.heard)) restarted(node, node.heard?.startedAt ?? at, at);
  else if (heard.report.seenFlows === report.seenFlows && node.proof >= heard.at) node.proof = at;
  const elsewhere =
    heard.report.address !== report.address && heard.report.address !== '' && report.address !== '';
  return elsewhere || unlistedSince !== undefined ? [node.name] : [];
}

function startedAnew(before: Heard, after: Heard | undefined): boolean {
  if (before.startedAt === undefined || after?.startedAt === undefined) return false;
  return after.startedAt - after.doubtMs > before.startedAt + RESTART_SLACK_MS;
}

/**
 * Forgets the nodes that the relay has not listed for a while. Not at once: a
 * relay that has just started learns of its nodes one by one.
 */
function departed({ nodes, coverage }: Scene, listed: ReadonlySet<string>, at: number): readonly Blindness[] {
  const unlisted = [...nodes].filter(({ name }) => name !== '' && !listed.has(name));
  return unlisted.flatMap((node) => {
    node.unlistedSince ??= at;
    if (at - node.unlistedSince < UNLISTED_MS) return [];
    nodes.remove(node.name);
    return coverage.left(node, at);
  });
}

/** Asks for the oldest flow in each ring where a gap cannot be settled without it. */
async function probe(scene: Scene): Promise<readonly Blindness[]> {
  const { nodes, coverage, clock, asked } = scene;
  const waiting = [...nodes].filter((node) => coverage.needsOldest(node));
  if (waiting.length === 0) return [];
  const began = clock();
  const present = await rollCall(scene);
  if (!scene.alive()) return [];
  for (const node of waiting) {
    const { gap, name, heard } = node;
    if (gap === undefined) continue;
    gap.oldest = present.get(name);
    if (gap.oldest !== undefined) continue;
    // The youngest is not shown before the next has come: of a single one nothing is to be seen.
    if (present.size > 0 && (heard?.report.numFlows ?? 0) > 1) doubted(node, began, undefined);
    else gap.fruitless += 1;
  }
  return coverage.settle(nodes, asked, clock());
}

/**
 * Of the nodes that were quiet, finds those that should not have been: their
 * ring has a flow that we ask for and never got. The others are proven covered.
 */
async function listen(scene: Scene, at: number): Promise<Findings['silent']> {
  const quiet = [...scene.nodes].filter((node) => isQuiet(node, scene, at));
  if (quiet.length === 0) return [];
  const { connection, filter, mask } = scene;
  const flows = await connection.read(latestRequest({ filter, mask }), DEADLINE_MS).catch(() => undefined);
  if (flows === undefined || !scene.alive()) return [];
  const latest = new Map(flows.map((flow) => [flow.nodeName, flow]));
  return quiet.flatMap((node) => {
    const silence = hearken(node, latest.get(node.name), scene, at);
    if (silence.kind === 'missed') return [{ node: node.name, since: silence.since }];
    if (silence.kind === 'covered') {
      if (node.state === 'silent') node.state = 'connected';
      if (node.gap === undefined) node.proof = at;
    }
    return [];
  });
}

function isQuiet(node: NodeRecord, { openedAt }: Scene, at: number): boolean {
  const heard = node.name !== '' && (node.state === 'connected' || node.state === 'silent');
  // Proven just now: it has seen nothing since it was last asked.
  if (!heard || node.proof >= at) return false;
  return at - openedAt >= QUIET_MS && at - node.pulse.lastReceived >= QUIET_MS;
}

type Silence =
  { readonly kind: 'covered' | 'on_its_way' } | { readonly kind: 'missed'; readonly since: number };

/**
 * Whether a quiet node keeps something from us. A flow that is young and
 * unknown may still be on its way, so it is waited for until the next look: of
 * a busy node the latest flow is always young, and judged by that alone the
 * busiest would never be found out.
 */
function hearken(node: NodeRecord, flow: Flow | undefined, { asked }: Scene, at: number): Silence {
  const { awaited, seen, pulse } = node;
  const key: Fingerprint = new Int32Array(4);
  if (flow !== undefined) fingerprintFlow(flow, key);
  if (flow?.time === undefined || seen.knows(key, flow.time)) {
    node.awaited = undefined;
    return { kind: 'covered' };
  }
  const { time } = flow;
  const before = awaited === undefined || seen.knows(awaited.key, awaited.time) ? undefined : awaited.time;
  node.awaited = { key, time };
  // Older than what we asked for, and always the same: it is only old. But when newer ones
  // appear below that line, the node's clock is behind it, and the node keeps everything back.
  if (time < asked && (before === undefined || before === time)) return { kind: 'covered' };
  const overdue = pulse.onNodeClock(at) - ON_ITS_WAY_MS;
  const since = [before, time].find((missing) => missing !== undefined && missing <= overdue);
  return since === undefined ? { kind: 'on_its_way' } : { kind: 'missed', since };
}
