/** What one policy is made of while connections are looked at, and its rules with their reasons. */
import { counted, time } from './coverage.js';
import type { Observation } from './observed.js';
import type { OwnPods } from './own.js';
import { WORLD } from './peer.js';
import type { Direction, PlannedPeer, PlannedPort, PlannedRule } from './plan.js';

export interface Draft {
  readonly pods: OwnPods;
  readonly rules: Map<string, DraftRule>;
}

interface DraftRule {
  readonly direction: Direction;
  readonly peer: PlannedPeer;
  readonly blocks: Set<string>;
  /** With how often each was seen. */
  readonly ports: Map<string, PlannedPort & { count: number }>;
  readonly seen: Map<string, Seen>;
}

interface Seen {
  count: number;
  last: number;
  readonly port: string;
  readonly example: Observation;
}

export interface Noted {
  readonly direction: Direction;
  readonly peer: PlannedPeer;
  /** The peer as a text, the same for the same. */
  readonly key: string;
  /** Who reached whom on which port, in words. */
  readonly text: string;
  readonly observation: Observation;
}

export function note({ rules }: Draft, { direction, peer, key, text, observation }: Noted): void {
  const { protocol, port, icmpVersion, count, lastSeen } = observation;
  const family = protocol === 'icmp' && icmpVersion === 6 ? 'icmpv6' : protocol;
  if (family === 'other') return;
  // ICMP cannot stand in one rule with ports (cilium pkg/policy/api/rule_validation.go).
  const kind = protocol === 'icmp' ? 'icmp' : '';
  // Addresses of one service are one rule: who may reach a port, not a rule for each who did.
  const id = peer.kind === 'addresses' ? `${protocol} ${port}` : key;
  const place = `${direction} ${kind} ${id}`;
  let rule = rules.get(place);
  if (rule === undefined)
    rules.set(place, (rule = { direction, peer, blocks: new Set(), ports: new Map(), seen: new Map() }));
  // One more than are listed tells that they are too many.
  if (peer.kind === 'addresses' && rule.blocks.size <= MOST_ADDRESSES)
    for (const block of peer.blocks) rule.blocks.add(block);
  const name = `${family} ${port}`;
  const known = rule.ports.get(name);
  if (known === undefined) rule.ports.set(name, { protocol: family, port, count });
  else known.count += count;
  const seen = rule.seen.get(text);
  if (seen === undefined) rule.seen.set(text, { count, last: lastSeen, port: name, example: observation });
  else {
    seen.count += count;
    seen.last = Math.max(seen.last, lastSeen);
  }
}

/** More addresses than this are no list a person keeps up to date. */
export const MOST_ADDRESSES = 16;

/** More ports than this on one peer are a scan, or nothing that a person reads; those seen most often are kept. */
const MOST_PORTS = 64;

const MOST_SHOWN = 4;

export interface Finished {
  readonly rule: PlannedRule;
  /** On ports for which there was no room. */
  readonly leftOut: readonly { readonly text: string; readonly observation: Observation }[];
}

export function finish({ direction, peer, blocks, ports, seen }: DraftRule): Finished {
  const listed = [...ports].sort(([, a], [, b]) => b.count - a.count).slice(0, MOST_PORTS);
  const names = new Set(listed.map(([name]) => name));
  const all = [...seen];
  const kept = all.filter(([, { port }]) => names.has(port)).sort(([, a], [, b]) => b.count - a.count);
  const written = peerOf(peer, blocks);
  const comment = kept.slice(0, MOST_SHOWN).map(([text, { count, last, example }]) => {
    const { sourceIp, destinationIp } = example.example;
    const address = String(direction === 'egress' ? destinationIp : sourceIp);
    const isWorld = written.kind === 'entities' && written.names[0] === 'world';
    return `${text}${isWorld && address !== '' ? ` (${address})` : ''}: ${counted(count, 'time')}, last ${time(last)}`;
  });
  if (kept.length > MOST_SHOWN) comment.push(`and ${kept.length - MOST_SHOWN} more`);
  return {
    rule: {
      direction,
      peer: written,
      ports: listed
        .map(([, { protocol, port }]) => ({ protocol, port }))
        .sort((a, b) => a.protocol.localeCompare(b.protocol) || a.port - b.port),
      comment,
      about: kept.map(([text]) => text),
    },
    leftOut: all
      .filter(([, { port }]) => !names.has(port))
      .map(([text, { example }]) => ({ text, observation: example })),
  };
}

function peerOf(peer: PlannedPeer, blocks: ReadonlySet<string>): PlannedPeer {
  if (peer.kind !== 'addresses') return peer;
  return blocks.size > MOST_ADDRESSES ? WORLD : { kind: 'addresses', blocks: [...blocks].sort() };
}
