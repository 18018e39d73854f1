/**
 * The composition root: constructs the stages in the order in which a flow passes
 * them, and releases them in the opposite one. Contains no decision about flows.
 */
import { createCrossings } from './account/crossings.js';
import { FAMILIES, type Numbers } from './account/families.js';
import { createHour, NOTE_EVERY_MS } from './account/hour.js';
import { createLedger } from './account/ledger.js';
import { createMeters } from './account/meters.js';
import { exampleOf } from './alert/example.js';
import { POST_RESULTS } from './alert/post.js';
import { createPush } from './alert/push.js';
import { readViolations } from './alert/remembered.js';
import { createViolations } from './alert/violations.js';
import type { Config } from './config/config.js';
import { reloadConfig } from './config/load.js';
import { problemText } from './config/problem.js';
import { createWeb } from './expose/http.js';
import { createExposition } from './expose/registry.js';
import {
  crossingReport,
  matrixReport,
  statusReport,
  tenantReports,
  trafficReport,
} from './expose/reports.js';
import { memoryState, openStateFile } from './hubble/cursor.js';
import { createDecoder } from './hubble/decode.js';
import { END_REASONS } from './hubble/failures.js';
import { NODE_STATES } from './hubble/nodes.js';
import type { RelayOptions } from './hubble/relay.js';
import { createSubscription, DEFAULT_UUIDS } from './hubble/subscription.js';
import { parseServer } from './hubble/target.js';
import { every, systemTimers, type Timers } from './hubble/timers.js';
import type { Log } from './log.js';
import type { Crossing } from './model.js';
import { createObserve } from './observe.js';
import { createPipeline } from './pipeline.js';
import { createObservations } from './policy/observed.js';
import { coverageOf, type Watched } from './policy/watched.js';
import { createAttribution } from './tenancy/attribution.js';
import { createConnections } from './traffic/connections.js';
import { departure } from './traffic/departure.js';
import { createExpected } from './traffic/expected.js';
import { judge } from './traffic/judge.js';
import { relate } from './traffic/relation.js';
import { readRemembered } from './traffic/remembered.js';
import { createVerdicts } from './traffic/verdicts.js';

export interface Build {
  readonly version: string;
  readonly revision: string;
  readonly nodeVersion: string;
}

/** What the process lends: tests pass their own. */
export interface Surroundings {
  readonly build: Build;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly random: () => number;
  readonly timers: Timers;
}

export interface Daemon {
  /** Where the web server listens, `http://host:port`. */
  readonly addresses: readonly string[];
  /** What /metrics is rendered from. */
  readonly numbers: Numbers;
  /** All or nothing; the problems are in the log and in the result. */
  reload(): Promise<{ ok: boolean; problems: string[] }>;
  /** Ends the stream, writes the state, sends what is held a last time, closes the web server. */
  close(): Promise<void>;
}

/** How often what the log's limit held back is summed up, and agreements are looked at. */
const HOUSEKEEPING_MS = 10_000;

/** Sections of the state file. */
const CONNECTIONS = 'connections';
const VIOLATIONS = 'violations';

/** For the last word to every Alertmanager: Kubernetes and the command line wait longer, a person little. */
const LAST_POST_MS = 2_000;

export const SYSTEM: Omit<Surroundings, 'build' | 'log'> = {
  clock: () => Date.now(),
  random: () => Math.random(),
  timers: systemTimers,
};

/** Rejects when what was configured cannot be had: an address in use, a state directory that cannot be written. */
export async function startDaemon(initial: Config, surroundings: Surroundings): Promise<Daemon> {
  const { build, log, clock, random, timers } = surroundings;
  const startedAt = clock();
  let config = initial;

  // numbers
  const meters = createMeters(
    {
      endReasons: END_REASONS,
      nodeStates: NODE_STATES,
      alertmanagers: config.alertmanager.urls,
      postResults: POST_RESULTS,
    },
    startedAt,
  );
  const observe = createObserve(log, meters, clock);
  const ledger = createLedger(config.limits.tenantPairs);
  const crossings = createCrossings(config.limits.crossings);
  const hour = createHour();
  const observations = createObservations();

  // what an earlier process left
  const state =
    config.stateFile === undefined
      ? memoryState()
      : await openStateFile({
          path: config.stateFile,
          clock,
          warn: (message) => observe.fileTrouble({ message }),
        });
  const remembered = readRemembered(state.get(CONNECTIONS));
  if (remembered === 'unusable')
    observe.fileTrouble({ message: 'the connections in the state file are of no form this version knows' });
  const heldViolations = readViolations(state.get(VIOLATIONS));
  if (heldViolations === 'unusable')
    observe.fileTrouble({ message: 'the violations in the state file are of no form this version knows' });

  // alerts
  const violations = createViolations({
    capacity: config.limits.tenantPairs,
    settings: () => ({ cluster: config.tenancy.cluster, holdMs: config.alerts.holdMs }),
    describe: (crossing) => exampleOf(crossingReport(firstEvent(crossing))),
    urgent: () => push.nudge(),
    refused: (verdict) => observe.alertsLimit(verdict),
    remembered: heldViolations === 'unusable' ? undefined : heldViolations,
  });
  const push = createPush({
    access: config.alertmanager,
    active: () => violations.active(clock()),
    externalUrl: config.web.externalUrl,
    resendMs: () => config.alerts.resendMs,
    timers,
    clock,
    random,
    observe,
  });

  // stages
  let attribution = createAttribution({
    rules: config.tenancy,
    endpoints: config.limits.endpoints,
    observe,
  });
  let findAgreement = createExpected(config.expected);
  const connections = createConnections(
    config.limits.trackedConnections,
    remembered === 'unusable' ? undefined : remembered,
  );
  const take = createPipeline({
    judge,
    attribute: (endpoint) => attribution.attribute(endpoint),
    relate,
    verdicts: createVerdicts(),
    connections,
    findAgreement: (...traffic) => findAgreement(...traffic),
    ledger,
    departure,
    observed: (...seen) => observations.take(...seen),
    crossed(crossing: Crossing) {
      ledger.crossing(crossing);
      crossings.add(crossing);
      violations.add(crossing, clock());
      const { isNew, verdict } = crossing.occurrence;
      if (isNew) observe.connection(verdict, () => crossingReport(firstEvent(crossing)));
    },
  });

  // The cursor and what was counted up to it go to disk together, or one would contradict the other.
  const save = (): Promise<void> => {
    state.set(CONNECTIONS, connections.remembered(clock()));
    // Copies: it is written in turns, and these go on.
    state.set(
      VIOLATIONS,
      violations.active(clock()).map((held) => ({ ...held })),
    );
    return state.flush();
  };

  // the stream
  const { tls } = config;
  const relay: RelayOptions = {
    target: parseServer(config.server),
    tls: tls.enabled
      ? {
          caFiles: tls.caCertFiles,
          certFile: tls.clientCertFile,
          keyFile: tls.clientKeyFile,
          serverName: tls.serverName,
          insecure: tls.allowInsecure,
        }
      : undefined,
    decode: createDecoder({ endpoints: config.limits.endpoints }),
    timers,
    fileTrouble: (message) => observe.fileTrouble({ message }),
    plainReading: (why) => observe.plainReading(why),
  };
  const subscription = createSubscription({
    server: config.server,
    // gRPC is loaded when it is needed: /metrics answers a tenth of a second before it has been.
    connect: async (move) => (await import('./hubble/relay.js')).createConnect(relay)(move),
    filter: config.flows.filter,
    flowsSinceMs: config.flows.sinceMs,
    clock,
    random,
    timers,
    uuidCapacity: DEFAULT_UUIDS,
    cursor: config.stateFile === undefined ? undefined : { ...state, flush: () => save() },
    observe,
    deliver(event, at) {
      if (event.kind === 'flow') observe.flow(event.flow, at.receivedAt);
      take(event, at);
    },
  });

  const numbers: Numbers = {
    ledger,
    meters,
    tenants: () => attribution.tenants().length,
    trackedConnections: () => connections.tracked(clock()),
    evictedConnections: () => connections.evicted,
    violations: () => violations.active(clock()).length,
    build,
  };

  const watched = (): Watched => {
    const list = observations.list();
    const { nodes, lastFlowTime } = subscription.status();
    const { lostEvents, blindSeconds } = meters;
    const { forgotten } = observations;
    const watch = { nodes, lastFlowTime, lostEvents, blindSeconds, forgotten, filter: config.flows.filter };
    return {
      observations: list,
      who: (endpoint) => attribution.attribute(endpoint),
      relate,
      agreed: (source, destination, { l4 }, at) =>
        findAgreement(source.name, destination.name, l4, at) !== undefined,
      cluster: config.tenancy.cluster,
      coverage: coverageOf(list, watch),
    };
  };

  async function reload(): Promise<{ ok: boolean; problems: string[] }> {
    const read = await reloadConfig(config, clock());
    if (!read.ok) {
      observe.configReloadFailed(read.problems);
      return { ok: false, problems: read.problems.map(problemText) };
    }
    for (const warning of read.warnings) observe.configWarning(warning);
    config = read.config;
    findAgreement = createExpected(config.expected);
    attribution = createAttribution({
      rules: config.tenancy,
      endpoints: config.limits.endpoints,
      observe,
      previous: attribution,
    });
    observe.configReloaded(clock());
    return { ok: true, problems: [] };
  }

  // the outside
  const exposition = createExposition(FAMILIES, numbers, { defaults: true });
  const ready = (): { ready: boolean; reasons: string[] } => {
    const { lastError } = subscription.status();
    if (meters.hubbleUp) return { ready: true, reasons: [] };
    const why =
      lastError === undefined ? '' : ` (${lastError.reason}: ${lastError.message}. ${lastError.hint})`;
    return { ready: false, reasons: [`no stream of flows from ${config.server} yet${why}`] };
  };
  observe.started({ version: build.version, server: config.server, configFile: config.configFile });
  const web = await createWeb({
    web: config.web,
    log,
    sources: {
      metrics: () => exposition.render(),
      status: () =>
        statusReport({
          build,
          startedAt,
          config,
          meters,
          ledger,
          subscription: subscription.status(),
          ...ready(),
          violations: violations.active(clock()).length,
        }),
      tenants: () => tenantReports(attribution.tenants()),
      matrix: () => matrixReport(ledger),
      crossings: (filter) => crossings.recent(filter).map(crossingReport),
      traffic(tenant) {
        const isKnown =
          tenant === undefined || attribution.tenants().some((one) => one.tenant.name === tenant);
        return isKnown ? trafficReport(tenant, hour.of(tenant, ledger.flows(), clock())) : undefined;
      },
      // Few ask, and what answers has schemas of its own: loaded when it is asked for.
      checkPolicies: async (text) => (await import('./policycheck.js')).checkText(text, watched()),
      suggestPolicy: async (tenant, wish) =>
        (await import('./suggestion.js')).suggest(tenant, watched(), wish),
      ready,
      reload,
    },
  });
  observe.listening(web.addresses);

  let lookedAt = startedAt;
  const stopHousekeeping = every(timers, HOUSEKEEPING_MS, () => {
    observe.heldBack();
    const now = clock();
    for (const agreement of config.expected) {
      const { until } = agreement;
      if (until !== undefined && until > lookedAt && until <= now) observe.agreementEnded(agreement);
    }
    lookedAt = now;
  });
  const stopNoting = every(timers, NOTE_EVERY_MS, () => hour.note(ledger.flows(), clock()));
  subscription.start();
  push.start();

  return {
    addresses: web.addresses,
    numbers,
    reload,
    async close() {
      observe.shuttingDown();
      stopHousekeeping();
      stopNoting();
      await subscription.close();
      // What is seen no more may go on all the same: it is held in full, here and there.
      violations.holdInFull(clock());
      await Promise.all([
        save().catch((error: unknown) => observe.fileTrouble({ message: String(error) })),
        push.close(LAST_POST_MS),
      ]);
      await web.close();
      observe.heldBack();
    },
  };
}

function firstEvent(crossing: Crossing): Parameters<typeof crossingReport>[0] {
  return { crossing, firstSeen: crossing.seenAt, lastSeen: crossing.seenAt, count: 1 };
}
