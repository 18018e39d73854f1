import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Batch } from '../../src/hubble/batch.js';
import { Frames } from '../../src/hubble/frames.js';
import { landing } from '../../src/tables/digest.js';
import { KNOWN_GRPC_JS, takeShortcut } from '../../src/hubble/shortcut.js';
import { thrownLater } from './faults.js';

const require = createRequire(import.meta.url);
/** Their own reader: what ours is held to, and what it hands back to. */
const { StreamDecoder } = require('@grpc/grpc-js/build/src/stream-decoder') as {
  StreamDecoder: new (longest: number) => {
    readonly maxReadMessageLength: number;
    write(chunk: Buffer): Buffer[];
  };
};

function frame(payload: Buffer | string, flag = 0): Buffer {
  const bytes = Buffer.from(payload);
  const header = Buffer.alloc(5);
  header[0] = flag;
  header.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([header, bytes]);
}

/** Cuts at the given places, which may be anywhere and the same twice. */
function cut(stream: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...places, 0, stream.length]
    .map((place) => Math.min(place, stream.length))
    .sort((a, b) => a - b);
  return sorted.slice(1).map((end, i) => stream.subarray(sorted[i], end));
}

/** Whole frames, as their reader gives them: ours in the order taken, then those of their reader. */
function read(chunks: readonly Buffer[], longest: number): string[] {
  const frames: string[] = [];
  const theirs = new StreamDecoder(longest);
  let reader: { write(chunk: Buffer): Buffer[] } = new Frames({
    longest,
    take(bytes, start, end) {
      frames.push(frame(bytes.subarray(start, end)).toString('hex'));
      return true;
    },
    handBack(rest) {
      reader = theirs;
      return theirs.write(rest);
    },
  });
  try {
    for (const chunk of chunks)
      for (const one of reader.write(Buffer.from(chunk))) frames.push(one.toString('hex'));
  } catch (error) {
    frames.push(String(error));
  }
  return frames;
}

describe('messages in a stream', () => {
  test('are the same wherever the stream is cut, and whatever is handed back', () => {
    const message = fc.record({
      // Around the end of what is held without growing, too.
      length: fc.oneof(fc.nat(40), fc.integer({ min: 16_370, max: 16_400 })),
      flag: fc.oneof(
        { weight: 12, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 255 }) },
      ),
    });
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 12 }),
        fc.array(fc.nat(40_000), { maxLength: 30 }),
        fc.boolean(),
        (messages, places, isSmall) => {
          let byte = 0;
          const frames = messages.map(({ length, flag }) =>
            frame(Buffer.from(Array.from({ length }, () => (byte = (byte * 31 + 7) & 255))), flag),
          );
          const longest = isSmall ? 16_380 : -1;
          const tooLong = frames.findIndex(({ length }) => longest !== -1 && length - 5 > longest);
          const expected = (tooLong === -1 ? frames : frames.slice(0, tooLong)).map((one) =>
            one.toString('hex'),
          );
          if (tooLong !== -1)
            expected.push(
              `Error: Received message larger than max (${(frames[tooLong]?.length ?? 0) - 5} vs ${longest})`,
            );
          const found = read(cut(Buffer.concat(frames), places), longest);
          // Of a piece in which a frame is refused, their reader gives nothing at all, once it reads; ours what came before.
          const compressed = messages.findIndex(({ flag }) => flag !== 0);
          if (tooLong === -1 || compressed === -1 || tooLong < compressed) expect(found).toEqual(expected);
          else expect([...expected.slice(0, found.length - 1), expected.at(-1)]).toEqual(found);
        },
      ),
      { seed: 11, numRuns: 500 },
    );
  });

  test('cut after every single byte', () => {
    const frames = [frame('one'), frame(''), frame('three'), frame('zipped', 1), frame('five')];
    const stream = Buffer.concat(frames);
    expect(read(cut(stream, [...stream.keys()]), -1)).toEqual(frames.map((one) => one.toString('hex')));
  });

  test('are handed on where they are digested, and from elsewhere where two pieces share one', () => {
    const lying: boolean[] = [];
    const frames = new Frames({
      longest: -1,
      take: (bytes) => lying.push(bytes === landing) > 0,
      handBack: () => [],
    });
    for (const chunk of cut(Buffer.concat([frame('first'), frame('second'), frame('third')]), [15]))
      frames.write(chunk);
    expect(lying).toEqual([true, false, true]);
  });

  test('of a piece that is too large to be moved there are read where they are', () => {
    const large = 'x'.repeat(landing.length);
    const sizes: number[] = [];
    const frames = new Frames({
      longest: -1,
      take: (_, start, end) => sizes.push(end - start) > 0,
      handBack: () => [],
    });
    frames.write(Buffer.concat([frame('before'), frame(large), frame('after')]));
    expect(sizes).toEqual([6, large.length, 5]);
  });

  test('are not taken any more once nobody wants them', () => {
    const taken: string[] = [];
    const frames = new Frames({
      longest: -1,
      take: (bytes, start, end) => taken.push(bytes.toString('utf8', start, end)) < 2,
      handBack: () => [Buffer.from('never')],
    });
    expect(frames.write(Buffer.concat([frame('1'), frame('2'), frame('3'), frame('4', 1)]))).toEqual([]);
    expect(frames.write(frame('5', 1))).toEqual([]);
    expect(taken).toEqual(['1', '2']);
  });

  test('a fault of ours is not taken for a bad frame: it ends the process, as it would elsewhere', () => {
    const thrown = thrownLater();
    const fault = new Error('ours');
    const frames = new Frames({
      longest: -1,
      take() {
        throw fault;
      },
      handBack: () => [],
    });
    expect(frames.write(frame('x'))).toEqual([]);
    expect(thrown).toEqual([fault]);
    vi.restoreAllMocks();
  });
});

describe('the inside of grpc-js', () => {
  afterEach(() => vi.restoreAllMocks());
  const inner = (decoder: object = new StreamDecoder(100)) => ({
    http2Stream: {},
    unpushedReadMessages: [],
    decoder,
  });
  const around = (innermost: object) => ({ child: { underlyingCalls: [{ call: { child: innermost } }] } });
  const batch = new Batch(
    () => ({ kind: 'unknown' }),
    () => undefined,
  );

  test('is of the release that package.json asks for, and that is installed', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(manifest.dependencies['@grpc/grpc-js']).toBe(KNOWN_GRPC_JS);
    expect((require('@grpc/grpc-js/package.json') as { version: string }).version).toBe(KNOWN_GRPC_JS);
  });
  test('is taken for known when it looks as it should', () => {
    const known = inner();
    const before = known.decoder;
    expect(takeShortcut(around(known), KNOWN_GRPC_JS, batch)).toBeUndefined();
    expect(known.decoder).not.toBe(before);
  });
  test('of another release is left alone, whatever it looks like', () => {
    const known = inner();
    const before = known.decoder;
    expect(takeShortcut(around(known), '1.15.0', batch)).toBe(
      '@grpc/grpc-js is 1.15.0, and its inside is known of 1.14.7 only',
    );
    expect(known.decoder).toBe(before);
  });
  const busy = new StreamDecoder(100);
  busy.write(Buffer.from([0]));
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['no calls below', { child: null }],
    ['several attempts', { child: { underlyingCalls: [{}, {}] } }],
    ['an attempt without a call', { child: { underlyingCalls: [{ call: { child: null } }] } }],
    ['another decoder', around(inner({ write: () => [] }))],
    ['a decoder that has begun a message', around(inner(busy))],
    ['a message that waits', around({ ...inner(), unpushedReadMessages: [Buffer.alloc(5)] })],
    ['no HTTP/2 stream', around({ ...inner(), http2Stream: undefined })],
  ])('that is not as expected is left alone: %s', (_, call) => {
    expect(takeShortcut(call, KNOWN_GRPC_JS, batch)).toBe(
      'the calls of @grpc/grpc-js 1.14.7 are not built as expected',
    );
  });
});
