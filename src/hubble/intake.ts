import type { Flow, HubbleEvent } from '../model.js';
import { attached, failed, flowInGap, lost } from './coverage.js';
import { type Fingerprint, fingerprintFlow, fingerprintLoss } from './fingerprint.js';
import type { NodeRecord, Nodes } from './nodes.js';
import type { Deliver, SubscriptionObserver } from './observer.js';

type LostEvents = Extract<HubbleEvent, { kind: 'lost_events' }>;
type NodeStatus = Extract<HubbleEvent, { kind: 'node_status' }>;

/** What is older than this is history: a connection seen an hour ago is not one seen now. */
const HISTORY_MS = 15 * 60_000;

/** Takes the events of one stream after the other, and lets each through once. */
export class Intake {
  /** Highest flow time delivered; milliseconds since the epoch. */
  lastFlowTime: number | undefined;
  /** Something was delivered since this was last set to false. */
  changed = false;

  private readonly nodes: Nodes;
  private readonly deliver: Deliver;
  private readonly observe: Pick<SubscriptionObserver, 'duplicate' | 'lostEvents'>;
  /** Called when a node that was not, turns out to reach us. */
  private readonly nodeReturned: () => void;
  private readonly key: Fingerprint = new Int32Array(4);
  /** Flows before this time are history, whatever their age: the stream was asked for a long past. */
  private historyUntil = -Infinity;
  /** What the present stream was told to read since. */
  private asked = -Infinity;
  /** How far the relay's clock is behind ours. */
  private relayLag: number | undefined;

  constructor(options: {
    nodes: Nodes;
    deliver: Deliver;
    observe: Pick<SubscriptionObserver, 'duplicate' | 'lostEvents'>;
    nodeReturned: () => void;
  }) {
    this.nodes = options.nodes;
    this.deliver = options.deliver;
    this.observe = options.observe;
    this.nodeReturned = options.nodeReturned;
  }

  /** A stream is opened at `now` that reads from `asked` on: it brings again what was delivered before. */
  opened(asked: number, now: number): void {
    this.relayLag = undefined;
    this.asked = asked;
    this.historyUntil = now - asked > HISTORY_MS ? now : -Infinity;
    for (const node of this.nodes) readAnew(node, now);
  }

  /** Hot: one flow. */
  flow(event: Extract<HubbleEvent, { kind: 'flow' }>, receivedAt: number): void {
    const { flow } = event;
    const node = this.nodes.get(flow.nodeName, receivedAt);
    fingerprintFlow(flow, this.key);
    const fresh = node.seen.admit(this.key, flow.time, receivedAt);
    this.heard(node, flow.time, receivedAt, fresh);
    if (!fresh) {
      this.observe.duplicate();
      return;
    }
    this.changed = true;
    if (flow.time !== undefined && flow.time > (this.lastFlowTime ?? 0)) this.lastFlowTime = flow.time;
    this.deliver(event, { receivedAt, seenAt: this.seenAt(node, flow, receivedAt) });
  }

  /**
   * A report of loss. It has no UUID and is re-read with its ring, except
   * HUBBLE_RING_BUFFER: that is made up for each reader that was too slow, and
   * never stored (container/ring.go), so each one counts; before 1.19 there is
   * one for every lost slot, and a flood of them would push out the flows.
   */
  loss(event: LostEvents, receivedAt: number): void {
    const node = this.nodes.get(event.nodeName, receivedAt);
    if (event.source !== 'hubble_ring_buffer') {
      fingerprintLoss(event, this.key);
      if (!node.seen.admit(this.key, event.time, receivedAt)) return;
    }
    if (!node.attached) attached(node, receivedAt);
    node.lostEvents += event.count;
    this.changed = true;
    this.observe.lostEvents({ node: event.nodeName, source: event.source, count: event.count });
  }

  /** What the relay says about nodes: at the start who is there, later only who failed. */
  nodeStatus(event: NodeStatus, at: number): void {
    // At the start of a stream it says so at once; errors it holds back.
    if (event.state !== 'error' && event.time !== undefined) this.relayLag = at - event.time;
    for (const [index, name] of event.nodeNames.entries()) {
      const node = this.nodes.get(name, at);
      if (event.state === 'connected') {
        // A silent node stays silent until it speaks: the relay believed it connected before, too.
        if (node.state !== 'silent') node.state = 'connected';
        attached(node, at);
        continue;
      }
      // Errors of one message are told together, under the time of the first (aggregateErrors, relay/observer).
      const brokeAt = index === 0 ? this.onOurClock(event.time) : undefined;
      if (event.state === 'error') failed(node, { brokeAt, at, asked: this.asked });
      else lost(node, 'node_unavailable', at);
      node.state = event.state === 'error' ? 'error' : 'unavailable';
      node.attached = false;
      readAnew(node, at);
    }
  }

  /** A time of the relay's clock; undefined while it is not known how far that is from ours. */
  private onOurClock(relays: number | undefined): number | undefined {
    return relays === undefined || this.relayLag === undefined ? undefined : relays + this.relayLag;
  }

  private heard(node: NodeRecord, time: number | undefined, receivedAt: number, fresh: boolean): void {
    const returned = node.state !== 'connected' || !node.attached;
    // The relay may have added it just now, without a word: its ring comes first.
    if (returned) node.pulse.reopened(receivedAt);
    if (time !== undefined) {
      node.pulse.beat(time, receivedAt, fresh && !node.seen.catchingUp);
      if (node.gap !== undefined) flowInGap(node, node.gap, time, receivedAt);
    }
    if (!returned) return;
    node.attached = true;
    node.state = 'connected';
    node.recycles = 0;
    this.nodeReturned();
  }

  private seenAt(node: NodeRecord, { time }: Flow, receivedAt: number): number {
    if (time === undefined || time >= receivedAt) return receivedAt;
    if (time < this.historyUntil) return time;
    return node.seen.catchingUp && receivedAt - time > HISTORY_MS ? time : receivedAt;
  }
}

function readAnew({ seen, pulse }: NodeRecord, now: number): void {
  seen.reopened();
  pulse.reopened(now);
}
