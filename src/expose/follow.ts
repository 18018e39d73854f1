/**
 * Those who follow: server-sent events (HTML standard, section 9.2) to everyone who
 * listens. What changed is looked at once for all of them, and written as the same
 * bytes to each, so that one more costs a write. Nothing is asked of the flow path,
 * and nobody is looked at for while nobody follows.
 */
import type { ServerResponse } from 'node:http';
import type { ChangesReport, GlanceReport } from './api.js';
import { createChanges, LOOK_AT, type Changes } from './changes.js';
import { liftLimit } from './deadline.js';
import type { Glance } from './glance.js';
import type { Sources } from './routes.js';
import type { WebLog } from './weblog.js';

export interface Follow {
  /** Takes the response over; false: there is no room. @param lastEventId what the client has, if it comes back */
  join(response: ServerResponse, lastEventId: string | undefined): boolean;
  /** Ends every one of them, now. */
  close(): void;
}

export interface FollowOptions {
  readonly glance: Glance;
  readonly sources: Pick<Sources, 'crossings'>;
  readonly failed: WebLog['requestFailed'];
  /** Shortest time between two looks. */
  readonly everyMs?: number;
}

export const STREAM_PATH = '/api/v1/stream';
export const EVENT_STREAM_TYPE = 'text/event-stream';

/** Three quarters of the connections from which on newcomers take others' places (limits.ts): scrapes keep the rest. */
export const MOST_FOLLOWERS = 24;

/** A person reads no faster. */
const EVERY_MS = 1_000;
/** A look that took long is followed by a long rest: at most a hundredth of the time goes into looking. */
const REST = 99;
/** With nothing new to say, that we are here. Well below RESPONSE_TIMEOUT_MS, which ends silent connections. */
const STILL_HERE_MS = 5_000;
/** What waits for a client that does not read; it can come back and read everything. */
const MOST_UNREAD_BYTES = 1_048_576;
/** After that a client comes back, and is asked for its password again. */
const LONGEST_MS = 300_000;
/** For those who come back at once. */
const REMEMBERED = 8;

const HEADERS = {
  'content-type': EVENT_STREAM_TYPE,
  // nginx, and what speaks its language, would hold the messages back.
  'x-accel-buffering': 'no',
};

interface Message {
  readonly number: number;
  readonly text: string;
}

export function createFollow(options: FollowOptions): Follow {
  return new Followers(options);
}

class Followers implements Follow {
  readonly #options: FollowOptions;
  readonly #run = Date.now().toString(36);
  readonly #responses = new Map<ServerResponse, NodeJS.Timeout>();
  readonly #messages: Message[] = [];
  #changes: Changes | undefined;
  #number = 0;
  #timer: NodeJS.Timeout | undefined;
  /** By a clock that nobody sets. */
  #saidAt = 0;
  #said = '';
  #isClosed = false;

  constructor(options: FollowOptions) {
    this.#options = options;
  }

  join(response: ServerResponse, lastEventId: string | undefined): boolean {
    if (this.#isClosed || this.#responses.size >= MOST_FOLLOWERS) return false;
    const missed = this.#since(lastEventId);
    const welcome = missed?.map(({ text }) => text).join('') ?? this.#welcome();
    liftLimit(response);
    response.writeHead(200, HEADERS);
    response.write(`retry: 1000\n\n${welcome}`);
    const end = setTimeout(() => response.end(), LONGEST_MS);
    end.unref();
    this.#responses.set(response, end);
    response.once('close', () => this.#leave(response));
    this.#timer ??= this.#after(this.#options.everyMs ?? EVERY_MS);
    return true;
  }

  close(): void {
    this.#isClosed = true;
    for (const response of [...this.#responses.keys()]) {
      response.end();
      this.#leave(response);
    }
  }

  #leave(response: ServerResponse): void {
    clearTimeout(this.#responses.get(response));
    this.#responses.delete(response);
    if (this.#responses.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#changes = undefined;
    this.#messages.length = 0;
    // What changes from now on is told to nobody: a number that is known today must not be taken for known then.
    this.#number += 1;
  }

  /** What a client that comes back has not heard; undefined: nobody knows any more. */
  #since(lastEventId: string | undefined): Message[] | undefined {
    const [run, number = ''] = (lastEventId ?? '').split('.');
    if (run !== this.#run || !/^\d{1,15}$/.test(number)) return undefined;
    const last = Number(number);
    if (last === this.#number && this.#timer !== undefined) return [];
    const missed = this.#messages.filter((message) => message.number > last);
    return missed[0]?.number === last + 1 ? missed : undefined;
  }

  #welcome(): string {
    const { glance, matrix } = this.#options.glance.look();
    if (this.#changes === undefined) {
      this.#said = wordsOf(glance);
      this.#saidAt = performance.now();
      this.#changes = createChanges();
      this.#changes.since(matrix, this.#options.sources.crossings({ limit: LOOK_AT }));
    }
    return this.#event({ glance, pairs: [], crossings: [], incomplete: true }, this.#number);
  }

  #event(report: ChangesReport, number: number): string {
    return `id: ${this.#run}.${number}\nevent: changes\ndata: ${JSON.stringify(report)}\n\n`;
  }

  #after(ms: number): NodeJS.Timeout {
    const timer = setTimeout(() => this.#look(), ms);
    timer.unref();
    return timer;
  }

  #look(): void {
    const started = performance.now();
    try {
      this.#tell();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#options.failed({ method: 'GET', url: STREAM_PATH, message });
    }
    const took = performance.now() - started;
    if (this.#responses.size > 0)
      this.#timer = this.#after(Math.max(this.#options.everyMs ?? EVERY_MS, took * REST));
  }

  #tell(): void {
    const { glance, matrix } = this.#options.glance.look();
    const now = performance.now();
    this.#changes ??= createChanges();
    const changes = this.#changes.since(matrix, this.#options.sources.crossings({ limit: LOOK_AT }));
    const said = wordsOf(glance);
    const isNews = changes.incomplete || changes.pairs.length > 0 || changes.crossings.length > 0;
    if (!isNews && said === this.#said && now - this.#saidAt < STILL_HERE_MS) return;
    this.#said = said;
    this.#saidAt = now;
    this.#number += 1;
    const text = this.#event({ glance, ...changes }, this.#number);
    this.#messages.push({ number: this.#number, text });
    if (this.#messages.length > REMEMBERED) this.#messages.shift();
    for (const response of [...this.#responses.keys()]) {
      if (response.writableLength > MOST_UNREAD_BYTES) response.destroy();
      else response.write(text);
    }
  }
}

function wordsOf({ tone, sentence, remarks }: GlanceReport): string {
  return JSON.stringify([tone, sentence, remarks]);
}
