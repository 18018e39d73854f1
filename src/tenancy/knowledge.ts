/**
 * What was learned of each host namespace: which vClusters are in it. Learned
 * from evidence a tenant cannot write, never from a pod's name, so that nobody
 * mints a tenant by naming a pod. It only grows, and what it holds does not
 * depend on the order in which endpoints came.
 */
import { resolveStems } from './account.js';

/** Why each limit: what is beyond them is refused, told to `refused`, and stays unidentified. */
export interface KnowledgeLimits {
  /** Kubernetes is tested to 10,000 namespaces a cluster (sig-scalability thresholds). */
  readonly namespaces: number;
  /** Since v0.25 vCluster refuses a second one in a namespace; this leaves room for older ones, not for a flood. */
  readonly vclustersPerNamespace: number;
  /** All namespaces together: with two limits alone, 640,000 tenants would be within them. */
  readonly vclusters: number;
}

export const LIMITS: KnowledgeLimits = { namespaces: 10_000, vclustersPerNamespace: 64, vclusters: 20_000 };

/** Something that was not remembered because a limit was reached. */
export interface Refusal {
  readonly limit: keyof KnowledgeLimits;
  readonly cluster: string;
  readonly namespace: string;
  /** undefined where it is the namespace itself that was refused. */
  readonly vcluster: string | undefined;
}

/** Where a known vCluster's control plane is; undefined where two of that name claim the namespace. */
export type KnownVclusters = ReadonlyMap<string, string | undefined>;

/** What one host namespace is known for. Verdicts that used it are void when `generation` has moved on. */
export interface Lore {
  readonly cluster: string;
  readonly namespace: string;
  readonly generation: number;
  readonly known: KnownVclusters;
  /** Those known by more than a service account. */
  readonly confirmed: KnownVclusters;
  /** What follows `vc-` in the service accounts that were seen and taught. */
  readonly stems: ReadonlySet<string>;
  /** A pod is named as vCluster names them: nobody here may be taken for the platform any more. */
  readonly suspected: boolean;
}

export interface Knowledge {
  /** What is known of a namespace; where it cannot be remembered, something that is never taken for the platform. */
  of(cluster: string, namespace: string): Lore;
  /** @returns whether it is known now */
  learn(lore: Lore, vcluster: string, hostNamespace: string): boolean;
  /** Learn from a service account: `workload-<name>` may be read two ways (see account.ts). */
  learnAccount(lore: Lore, stem: string): boolean;
  /** A name that looks like a synced pod's was seen; with a vCluster where it was taken for that one's. */
  suspect(lore: Lore, vcluster: string | undefined): boolean;
}

interface Page extends Lore {
  generation: number;
  known: KnownVclusters;
  suspected: boolean;
  readonly confirmed: Map<string, string | undefined>;
  readonly stems: Set<string>;
  readonly suspects: Set<string>;
  readonly closed: boolean;
}

/** What knowledge is kept in; it outlives a reload of the configuration, which it does not depend on. */
export interface Library {
  readonly pages: Map<string, Page>;
  /** Of all pages together. */
  vclusters: number;
}

export function createLibrary(): Library {
  return { pages: new Map(), vclusters: 0 };
}

export function createKnowledge(
  library: Library,
  limits: KnowledgeLimits,
  refused: (refusal: Refusal) => void,
): Knowledge {
  const { pages } = library;

  return {
    of(cluster, namespace) {
      const key = `${cluster}/${namespace}`;
      const page = pages.get(key);
      if (page !== undefined) return page;
      const closed = pages.size >= limits.namespaces;
      const created = newPage(cluster, namespace, closed);
      if (closed) refused({ limit: 'namespaces', cluster, namespace, vcluster: undefined });
      else pages.set(key, created);
      return created;
    },

    learn(lore, vcluster, hostNamespace) {
      const page = lore as Page;
      const home = page.confirmed.get(vcluster);
      if (!page.confirmed.has(vcluster)) {
        if (!hasRoom(page, page.confirmed, vcluster)) return false;
        page.confirmed.set(vcluster, hostNamespace);
      } else if (home === undefined || home === hostNamespace || hostNamespace === page.namespace) {
        return true; // nothing new: "it is here" says less than "its control plane is there"
      } else {
        page.confirmed.set(vcluster, home === page.namespace ? hostNamespace : undefined);
      }
      return turn(page);
    },

    learnAccount(lore, stem) {
      const page = lore as Page;
      if (page.stems.has(stem)) return true;
      if (!hasRoom(page, page.stems, stem)) return false;
      page.stems.add(stem);
      return turn(page);
    },

    suspect(lore, vcluster) {
      const page = lore as Page;
      if (vcluster !== undefined && !page.suspects.has(vcluster)) {
        if (!hasRoom(page, page.suspects, vcluster)) return false;
        page.suspects.add(vcluster);
      }
      if (page.suspected) return true;
      page.suspected = true;
      page.generation++;
      return true;
    },
  };

  function hasRoom(page: Page, among: { readonly size: number }, vcluster: string): boolean {
    const { cluster, namespace } = page;
    if (page.closed) return false; // told when the namespace was refused
    if (among.size >= limits.vclustersPerNamespace) {
      refused({ limit: 'vclustersPerNamespace', cluster, namespace, vcluster });
      return false;
    }
    if (library.vclusters >= limits.vclusters) {
      refused({ limit: 'vclusters', cluster, namespace, vcluster });
      return false;
    }
    library.vclusters++;
    return true;
  }
}

function newPage(cluster: string, namespace: string, closed: boolean): Page {
  return {
    cluster,
    namespace,
    generation: 0,
    known: new Map(),
    confirmed: new Map(),
    suspected: closed,
    stems: new Set(),
    suspects: new Set(),
    closed,
  };
}

/** Work out anew what is known, and void what was concluded from less. */
function turn(page: Page): true {
  const known = new Map(page.confirmed);
  for (const vcluster of resolveStems(page.stems, page.confirmed)) {
    if (!known.has(vcluster)) known.set(vcluster, page.namespace);
  }
  page.known = known;
  page.generation++;
  return true;
}
