/** Protobuf fields written by hand, where an encoder would not write them so. */

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** A length-delimited field: a string or a message. */
export function field(number: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([varint(number * 8 + 2), varint(body.length), body]);
}

/** What the first field of a message, a length-delimited one, holds. */
export function contents(message: Buffer): Buffer {
  const start = message[1]! < 0x80 ? 2 : 3;
  const length = start === 2 ? message[1]! : (message[1]! & 0x7f) | (message[2]! << 7);
  return message.subarray(start, start + length);
}
