/**
 * Everything that can happen to the daemon, one function each: the log line and
 * the meter together, so that nobody can log a loss and forget to count it.
 */
import type { AlertObserver } from './alert/alertmanager.js';
import { addLag, increment, type Meters } from './account/meters.js';
import { createAllowance, type Allowance } from './allowance.js';
import { problemText, type Problem } from './config/problem.js';
import type { CrossingReport } from './expose/api.js';
import { rfc3339 } from './expose/reports.js';
import type { SubscriptionObserver } from './hubble/observer.js';
import type { Log, LogEvent } from './log.js';
import type { ExpectedTraffic, Flow, Verdict } from './model.js';
import { plain } from './outside.js';
import type { AttributionObserver } from './tenancy/observer.js';

export interface Observe extends SubscriptionObserver, Required<AttributionObserver>, AlertObserver {
  started(details: { version: string; server: string; configFile: string | undefined }): void;
  listening(addresses: readonly string[]): void;
  /** Hot: each flow that is no duplicate. @param receivedAt milliseconds since the epoch */
  flow(flow: Flow, receivedAt: number): void;
  /** A cross-tenant connection that was not known before. */
  connection(verdict: Verdict, report: () => CrossingReport): void;
  /** Says how many connections the log's limit has held back since the last time. */
  heldBack(): void;
  /** An agreement on cross-tenant traffic has passed its `until`. */
  agreementEnded(agreement: ExpectedTraffic): void;
  /** No room for one more violation of this verdict. */
  alertsLimit(verdict: Verdict): void;
  /** Flows are read the ordinary, slower way. Said once: it stays so while the process lives. */
  plainReading(why: string): void;
  configWarning(problem: Problem): void;
  configReloaded(now: number): void;
  configReloadFailed(problems: readonly Problem[]): void;
  shuttingDown(): void;
}

/** Log lines of new connections: enough to follow an incident, not enough to fill a disk. */
const LINES = { burst: 100, perSecond: 10 };
/** Conflicts and lost events come in floods when they come: the counters have them all. */
const FLOOD_LINES = { burst: 20, perSecond: 0.1 };

/** An Alertmanager that stays away is tried every few seconds: a few lines, then one in ten minutes. */
const AWAY_LINES = { burst: 3, perSecond: 1 / 600 };

/** @param clock milliseconds since the epoch */
export function createObserve(log: Log, meters: Meters, clock: () => number): Observe {
  // Apart: a tenant that makes itself denied in a flood must not silence the line of what gets through.
  const deniedLines = createAllowance(LINES.burst, LINES.perSecond);
  const gotThroughLines = createAllowance(LINES.burst, LINES.perSecond);
  const conflictLines = createAllowance(FLOOD_LINES.burst, FLOOD_LINES.perSecond);
  const lossLines = createAllowance(FLOOD_LINES.burst, FLOOD_LINES.perSecond);
  const refusalLines = createAllowance(FLOOD_LINES.burst, FLOOD_LINES.perSecond);
  const limitLines = createAllowance(1, AWAY_LINES.perSecond);
  const awayLines = new Map<string, Allowance>();
  /** Alertmanagers whose failure was the last that the log said of them. */
  const saidAway = new Set<string>();
  let saidPlain = false;
  const at = (level: 'debug' | 'info' | 'warn' | 'error') => {
    return (event: LogEvent, message: string, fields: object = {}): void => {
      log[level]({ event, ...fields }, message);
    };
  };
  const info = at('info');
  const warn = at('warn');
  const error = at('error');

  return {
    started({ version, server, configFile }) {
      info('started', `crosstalk ${version} reads flows from ${server}`, { version, server, configFile });
    },
    listening(addresses) {
      info('web_listening', `listening on ${addresses.join(', ')}`, { addresses });
    },
    shuttingDown() {
      info('shutting_down', 'shutting down');
    },

    // ── the stream ──
    streamOpened({ server, since, mask }) {
      const fields = { server, since: rfc3339(since), fieldMask: mask };
      at('debug')('stream_opened', `asking ${server} for flows since ${fields.since}`, fields);
    },
    streamProven({ server }) {
      meters.hubbleUp = true;
      info('stream_proven', `reading flows from ${server}`, { server });
    },
    streamEnded({ reason, message, hint, retryInMs, wasProven }) {
      meters.hubbleUp = false;
      increment(meters.streamsEnded, reason);
      const said = plain(message, 500);
      const next = retryInMs === undefined ? '' : `; next attempt in ${(retryInMs / 1000).toFixed(1)} s`;
      const write = reason === 'shutdown' || reason === 'recycled' ? info : warn;
      write('stream_ended', `${wasProven ? 'the stream ended' : 'no stream'}: ${said}. ${hint}${next}`, {
        reason,
        error: said,
        hint,
        retryInMs,
      });
    },
    duplicate() {
      meters.duplicateFlows += 1;
    },
    flow(flow, receivedAt) {
      meters.lastFlowAt = receivedAt;
      if (flow.time !== undefined) addLag(meters.lag, (receivedAt - flow.time) / 1000);
    },
    lostEvents({ node, source, count }) {
      increment(meters.lostEvents, source, count);
      if (!lossLines.take(clock())) return;
      warn('events_lost', `${count} events lost before they reached us (${source}, ${plain(node)})`, {
        node: plain(node),
        source,
        count,
      });
    },
    nodesChanged(counts) {
      for (const [state, count] of Object.entries(counts)) meters.nodes.set(state, count);
    },
    nodeChanged({ node, state, message }) {
      const write = state === 'connected' ? info : warn;
      const said = message === '' ? '' : `: ${plain(message, 500)}`;
      write('node_state', `node ${plain(node)} is ${state}${said}`, { node: plain(node), state });
    },
    gap({ from, to, seconds, nodes, cause }) {
      meters.blindSeconds += seconds;
      const shown = nodes.slice(0, 20).map((node) => plain(node));
      const window = `${rfc3339(from)} and ${rfc3339(to)}`;
      const message = `flows between ${window} may have passed unseen on ${nodes.length} nodes (${cause})`;
      error('flows_unseen', message, {
        from: rfc3339(from),
        to: rfc3339(to),
        seconds,
        nodes: shown,
        nodeCount: nodes.length,
        cause,
      });
    },
    maskRefused({ message, next }) {
      const fields = { error: plain(message, 500), fieldMask: next };
      info(
        'field_mask_refused',
        `the server does not know a field we asked for; asking with ${next}`,
        fields,
      );
    },
    plainReading(why) {
      if (saidPlain) return;
      saidPlain = true;
      warn('plain_reading', `flows are read the slow way, at about half the speed: ${why}`);
    },
    fileTrouble({ message }) {
      warn('state_file', plain(message, 500));
    },

    // ── who is who ──
    attributed(evidence) {
      increment(meters.attributed, evidence);
    },
    conflict({ cluster, namespace, podName, decided, evidence, disagreements }) {
      meters.attributionConflicts += 1;
      if (!conflictLines.take(clock())) return;
      const who = typeof decided === 'string' ? decided : decided.name;
      const against = disagreements.map(({ about, says }) => `${about} says ${plain(says)}`);
      const pod = `${plain(namespace)}/${plain(podName)}`;
      warn('attribution_conflict', `${pod} is taken for ${who} by ${evidence}, but ${against.join(', ')}`, {
        cluster: plain(cluster),
        namespace: plain(namespace),
        pod: plain(podName),
        decided: who,
        evidence,
        disagreements: against,
      });
    },
    clusterMismatch({ configured, observed }) {
      const seen = plain(observed);
      const message =
        `flows of this cluster carry the name ${seen}, the configuration says ${configured}: ` +
        `set "cluster: ${seen}", or namespace rules do not apply and tenants are named with their cluster`;
      warn('cluster_name_mismatch', message, { configured, observed: seen });
    },
    refused({ limit, cluster, namespace, vcluster }) {
      const fields = { limit, cluster: plain(cluster), namespace: plain(namespace), vcluster };
      warn('attribution_limit', `no room to remember more of ${limit}: endpoints stay unidentified`, fields);
    },

    // ── what happened ──
    connection(verdict, report) {
      if (!(verdict === 'denied' ? deniedLines : gotThroughLines).take(clock())) return;
      const fields = report();
      const write = fields.verdict === 'denied' || fields.expected ? info : warn;
      write('cross_tenant_connection', crossingSentence(fields), fields);
    },
    heldBack() {
      const count = deniedLines.heldBack() + gotThroughLines.heldBack();
      if (count === 0) return;
      const message = `${count} more cross-tenant connections are counted and not logged one by one`;
      warn('cross_tenant_connections_held_back', message, { count });
    },

    agreementEnded({ source, destination, reason, until }) {
      const ended = until === undefined ? '' : rfc3339(until);
      const message = `the agreement from ${source} to ${destination} (${plain(reason)}) ended at ${ended}: its traffic is unexpected from now on`;
      warn('agreement_ended', message, { source, destination, reason: plain(reason), until: ended });
    },

    // ── alerts ──
    alertsPosted({ alertmanager, result }) {
      const results = meters.alertmanagerPosts.get(alertmanager) ?? new Map<string, number>();
      meters.alertmanagerPosts.set(alertmanager, results);
      increment(results, result);
    },
    alertsSent({ alertmanager, count }) {
      at('debug')('alerts_sent', `${count} alerts sent to ${alertmanager}`, { alertmanager, count });
      if (saidAway.delete(alertmanager))
        info('alertmanager_recovered', `${alertmanager} takes alerts again`, { alertmanager });
    },
    alertmanagerFailed({ alertmanager, result, message, retryInMs }) {
      const lines = awayLines.get(alertmanager) ?? createAllowance(AWAY_LINES.burst, AWAY_LINES.perSecond);
      awayLines.set(alertmanager, lines);
      if (!lines.take(clock())) return;
      saidAway.add(alertmanager);
      const said = plain(message, 500);
      const next = retryInMs === undefined ? '' : `; next attempt in ${(retryInMs / 1000).toFixed(1)} s`;
      warn('alertmanager_failed', `${alertmanager} did not take the alerts: ${said}${next}`, {
        alertmanager,
        result,
        error: said,
        retryInMs,
      });
    },
    alertRefused({ alertmanager, violation: { source, destination, verdict }, message }) {
      increment(meters.alertsDropped, 'refused');
      if (!refusalLines.take(clock())) return;
      const said = plain(message, 500);
      warn(
        'alert_refused',
        `${alertmanager} will not take the alert of ${source} to ${destination} (${verdict}), which is not sent there again: ${said}`,
        { alertmanager, source, destination, verdict, error: said },
      );
    },
    alertsLimit(verdict) {
      increment(meters.alertsDropped, 'limit');
      if (!limitLines.take(clock())) return;
      const message = `no room for more violations with verdict ${verdict} (limits.tenantPairs): they are counted and logged, and no alert is pushed`;
      warn('alerts_limit', message, { verdict });
    },

    // ── configuration ──
    configWarning(problem) {
      warn('config_warning', problemText(problem));
    },
    configReloaded(now) {
      meters.configReloadOk = true;
      meters.configReloadedAt = now;
      info('config_reloaded', 'the configuration was read again and is in force');
    },
    configReloadFailed(problems) {
      meters.configReloadOk = false;
      const lines = problems.map(problemText);
      error('config_reload_failed', `the configuration stays as it was: ${lines.join('; ')}`, {
        problems: lines,
      });
    },
  };
}

/** `team-b web-0 reached team-a nginx on 80/tcp: allowed, unexpected` */
function crossingSentence(report: CrossingReport): string {
  const { source, destination, protocol, port, verdict, expected } = report;
  const to = port === undefined ? protocol : `${port}/${protocol}`;
  const did = verdict === 'denied' ? 'was kept from' : 'reached';
  const why = expected ? `, expected: ${report.reason ?? ''}` : verdict === 'denied' ? '' : ', unexpected';
  return `${source.tenant} (${podOf(source)}) ${did} ${destination.tenant} (${podOf(destination)}) on ${to}: ${verdict}${why}`;
}

/** As its tenant knows it, where that is certain; else as the host does. */
function podOf({ virtualNamespace, virtualPod, namespace, pod, address }: CrossingReport['source']): string {
  if (virtualPod !== undefined) return `${virtualNamespace ?? '?'}/${virtualPod}`;
  return pod === '' ? address : `${namespace}/${pod}`;
}
