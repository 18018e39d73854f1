/**
 * What `buffer.toString(encoding, start, end)` calls once it has checked its
 * arguments and looked the encoding up by its name, which takes as long as a
 * short string itself. Not documented, but in every Node.js since 6, and what
 * protobufjs calls too.
 */
interface Sliced extends Buffer {
  utf8Slice(start: number, end: number): string;
}

/** `bytes[start, end)` as UTF-8; what is none becomes U+FFFD. */
export function utf8(bytes: Buffer, start: number, end: number): string {
  return (bytes as Sliced).utf8Slice(start, end);
}
