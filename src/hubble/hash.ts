/**
 * A quick hash of a few bytes, to say where in a table to look. Not against an
 * adversary: whoever looks compares all the bytes, so a collision costs time only.
 */

/** Four bytes as one number, wherever they begin. */
export function word(bytes: Buffer, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}

/** The hash with one more word in it. A difference only moves up, so {@link settle} it before use. */
export function mix(hash: number, next: number): number {
  return Math.imul(hash ^ next, 0x9e3779b1);
}

/** Brings what is in the high bits down to the low ones, which index tables. */
export function settle(hash: number): number {
  const folded = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return folded ^ (folded >>> 15);
}
