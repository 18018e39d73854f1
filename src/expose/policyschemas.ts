/** The JSON Schemas of what the API says of policies (api.ts has the same as types). */
import { RELATIONS } from '../model.js';
import { OUTCOMES } from '../policy/outcome.js';
import type { PolicyCheckGroup, PolicyCheckReport } from './api.js';
import { count, flag, list, object, oneOf, text, time } from './schema.js';

const total = object<PolicyCheckReport['outcomes']['unknown']>(
  {},
  { kinds: count('Kinds of connections.'), connections: count('Connections seen of them.') },
);

const group = object<PolicyCheckGroup>(
  { title: 'PolicyCheckGroup', description: 'Connections that are one thing to a person.' },
  {
    outcome: oneOf(OUTCOMES, 'What would become of them.'),
    source: text('Tenant, or __platform__, __world__, __unidentified__.'),
    sourceWorkload: text('What opened them.'),
    destination: text('Tenant, or __platform__, __world__, __unidentified__.'),
    destinationWorkload: text('What they went to.'),
    relation: oneOf(RELATIONS, 'Who reached whom.'),
    port: text('8443/tcp'),
    expected: flag('Whether crossing was agreed on.'),
    because: text('What decides; empty where nothing changes.'),
    connections: count('Connections seen.'),
    firstSeen: time('When the first was seen.'),
    lastSeen: time('When the last was seen.'),
    example: object<PolicyCheckGroup['example']>(
      { description: 'One of them.' },
      {
        source: text('Pod or address.'),
        destination: text('Pod or address.'),
        uuid: text("Hubble's identifier of its first event."),
        hubbleObserve: text('The command that shows it again.'),
      },
    ),
  },
);

const finding = object<PolicyCheckReport['findings'][number]>(
  {},
  {
    lint: text('Which mistake.'),
    policy: text('kind/namespace/name'),
    path: text('Place in the policy.'),
    why: text('What is doubtful.'),
    instead: text('What to write instead.'),
  },
);

export const POLICY_CHECK = object<PolicyCheckReport>(
  { title: 'PolicyCheck', description: 'Policies against the connections that were seen.' },
  {
    policies: list(text('kind/namespace/name'), 'The policies that were tried.'),
    watched: text('What was watched, in one sentence.'),
    doubts: list(text('A sentence.'), 'Why that may not be all.'),
    outcomes: object<PolicyCheckReport['outcomes']>(
      { description: 'How much of each outcome.' },
      {
        newly_denied: total,
        unknown: total,
        newly_allowed: total,
        stopped_crossing: total,
        still_allowed: total,
        still_denied: total,
      },
    ),
    groups: list(group, 'What matters first.'),
    groupsLeftOff: count('Groups that are not listed.'),
    findings: list(finding, 'Valid, but probably not what is meant.'),
  },
);
