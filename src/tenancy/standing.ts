/**
 * What is concluded of endpoints, and on what: one object for all of which the same
 * is concluded on the same. A tenant's pods nearly always tell of it with the same
 * labels, so there are few, and what is looked at for each flow stays close by: it is
 * the party itself, for the sake of a processor's caches where tenants are many.
 */
import type { Evidence, Party } from '../model.js';
import { type Conclusion, SETTLED } from './conclusion.js';
import type { Roster } from './roster.js';

export type Standing = Party & Grounds;

interface Grounds {
  readonly lore: Conclusion['lore'];
  /** Of `lore`, when it was concluded. Once that has turned, this is void. */
  readonly generation: number;
  /** Where it stands: what was concluded before a reload stands in others. */
  readonly among: Standings;
  readonly key: string;
  /** Endpoints by content of which this is concluded; without one it is forgotten. */
  uses: number;
}

export function isVoid({ lore, generation }: Grounds): boolean {
  return lore.generation !== generation;
}

/** What is counted of it; undefined for platform and world, which are not. */
export function evidenceOf(party: Party | undefined): Evidence | undefined {
  if (party?.kind === 'tenant') return party.evidence;
  return party?.kind === 'unidentified' ? 'none' : undefined;
}

export class Standings {
  /** Of what is no pod: for good, and in nobody's count. */
  readonly platform = this.create({ kind: 'platform' }, SETTLED, '');
  readonly world = this.create({ kind: 'world' }, SETTLED, '');
  readonly unidentified = this.create({ kind: 'unidentified' }, SETTLED, '');
  private readonly shared = new Map<string, Standing>();
  private readonly roster: Roster;

  constructor(roster: Roster) {
    this.roster = roster;
  }

  /** One more endpoint of which this is concluded. */
  enter({ owner, lore }: Conclusion): Standing {
    const party: Party = typeof owner === 'string' ? { kind: owner } : this.tenantParty(owner);
    const key = keyOf(party, lore);
    let standing = this.shared.get(key);
    if (standing === undefined) this.shared.set(key, (standing = this.create(party, lore, key)));
    standing.uses += 1;
    return standing;
  }

  /** An endpoint is no longer remembered; its tenant stays seen. */
  forget(standing: Standing): void {
    this.leave(standing);
    if (standing.kind === 'tenant') this.roster.forget(standing.tenant.id, standing.evidence);
  }

  /** Of an endpoint something else is concluded now, which is entered already: a tenant must not be lost in between. */
  retract(standing: Standing): void {
    this.leave(standing);
    if (standing.kind === 'tenant') this.roster.retract(standing.tenant.id, standing.evidence);
  }

  private leave(standing: Standing): void {
    standing.uses -= 1;
    if (standing.uses === 0) this.shared.delete(standing.key);
  }

  private tenantParty({ key, evidence, labels }: Exclude<Conclusion['owner'], string>): Party {
    const tenant = this.roster.enter(key, evidence);
    return { kind: 'tenant', tenant, evidence, evidenceLabels: labels };
  }

  private create(party: Party, lore: Conclusion['lore'], key: string): Standing {
    const { generation } = lore;
    const { kind } = party;
    if (kind !== 'tenant') return { kind, lore, generation, among: this, key, uses: 0 };
    const { tenant, evidence, evidenceLabels } = party;
    // In this order, and not copied: what is looked at for each flow lies close together.
    return { kind, tenant, evidence, lore, generation, among: this, evidenceLabels, key, uses: 0 };
  }
}

/** JSON, because no text in any part can then make two keys one. */
function keyOf(party: Party, { cluster, namespace, generation }: Conclusion['lore']): string {
  const who = party.kind === 'tenant' ? [party.tenant.id, party.evidence, ...party.evidenceLabels] : [];
  return JSON.stringify([party.kind, cluster, namespace, generation, ...who]);
}
