/**
 * Lines out of recorded files: plain or gzip (told by their first bytes), or
 * standard input. A line is bounded, whatever the file is.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** gRPC's default bound of a message is 4 MiB, and JSON writes a flow several times as long as protobuf. */
export const LONGEST_LINE = 16 * 1024 * 1024;

export interface LineSink {
  /** One line without its end. `where` is `file:line`. */
  line(text: string, where: string): void;
  /** A line longer than {@link LONGEST_LINE}, passed over. */
  tooLong(where: string): void;
  /** Bytes of the file (compressed ones, if it is) that have been read so far. */
  progress(bytes: number): void;
}

/** What is wrong with a file before it is read, or undefined. */
export async function fileProblem(path: string): Promise<string | undefined> {
  if (path === '-') return undefined;
  try {
    return (await stat(path)).isDirectory() ? 'is a directory, expected a file' : undefined;
  } catch (error) {
    return failureText(error);
  }
}

/** Bytes of a file; undefined where nobody can know, as for standard input or a pipe. */
export async function fileSize(path: string): Promise<number | undefined> {
  if (path === '-') return undefined;
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true ? found.size : undefined;
}

/**
 * Reads a file from its start to its end.
 *
 * @param stdin what `-` stands for
 * @returns why reading ended before the end, or undefined: what was read until then has been handed over
 */
export async function readLines(path: string, stdin: Readable, sink: LineSink): Promise<string | undefined> {
  const source = path === '-' ? stdin : createReadStream(path, { highWaterMark: 256 * 1024 });
  const name = path === '-' ? 'stdin' : path;
  const splitter = new LineSplitter(
    (text, number) => sink.line(text, `${name}:${number}`),
    (number) => sink.tooLong(`${name}:${number}`),
  );
  try {
    const { head, rest } = await beginning(source, sink);
    const refusal = refuse(head);
    if (refusal !== undefined) return refusal;
    const whole = Readable.from(prepend(head, rest));
    for await (const chunk of isGzip(head) ? unzipped(whole) : whole) splitter.push(chunk as Buffer);
    splitter.end();
    return undefined;
  } catch (error) {
    splitter.end();
    return failureText(error);
  } finally {
    source.destroy();
  }
}

interface Beginning {
  readonly head: Buffer;
  readonly rest: AsyncIterable<Buffer>;
}

/** The first bytes, at least four if there are as many; a pipe may bring them one by one. */
async function beginning(source: Readable, sink: LineSink): Promise<Beginning> {
  let bytes = 0;
  const counted = (async function* () {
    for await (const chunk of source) {
      const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      bytes += buffer.length;
      sink.progress(bytes);
      yield buffer;
    }
  })();
  let head = Buffer.alloc(0);
  while (head.length < 4) {
    const next = await counted.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return { head, rest: counted };
}

async function* prepend(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* rest;
}

function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b; // RFC 1952
}

/** Several gzip members one after another (rotated files, concatenated) are read as one. */
function unzipped(source: Readable): Readable {
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  return source.pipe(gunzip);
}

/** Formats that can be told by their first bytes and are not read. */
function refuse(head: Buffer): string | undefined {
  const start = head.toString('hex');
  if (start.startsWith('28b52ffd')) return 'is compressed with zstd, expected text or gzip: unpack it first';
  if (start.startsWith('504b0304')) return 'is a zip archive, expected text or gzip: unpack it first';
  if (start.startsWith('fffe') || start.startsWith('feff')) {
    return 'is UTF-16 (as PowerShell writes it), expected UTF-8: convert it first';
  }
  return undefined;
}

/** Bytes in, lines out. Bytes are kept until their line ends, so a character is never cut in two. */
class LineSplitter {
  readonly #line: (text: string, number: number) => void;
  readonly #tooLong: (number: number) => void;
  #parts: Buffer[] = [];
  #length = 0;
  #number = 1;

  constructor(line: (text: string, number: number) => void, tooLong: (number: number) => void) {
    this.#line = line;
    this.#tooLong = tooLong;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      this.#keep(chunk.subarray(from, at));
      this.#emit();
      from = at + 1;
    }
    this.#keep(chunk.subarray(from));
  }

  /** The last line may have no end. */
  end(): void {
    if (this.#length > 0) this.#emit();
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > LONGEST_LINE) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  #emit(): void {
    if (this.#length > LONGEST_LINE) this.#tooLong(this.#number);
    else this.#line(textOf(this.#parts, this.#number), this.#number);
    this.#parts = [];
    this.#length = 0;
    this.#number += 1;
  }
}

function textOf(parts: readonly Buffer[], number: number): string {
  const [only] = parts;
  const text = (parts.length === 1 && only !== undefined ? only : Buffer.concat(parts)).toString('utf8');
  const whole = number === 1 && text.startsWith('\ufeff') ? text.slice(1) : text;
  return whole.endsWith('\r') ? whole.slice(0, -1) : whole;
}

export function failureText(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'no such file';
    case 'EACCES':
      return 'may not be read by this user';
    case 'Z_BUF_ERROR':
      return 'the gzip data ends too early: the file is cut off, or still being written';
    case 'Z_DATA_ERROR':
      return 'the gzip data is damaged';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
