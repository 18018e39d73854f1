/**
 * What the alerts are called. The Prometheus rules in deploy/rules raise alerts of
 * the same names and words, with `source="rules"` where ours say `source="crosstalk"`.
 */
import type { Verdict } from '../model.js';

export interface AlertName {
  readonly alertname: string;
  readonly severity: 'critical' | 'warning' | 'info';
  /** Static: names and numbers are in the description. */
  readonly summary: string;
}

export const ALERT_NAMES: Readonly<Record<Verdict, AlertName>> = {
  allowed: {
    alertname: 'CrossTenantTrafficAllowed',
    severity: 'critical',
    summary: 'Traffic crossed from one tenant to another and was allowed',
  },
  audited: {
    alertname: 'CrossTenantTrafficAudited',
    severity: 'warning',
    summary: 'Traffic crossed from one tenant to another and was only audited',
  },
  denied: {
    alertname: 'CrossTenantTrafficDenied',
    severity: 'info',
    summary: 'Traffic from one tenant to another was denied',
  },
};

/** Where the runbooks are, one a name. The rules link to the same. */
export const RUNBOOKS = 'https://github.com/hubble-crosstalk/crosstalk/blob/main/deploy/runbooks';

export function runbookUrl(alertname: string): string {
  return `${RUNBOOKS}/${alertname}.md`;
}
