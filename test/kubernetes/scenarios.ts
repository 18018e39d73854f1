/** What the chart is told in the tests that give all of it to the API server: values by their dotted path. */

export type Values = Readonly<Record<string, unknown>>;

/** Ways to run it, with what only that way can have. */
export const MODES: Readonly<Record<string, Values>> = {
  'one analyzer': {},
  'one analyzer that keeps its state in a claim': { 'state.persistence.enabled': true },
  'two replicas': { replicas: 2 },
  'one on each node, on the socket': { mode: 'daemonset', 'state.hostPath': '/var/lib/crosstalk' },
  'one on each node, over TCP': {
    mode: 'daemonset',
    'hubble.nodeAccess': 'tcp',
    'hubble.tls.enabled': true,
    'hubble.tls.secretName': 'hubble-certs',
  },
};

/** What can be had in every mode. Each alone, and all of them together. */
export const SWITCHES: Readonly<Record<string, Values>> = {
  'nothing else': {},
  'no state': { 'state.enabled': false },
  'a NetworkPolicy': { 'networkPolicy.kind': 'kubernetes' },
  'a CiliumNetworkPolicy': { 'networkPolicy.kind': 'cilium' },
  'no policy': { 'networkPolicy.kind': 'none' },
  'no operators': { 'monitoring.monitor': false, 'monitoring.rules': false },
  'annotations for Prometheus': { 'monitoring.monitor': false, 'monitoring.annotations': true },
  'no dashboards': { 'monitoring.dashboards': false },
  'a disruption budget': { 'podDisruptionBudget.enabled': true },
  'HTTPS and users': {
    'web.tls.secretName': 'web-certs',
    'web.basicAuthUsers': { prometheus: `$2y$10$${'a'.repeat(53)}` },
  },
  'certificates that are asked of clients': {
    'web.tls.secretName': 'web-certs',
    'web.tls.requireClientCertificate': true,
  },
  'certificates from cert-manager': {
    'web.tls.certManager.enabled': true,
    'web.tls.certManager.issuerRef': { name: 'internal', kind: 'ClusterIssuer' },
  },
  'an ingress': {
    'ingress.enabled': true,
    'ingress.className': 'cilium',
    'ingress.hosts': ['crosstalk.example'],
    'ingress.tls': [{ hosts: ['crosstalk.example'], secretName: 'crosstalk-ingress' }],
  },
  'a configuration': {
    config: {
      cluster: 'blue',
      expected: [{ source: 'team-a', destination: 'team-b', ports: ['5432/tcp'], reason: 'billing' }],
      alertmanager: { url: ['http://alertmanager-operated.monitoring.svc:9093'] },
    },
    'alertmanager.secretName': 'alertmanager',
  },
  'a place of its own for the pods': {
    priorityClassName: 'system-cluster-critical',
    nodeSelector: { 'node-role.kubernetes.io/infra': '' },
    tolerations: [{ key: 'infra', operator: 'Exists', effect: 'NoSchedule' }],
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'topology.kubernetes.io/zone',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'crosstalk' } },
      },
    ],
  },
};
