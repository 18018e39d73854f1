import type { Packet, TcpFlagName } from './conversations.js';

/**
 * Which packets Cilium reports at the level `medium`, its default: per point
 * and direction the first, each TCP flag not seen before, every FIN and RST,
 * and one packet each interval (cilium bpf/lib/conntrack.h and trace.h,
 * monitorFlags=all).
 */
export class Aggregation {
  readonly #intervalMs: number;
  readonly #everyPacket: boolean;
  readonly #seen = new Map<string, { readonly flags: Set<TcpFlagName>; reportedMs: number }>();

  /** @param options `everyPacket`: port 53, where conntrack asks for each one */
  constructor(options: { readonly intervalMs?: number; readonly everyPacket?: boolean } = {}) {
    this.#intervalMs = options.intervalMs ?? 5000;
    this.#everyPacket = options.everyPacket ?? false;
  }

  /** Whether `packet` is reported at `point`, told apart by any string. Remembers that it was. */
  reports(point: string, packet: Packet): boolean {
    const key = `${point}/${packet.direction}${packet.related === true ? '/related' : ''}`;
    const seen = this.#seen.get(key);
    if (seen === undefined) {
      this.#seen.set(key, { flags: new Set(packet.flags), reportedMs: packet.delayMs });
      return true;
    }
    const report =
      this.#everyPacket ||
      closes(packet) ||
      (packet.flags ?? []).some((flag) => !seen.flags.has(flag)) ||
      packet.delayMs - seen.reportedMs >= this.#intervalMs;
    for (const flag of packet.flags ?? []) seen.flags.add(flag);
    if (report) seen.reportedMs = packet.delayMs;
    return report;
  }
}

function closes(packet: Packet): boolean {
  return (packet.flags ?? []).some((flag) => flag === 'FIN' || flag === 'RST');
}
