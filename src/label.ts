/**
 * Hubble's labels taken apart: `source:key=value`, or `source:key` where the value
 * is empty (cilium pkg/labels/labels.go String()). The source says who put the
 * label there: `k8s` for what Kubernetes says, `reserved` and `cidr` for what Cilium
 * itself says. A pod cannot choose its source, so nothing is read without it.
 */

export interface HubbleLabel {
  readonly source: string;
  readonly key: string;
  readonly value: string;
}

/** Split on the first `:`, then on the first `=`: keys and values may hold more of both. */
export function splitLabel(text: string): HubbleLabel {
  const colon = text.indexOf(':');
  const equals = text.indexOf('=', colon + 1);
  const end = equals === -1 ? text.length : equals;
  return {
    source: text.slice(0, Math.max(colon, 0)),
    key: text.slice(colon + 1, end),
    value: text.slice(end + 1),
  };
}
