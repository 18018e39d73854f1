/** From a dry run to what the API answers and the command prints. Pure. */
import type { Endpoint, PolicyRef } from '../model.js';
import { plain } from '../outside.js';
import type { DryRun, Group } from '../policy/dryrun.js';
import type { PolicyCheckGroup, PolicyCheckReport } from './api.js';
import { hubbleObserveLine } from './hubble-line.js';
import { rfc3339 } from './reports.js';

/** A megabyte or two; what matters comes first. */
const MOST_GROUPS = 5_000;

export function policyCheckReport({ policies, totals, groups, findings, basis }: DryRun): PolicyCheckReport {
  return {
    policies: policies.map(({ ref }) => policyText(ref)),
    watched: basis.watched,
    doubts: basis.doubts.map((doubt) => plain(doubt, 1_000)),
    outcomes: totals,
    groups: groups.slice(0, MOST_GROUPS).map(groupReport),
    groupsLeftOff: Math.max(0, groups.length - MOST_GROUPS),
    findings: findings.map(({ policy, path, why, instead, lint }) => ({
      lint,
      policy: policyText(policy),
      path,
      why: plain(why, 1_000),
      instead: plain(instead, 1_000),
    })),
  };
}

function groupReport({ example, firstSeen, lastSeen, ...group }: Group): PolicyCheckGroup {
  const { example: flow } = example;
  return {
    ...group,
    sourceWorkload: plain(group.sourceWorkload),
    destinationWorkload: plain(group.destinationWorkload),
    because: plain(group.because, 1_000),
    firstSeen: rfc3339(firstSeen),
    lastSeen: rfc3339(lastSeen),
    example: {
      source: sideText(flow.source, String(flow.sourceIp)),
      destination: sideText(flow.destination, String(flow.destinationIp)),
      uuid: plain(String(flow.uuid)),
      hubbleObserve: hubbleObserveLine(flow, example.verdict),
    },
  };
}

function sideText({ namespace, podName }: Endpoint, address: string): string {
  return plain(podName === '' ? address : `${namespace}/${podName}`);
}

function policyText({ kind, namespace, name }: PolicyRef): string {
  return [kind, namespace, name]
    .filter((part) => part !== '')
    .map((part) => plain(part))
    .join('/');
}
