/**
 * What names from outside must look like to be believed. They become keys,
 * metric labels and parts of `<cluster>/<namespace>/<vcluster>`, so a slash, an
 * underscore in front or a kilobyte of text must not get that far.
 */

const LONGEST_LABEL = 63;
/** RFC 1123 label: a Kubernetes namespace. */
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
/** RFC 1123 subdomain, loosely: a vCluster is named like its Helm release, a pod like a subdomain. */
const DNS_NAME = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;
/** Cilium before 1.16 let a cluster be called almost anything; this is a Kubernetes label value. */
const LABEL_VALUE = /^[A-Za-z0-9](?:[-A-Za-z0-9._]*[A-Za-z0-9])?$/;
/** RFC 1123 subdomain. */
const LONGEST_POD_NAME = 253;

export function isNamespace(text: string): boolean {
  return text.length <= LONGEST_LABEL && DNS_LABEL.test(text);
}

/** vCluster writes its name into a label value: 63 at most. */
export function isVcluster(text: string): boolean {
  return text.length <= LONGEST_LABEL && DNS_NAME.test(text);
}

export function isCluster(text: string): boolean {
  return text.length <= LONGEST_LABEL && LABEL_VALUE.test(text);
}

export function isPodName(text: string): boolean {
  return text.length <= LONGEST_POD_NAME && DNS_NAME.test(text);
}
