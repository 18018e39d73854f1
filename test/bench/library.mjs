// Crosstalk as a library: everything that the daemon does with the bytes of a
// message, and no gRPC. The stages are wired as src/daemon.ts wires them.
import { createCrossings } from '../../dist/account/crossings.js';
import { createLedger } from '../../dist/account/ledger.js';
import { createMeters } from '../../dist/account/meters.js';
import { Batch } from '../../dist/hubble/batch.js';
import { createDecoder } from '../../dist/hubble/decode.js';
import { Frames } from '../../dist/hubble/frames.js';
import { createSubscription, DEFAULT_UUIDS } from '../../dist/hubble/subscription.js';
import { createLog } from '../../dist/log.js';
import { createObserve } from '../../dist/observe.js';
import { createPipeline } from '../../dist/pipeline.js';
import { departure } from '../../dist/traffic/departure.js';
import { createObservations } from '../../dist/policy/observed.js';
import { createAttribution } from '../../dist/tenancy/attribution.js';
import { createConnections } from '../../dist/traffic/connections.js';
import { createExpected } from '../../dist/traffic/expected.js';
import { judge } from '../../dist/traffic/judge.js';
import { relate } from '../../dist/traffic/relation.js';
import { createVerdicts } from '../../dist/traffic/verdicts.js';

/** A connection that says what it is given, and answers nothing. */
function quietConnection(opened) {
  const never = () => new Promise(() => {});
  return {
    flows(_request, listener) {
      opened(listener);
      return { cancel() {} };
    },
    read: never,
    readFor: never,
    health: never,
    nodes: never,
    whySilent: never,
    close() {},
  };
}

/** Timers that never fire: what is measured is what a flow costs. */
const noTimers = { after: () => () => {} };

/** The messages of a stream, each to `message`. */
export function framesTo(message) {
  return new Frames({
    take(...at) {
      message(...at);
      return true;
    },
    longest: -1,
    handBack() {
      throw new Error('a frame that is no ordinary message');
    },
  });
}

/** @returns {Promise<{ write(piece: Buffer): void, take(bytes: Buffer): void, ledger: object }>} a piece of the stream, or a message */
export async function createLibrary({ endpoints = 65_536, trackedConnections = 200_000 } = {}) {
  const clock = () => Date.now();
  const meters = createMeters({ endReasons: [], nodeStates: [] }, clock());
  const observe = createObserve(await createLog({ level: 'silent', format: 'json' }), meters, clock);
  const ledger = createLedger(10_000);
  const crossings = createCrossings(1_000);
  const attribution = createAttribution({
    rules: { cluster: 'default', namespaces: [], platformNamespaces: [] },
    endpoints,
    observe,
  });
  const connections = createConnections(trackedConnections);
  const observations = createObservations();
  const take = createPipeline({
    departure,
    observed: (...seen) => observations.take(...seen),
    judge,
    attribute: (endpoint) => attribution.attribute(endpoint),
    relate,
    verdicts: createVerdicts(),
    connections,
    findAgreement: createExpected([]),
    ledger,
    crossed(crossing) {
      ledger.crossing(crossing);
      crossings.add(crossing);
    },
  });
  const decode = createDecoder({ endpoints });
  const listener = await new Promise((opened) => {
    createSubscription({
      server: 'memory',
      connect: async () => quietConnection(opened),
      filter: 'judged',
      flowsSinceMs: 0,
      clock,
      random: Math.random,
      timers: noTimers,
      uuidCapacity: DEFAULT_UUIDS,
      cursor: undefined,
      observe,
      deliver(event, at) {
        if (event.kind === 'flow') observe.flow(event.flow, at.receivedAt);
        take(event, at);
      },
    }).start();
  });
  const batch = new Batch(decode, (event) => listener.message(event));
  const frames = framesTo((bytes, start, end) => batch.take(bytes, start, end));
  return {
    write(piece) {
      frames.write(piece);
      batch.flush();
    },
    take: (bytes) => listener.message(decode(bytes)),
    decode,
    ledger,
    connections,
  };
}
