/** Who takes part in what was observed: one side for all endpoints that look the same to policies. */
import type { Endpoint, Text } from '../model.js';
import { labelsOf, type Side } from './connection.js';

/** One side of the kinds it takes part in. The array of labels is one for each content: the evaluator's cache key. */
export interface ObservedSide extends Side {
  /** As Hubble described it when it was first seen; other pods of the same identity look the same to policies. */
  readonly endpoint: Endpoint;
}

export class KnownSide implements ObservedSide {
  readonly labels: readonly string[];
  readonly ip: string;
  readonly endpoint: Endpoint;
  /** Its place among the known ones. */
  readonly content: string;
  /** No other side of these has it. */
  readonly number: number;
  /** Kinds that it takes part in; without one it is forgotten. */
  uses = 0;
  /** An endpoint may have met other ones. */
  readonly among: Sides;

  constructor(endpoint: Endpoint, ip: string, is: Pick<KnownSide, 'content' | 'number' | 'among'>) {
    this.labels = labelsOf(endpoint);
    this.ip = ip;
    this.endpoint = endpoint;
    this.content = is.content;
    this.number = is.number;
    this.among = is.among;
  }
}

/** Everybody outside is one endpoint to Hubble, of many addresses. */
class Outside {
  readonly byAddress = new Map<string, KnownSide>();
  readonly among: Sides;

  constructor(among: Sides) {
    this.among = among;
  }
}

/** The sides, each noted on the endpoints that it was found for: twice a flow it is found there. */
export class Sides {
  readonly #most: number;
  readonly #byContent = new Map<string, KnownSide>();
  #last = 0;

  /** @param most addresses that are noted of one endpoint */
  constructor(most: number) {
    this.#most = most;
  }

  /** Hot: the side of an endpoint. It is kept when it is used. */
  of(endpoint: Endpoint, ip: Text): KnownSide {
    const { side } = endpoint;
    if (side instanceof KnownSide && side.among === this && side.uses > 0) return side;
    const outside = this.#outside(endpoint);
    const address = String(ip);
    return outside === undefined ? this.#inside(endpoint, address) : this.#at(outside, endpoint, address);
  }

  /** A side of which nothing is left. */
  forget(known: KnownSide): void {
    const { content, endpoint, ip } = known;
    this.#byContent.delete(content);
    if (endpoint.side === known) endpoint.side = undefined;
    else if (endpoint.side instanceof Outside) endpoint.side.byAddress.delete(ip);
  }

  #outside(endpoint: Endpoint): Outside | undefined {
    const { side } = endpoint;
    if (side instanceof Outside && side.among === this) return side;
    return isAddressed(endpoint) ? note(endpoint, new Outside(this)) : undefined;
  }

  #inside(endpoint: Endpoint, ip: string): KnownSide {
    return note(endpoint, this.#find(endpoint, ip, contentOf(endpoint, '')));
  }

  #at({ byAddress }: Outside, endpoint: Endpoint, ip: string): KnownSide {
    const known = byAddress.get(ip);
    if (known !== undefined && known.uses > 0) return known;
    const side = this.#find(endpoint, ip, contentOf(endpoint, ip));
    // Several descriptions of the world may lead to a side that only one of them forgets.
    if (byAddress.size > this.#most) byAddress.clear();
    byAddress.set(ip, side);
    return side;
  }

  #find(endpoint: Endpoint, ip: string, content: string): KnownSide {
    let side = this.#byContent.get(content);
    if (side === undefined) {
      // 32 bits, as the columns have that they are looked for in: who is numbered alike came four thousand million sides before.
      this.#last = (this.#last + 1) | 0;
      side = new KnownSide(endpoint, ip, { content, number: this.#last, among: this });
      this.#byContent.set(content, side);
    }
    return side;
  }
}

/** On the endpoint, unless it is the one that stands for nobody, which is everybody's. */
function note<Noted extends KnownSide | Outside>(endpoint: Endpoint, side: Noted): Noted {
  if (Object.isExtensible(endpoint)) endpoint.side = side;
  return side;
}

/** Outside the cluster a policy may tell addresses apart. 2^24 to 2^25: a node's own numbers for blocks of them. */
function isAddressed({ labels, identity }: Endpoint): boolean {
  if (labels.length === 0) return [2, 9, 10].includes(identity) || identity >>> 24 === 1;
  return labels.some((label) => label.startsWith('reserved:world') || label.startsWith('cidr:'));
}

/**
 * Two tenants in one namespace may have the same labels, where the cluster leaves
 * vCluster's out of identities; then the name tells them apart.
 */
function contentOf({ labels, identity, namespace, podName, clusterName }: Endpoint, ip: string): string {
  const isNamed = labels.some((label) => label.startsWith('k8s:vcluster.loft.sh/managed-by='));
  const who = labels.length === 0 ? String(identity) : labels.join('\n');
  return [clusterName, namespace, isNamed ? '' : podName, ip, who].join('\n');
}
