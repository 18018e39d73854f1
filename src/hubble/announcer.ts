import type { Nodes, NodeWatch } from './nodes.js';
import type { SubscriptionObserver } from './observer.js';

/** Tells the observer what changed about the nodes since it was last told, and nothing twice. */
export class NodeAnnouncer {
  private readonly nodes: Nodes;
  private readonly observe: Pick<SubscriptionObserver, 'nodeChanged' | 'nodesChanged'>;
  private readonly states = new Map<string, NodeWatch>();
  private counts = '';

  constructor(nodes: Nodes, observe: Pick<SubscriptionObserver, 'nodeChanged' | 'nodesChanged'>) {
    this.nodes = nodes;
    this.observe = observe;
  }

  /** `streaming`: a proven stream is open; `message`: what the relay said about the change, '' for nothing. */
  announce(streaming: boolean, message = ''): void {
    for (const { name, state } of this.nodes) {
      if (name === '' || this.states.get(name) === state) continue;
      this.states.set(name, state);
      this.observe.nodeChanged({ node: name, state, message });
    }
    for (const name of this.states.keys()) if (this.nodes.find(name) === undefined) this.states.delete(name);
    const counts = this.nodes.counts(streaming);
    const text = JSON.stringify(counts);
    if (text === this.counts) return;
    this.counts = text;
    this.observe.nodesChanged(counts);
  }
}
