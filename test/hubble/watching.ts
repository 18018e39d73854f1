/** A subscription over a world, and everything it said. */
import { memoryState, type StateFile } from '../../src/hubble/cursor.js';
import type { Blindness } from '../../src/hubble/coverage.js';
import type { SubscriptionObserver } from '../../src/hubble/observer.js';
import { createSubscription, DEFAULT_UUIDS, type Subscription } from '../../src/hubble/subscription.js';
import type { FlowsFilter } from '../../src/hubble/request.js';
import type { HubbleEvent } from '../../src/model.js';
import type { World } from './world.js';

export interface Watching {
  readonly subscription: Subscription;
  /** uuid of every flow delivered, in order. */
  readonly uuids: string[];
  readonly delivered: { event: HubbleEvent; receivedAt: number; seenAt: number }[];
  readonly said: { what: keyof SubscriptionObserver; details: unknown }[];
  readonly gaps: Blindness[];
  duplicates: number;
  lost: number;
  /** Reasons of all ends so far. */
  ends(): string[];
  told(what: keyof SubscriptionObserver): unknown[];
}

export function watch(
  world: World,
  options: {
    flowsSinceMs?: number;
    filter?: FlowsFilter;
    cursor?: StateFile;
    uuidCapacity?: number;
    random?: () => number;
    clock?: () => number;
  } = {},
): Watching {
  const {
    flowsSinceMs = 0,
    filter = 'judged',
    cursor = memoryState(),
    uuidCapacity = DEFAULT_UUIDS,
    random = () => 1,
    clock = world.time.clock,
  } = options;
  const said: Watching['said'] = [];
  const say =
    (what: keyof SubscriptionObserver) =>
    (details: unknown): void => {
      said.push({ what, details });
    };
  const watching: Watching = {
    uuids: [],
    delivered: [],
    said,
    gaps: [],
    duplicates: 0,
    lost: 0,
    ends: () =>
      said
        .filter(({ what }) => what === 'streamEnded')
        .map(({ details }) => (details as { reason: string }).reason),
    told: (what) => said.filter((entry) => entry.what === what).map(({ details }) => details),
    subscription: createSubscription({
      server: 'relay:80',
      connect: world.connect,
      filter,
      flowsSinceMs,
      clock,
      random,
      timers: world.time,
      uuidCapacity,
      cursor,
      deliver(event, at) {
        watching.delivered.push({ event, ...at });
        if (event.kind === 'flow') watching.uuids.push(String(event.flow.uuid));
      },
      observe: {
        streamOpened: say('streamOpened'),
        streamProven: say('streamProven'),
        streamEnded: say('streamEnded'),
        duplicate: () => (watching.duplicates += 1),
        lostEvents(details) {
          watching.lost += details.count;
          say('lostEvents')(details);
        },
        nodesChanged: say('nodesChanged'),
        nodeChanged: say('nodeChanged'),
        gap(details) {
          watching.gaps.push(details);
          say('gap')(details);
        },
        maskRefused: say('maskRefused'),
        fileTrouble: say('fileTrouble'),
      },
    }),
  };
  return watching;
}
