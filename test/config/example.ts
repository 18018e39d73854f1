/** The configuration file as the documentation shows it. */
export const CONTRACT_EXAMPLE = `
server: hubble-relay.kube-system.svc.cluster.local:80
cluster: default                      # the name flows of this cluster carry
tenants:
  namespaces:                         # the operator's word: strongest evidence
    - namespace: vcluster-team-a      # exact, or a trailing *
      vcluster: vcluster-team-a
      name: team-a                    # optional display name
  platformNamespaces: [kube-system, vcluster-platform]   # never a tenant, whatever a pod claims
expected:                             # cross-tenant traffic that has been agreed on
  - source: team-a                    # a tenant name, or * 
    destination: team-b
    ports: [5432/tcp]                 # none: any
    reason: shared billing database   # required
    until: 2027-03-01                 # optional; past it the entry no longer applies, and a warning says so
limits: { tenantPairs: 10000, trackedConnections: 200000, endpoints: 65536, crossings: 1000 }
alerts: { hold: 15m, resend: 1m }
`;
