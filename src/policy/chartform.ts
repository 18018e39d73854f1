/**
 * A plan as the block `policies.networkPolicy` of vCluster's Helm values. The chart
 * makes NetworkPolicies of it, with rules of its own beside ours: those are tried
 * with ours, and what they let through is said.
 */
import { chartPolicies, type ChartRules } from './chart.js';
import type { Form, Unsaid } from './form.js';
import { API_PORT } from './needed.js';
import { isLifeline, rulesOf } from './networkform.js';
import { controlPlanePods, type OwnPods, workloadPods } from './own.js';
import type { Plan, PlannedPolicy, PlannedPort, PlannedRule } from './plan.js';
import { plainOf, Reasoned, type Sheet } from './write.js';

export function chartForm({ tenant, policies }: Plan): Form {
  const { hostNamespace, vcluster } = tenant;
  const unsaid: Unsaid[] = [];
  const blocks = (pods: OwnPods): { ingress: Reasoned; egress: Reasoned } => {
    const rules = (policies.find((one) => isOf(pods, one))?.rules ?? []).flatMap(splitAtApi);
    const opens = (rule: PlannedRule): boolean => isOpened(rule, pods.role) || isLifeline(rule, pods.role);
    const of = (direction: PlannedRule['direction']): Reasoned =>
      rulesOf(rules, { namespace: hostNamespace, direction, unsaid, opens });
    return { ingress: of('ingress'), egress: of('egress') };
  };
  const own = [workloadPods(hostNamespace, vcluster), controlPlanePods(hostNamespace, vcluster)] as const;
  const [workload, controlPlane] = [blocks(own[0]), blocks(own[1])];
  const sheet: Sheet = {
    policies: {
      networkPolicy: {
        enabled: true,
        workload: { publicEgress: { enabled: false }, ...workload },
        controlPlane,
      },
    },
  };
  return {
    sheets: [sheet],
    objects: chartPolicies(tenant, plainOf({ workload, controlPlane }) as ChartRules),
    unsaid: [...unsaid, ...policies.filter((one) => !own.some((pods) => isOf(pods, one))).map(elsewhere)],
    notes: NOTES,
    trial: `helm template ${vcluster} vcluster/vcluster --namespace ${hostNamespace} --values THIS_FILE --show-only templates/networkpolicy.yaml | crosstalk policy check --policy -`,
  };
}

const NOTES = [
  "Values for vCluster's Helm chart (0.33 and later), release name as the vCluster. The chart adds rules of its own:",
  '  everybody reaches the control plane on 8443; the control plane reaches everybody on 443, 6443 and 8443;',
  '  pods labelled app: loft, of whatever namespace, are taken for vCluster Platform: the control plane and they reach each other on every port.',
  'A NetworkPolicy cannot name nodes, the API server or ICMP: what needed them is left out below. --format cilium can.',
];

function isOf(pods: OwnPods, { namespace, labels }: PlannedPolicy): boolean {
  return pods.namespace === namespace && JSON.stringify(pods.labels) === JSON.stringify(labels);
}

/** What nodes need of the control plane's API, apart from what else they need: the chart opens its port. */
function splitAtApi(rule: PlannedRule): PlannedRule[] {
  const { direction, peer, ports = [] } = rule;
  const isAbout = direction === 'ingress' && peer.kind === 'entities' && peer.names.includes('host');
  if (!isAbout || ports.length < 2) return [rule];
  const [api, others] = [true, false].map((wanted) => ports.filter((one) => isApi(one) === wanted));
  return [api, others].flatMap((some) =>
    some === undefined || some.length === 0 ? [] : [{ ...rule, ports: some }],
  );
}

/** From 0.34 on the chart does so itself; before, kubectl through another node would be denied. */
function isOpened({ direction, peer, ports }: PlannedRule, role: OwnPods['role']): boolean {
  const isNode = peer.kind === 'entities' && peer.names.includes('host');
  return role === 'control-plane' && direction === 'ingress' && isNode && ports?.every(isApi) === true;
}

const isApi = ({ protocol, port }: PlannedPort): boolean => protocol === 'tcp' && port === API_PORT;

function elsewhere({ namespace, labels, rules }: PlannedPolicy): Unsaid {
  const which = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return {
    why: "The chart's policies do not select these pods; nothing isolates them",
    about: rules.flatMap(({ about }) => about),
    always: [`${which.join(', ')} in ${namespace}`],
  };
}
