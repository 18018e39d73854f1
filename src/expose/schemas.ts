/** The JSON Schemas of what the API answers with (api.ts has the same as types). */
import { EVIDENCE, RELATIONS, VERDICTS, type Verdict } from '../model.js';
import {
  TONES,
  type ChangesReport,
  type CrossingParty,
  type CrossingReport,
  type GlanceReport,
  type MatrixPair,
  type MatrixReport,
  type NodeStatusReport,
  type StatusReport,
  type TenantReport,
  type TrafficMinute,
  type TrafficReport,
} from './api.js';
import type { Problem } from './problem.js';
import { count, counts, flag, list, object, oneOf, optional, text, time, type Schema } from './schema.js';

const nodeStatus = object<NodeStatusReport>(
  { title: 'NodeStatus' },
  {
    name: text("The host cluster's node."),
    state: oneOf(['connected', 'unavailable', 'error', 'silent'], 'Whether its flows reach Crosstalk.'),
    version: text("The agent's version; empty when it has not said."),
    lastFlow: optional(time('Time of the last flow from it.')),
    lostEvents: count('Events it says were lost.'),
  },
);

const stream = object<StatusReport['stream']>(
  { description: 'The stream of flows.' },
  {
    server: text("Hubble Relay's or an agent's address."),
    state: oneOf(['idle', 'connecting', 'open', 'waiting', 'closed'], 'waiting: before the next attempt.'),
    provenSince: optional(time('Since when flows are known to come through; absent: they are not.')),
    streamsEnded: count('Streams that ended since the start.'),
    lastError: optional(
      object<NonNullable<StatusReport['stream']['lastError']>>(
        { description: 'Why the last stream ended.' },
        { reason: text('From a closed set.'), message: text('What happened.'), hint: text('What to do.') },
      ),
    ),
    fieldMask: oneOf(['full', 'core', 'none'], 'How much of the field mask the server knows.'),
    filter: oneOf(['judged', 'all'], 'What the server is asked for.'),
  },
);

const coverage = object<StatusReport['coverage']>(
  { description: 'How much of the traffic was seen. Counts are since the start.' },
  {
    nodes: counts('Nodes by state.'),
    nodesNotSeen: list(text('Name.'), 'Nodes in any state but connected.'),
    lostEvents: counts('Events lost before they reached Crosstalk, by where.'),
    blindSeconds: {
      type: 'number',
      minimum: 0,
      description: 'Seconds in which flows may have passed unseen.',
    },
    lastFlow: optional(time('Time of the last flow.')),
    flows: count('Flows received once.'),
    duplicates: count('Flows received again, which count nowhere else.'),
    unidentified: count('Arrivals and denials with a side that could not be told apart.'),
  },
);

const setting = object<StatusReport['config']['settings'][number]>(
  {},
  { name: text('Place in the file, or the flag.'), value: text('In force.'), from: text('Who said so.') },
);

const seconds = (description: string): Schema => ({ type: 'number', minimum: 0, description });

const lag = object<StatusReport['lag']>(
  { description: 'Seconds from when a node saw a flow to when it was received, since the start.' },
  {
    median: optional(seconds('Half of the flows took at most so long.')),
    p99: optional(seconds('99 of 100 flows took at most so long; absent: longer than an hour, or no flow.')),
  },
);

const series = object<StatusReport['series']>(
  { description: 'Pairs of tenants in the metrics.' },
  {
    pairs: count('Pairs with series of their own.'),
    limit: count('limits.tenantPairs.'),
    overflowed: count('Updates that went to __overflow__.'),
  },
);

const alerts = object<StatusReport['alerts']>(
  { description: 'Violations, and how they are delivered.' },
  {
    active: count('Violations held.'),
    dropped: count('Not alerted: beyond a limit, or refused by an Alertmanager.'),
    alertmanagers: list(
      object<StatusReport['alerts']['alertmanagers'][number]>(
        {},
        { url: text('Where it is posted to.'), posts: counts('Posts by result.') },
      ),
      'Alertmanagers pushed to.',
    ),
  },
);

const config = object<StatusReport['config']>(
  { description: 'What the operator said.' },
  {
    file: optional(text('The configuration file; absent: none.')),
    lastReloadSuccessful: flag('false: the configuration before the last attempt is in force.'),
    settings: list(setting, 'Every setting with its origin.'),
  },
);

export const STATUS = object<StatusReport>(
  { title: 'Status', description: 'Stream, nodes, coverage, versions.' },
  {
    version: text("Crosstalk's version."),
    revision: text('The commit it was built from.'),
    nodeVersion: text('The version of Node.js that runs it.'),
    startedAt: time('When it started.'),
    ready: flag('Whether flows are being read.'),
    notReady: list(text('A sentence.'), 'Why not; empty when ready.'),
    stream,
    coverage,
    nodes: list(nodeStatus, 'Nodes behind the server, as far as they are known.'),
    lag,
    series,
    alerts,
    config,
  },
);

export const TENANTS = list(
  object<TenantReport>(
    { title: 'Tenant', description: 'A vCluster: cluster, host namespace and name together are its key.' },
    {
      name: text('What it is called in labels, in the API and in the log.'),
      cluster: text('The host cluster.'),
      hostNamespace: text('The namespace of the host cluster in which its pods run.'),
      vcluster: text("The vCluster's name."),
      endpoints: counts('Endpoints that speak for it, by the evidence that decided.'),
    },
  ),
  'Tenants seen so far, by name.',
);

const byVerdict = (description: string): Schema =>
  object<Record<Verdict, number>>(
    { description },
    { allowed: count('It arrived.'), audited: count('It arrived under audit.'), denied: count('By policy.') },
  );

const pair = object<MatrixPair>(
  { title: 'Pair' },
  {
    source: text('The tenant that opened the connections.'),
    destination: text('The tenant they went to.'),
    connections: byVerdict('Connections, each counted once.'),
    expected: byVerdict('How many of them were agreed on.'),
    lastSeen: time('When the last event of any of them was observed.'),
    unexpectedLastSeen: object<MatrixPair['unexpectedLastSeen']>(
      { description: 'When traffic that was not agreed on was last seen.' },
      {
        allowed: optional(time('It arrived.')),
        audited: optional(time('It arrived under audit.')),
        denied: optional(time('By policy.')),
      },
    ),
  },
);

export const MATRIX = object<MatrixReport>(
  { title: 'Matrix', description: 'Tenant by tenant; only pairs with traffic are listed.' },
  {
    tenants: list(text('Name.'), 'Names that stand in a pair; __overflow__ is those beyond the limit.'),
    pairs: list(pair, 'Who reached, or tried to reach, whom.'),
  },
);

const party = object<CrossingParty>(
  {
    title: 'CrossingParty',
    description: 'One end. What the tenant chose is shown without control characters.',
  },
  {
    tenant: text('Name of the tenant.'),
    namespace: text("The host cluster's namespace."),
    pod: text("The host cluster's pod; empty when unknown."),
    virtualNamespace: optional(text('The namespace as the tenant knows it.')),
    virtualPod: optional(text('The pod as the tenant knows it.')),
    address: text('IP address.'),
    evidence: oneOf(EVIDENCE, 'What decided whose it is.'),
    evidenceLabels: list(text('source:key=value'), 'The labels that were used for it.'),
  },
);

const crossing = object<CrossingReport>(
  { title: 'Crossing', description: 'One cross-tenant connection.' },
  {
    time: time('When it was first seen.'),
    lastSeen: time('When it was last seen.'),
    source: party,
    destination: party,
    protocol: oneOf(['tcp', 'udp', 'icmp', 'sctp', 'other'], 'Layer 4.'),
    port: optional({ type: 'integer', minimum: 0, maximum: 65_535, description: 'Destination port.' }),
    icmp: optional(
      object<NonNullable<CrossingReport['icmp']>>(
        {},
        { type: count('ICMP type.'), code: count('ICMP code.') },
      ),
    ),
    relation: oneOf(RELATIONS, 'Always cross_tenant here.'),
    verdict: oneOf(VERDICTS, 'What became of it.'),
    policies: list(text('kind/namespace/name'), 'The policies that Hubble named.'),
    expected: flag('Whether it was agreed on.'),
    reason: optional(text('Why it was agreed on.')),
    count: count('Events of it that Hubble reported.'),
    node: text('The node that saw it.'),
    uuid: text("Hubble's identifier of its first event."),
    hubbleObserve: text('The command that shows it again.'),
  },
);

export const CROSSINGS = list(crossing, 'Newest first.');

export const GLANCE = object<GlanceReport>(
  { title: 'Glance', description: 'What a person needs to know first, and true.' },
  {
    time: time('When it was made.'),
    tone: oneOf(
      TONES,
      'alarm: unexpected traffic got through; blind: nothing is watched; partial: not all was seen.',
    ),
    sentence: text('Of the last 15 minutes.'),
    remarks: list(text('A sentence.'), 'What else is to be known, the more serious first.'),
  },
);

export const CHANGES = object<ChangesReport>(
  { title: 'Changes', description: 'What changed since the message before; pairs and crossings are whole.' },
  {
    glance: GLANCE,
    pairs: list(pair, 'New or changed, as in the matrix.'),
    crossings: list(crossing, 'New or changed, newest first.'),
    incomplete: flag('true: there is more; read the matrix and the crossings.'),
  },
);

const minute = object<TrafficMinute>(
  {},
  {
    until: time('When it ended; of the last, now.'),
    inside: count('Within the tenant.'),
    gotThrough: count('Between tenants, arrived.'),
    denied: count('Between tenants, stopped by policies.'),
    other: count('To and from the platform, the world, and what could not be told apart.'),
  },
);

export const TRAFFIC = object<TrafficReport>(
  { title: 'Traffic', description: 'Arrivals and denials, minute by minute over the last hour.' },
  {
    tenant: optional(text('Absent: of all tenants.')),
    minutes: list(minute, 'The oldest first; the last has just begun.'),
  },
);

/** RFC 9457, section 3.1, and what a wrong query parameter adds. */
export const PROBLEM = object<Problem>(
  { title: 'Problem', description: 'RFC 9457 problem details.' },
  {
    type: text('about:blank: the title is that of the status.'),
    title: text("The status' name."),
    status: { type: 'integer', minimum: 400, maximum: 599, description: 'The status code.' },
    detail: text('What is wrong, and what to do.'),
    instance: text('The path that was asked for.'),
    parameter: optional(text('The query parameter that is wrong.')),
    given: optional(text('What was given.')),
    expected: optional(text('What was expected.')),
  },
);
