/** Crosstalk over its restarts: what all its processes counted and announced, together. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../cluster.mjs';
import { startCrosstalk, type Crosstalk, type LogLine, type Samples } from '../crosstalk.js';

/** As many pairs as a run may have connections: none may end under `__overflow__`. */
const CONFIG = 'limits: { tenantPairs: 100000 }\n';

/** What one process told before it ended. */
interface Told {
  readonly samples: Samples;
  readonly log: readonly LogLine[];
  readonly lostByNode: Readonly<Record<string, number>>;
}

/** What the tests read of `/api/v1/status`. */
export interface Status {
  readonly stream: { readonly state: string };
  readonly coverage: { readonly nodes: Readonly<Record<string, number>> };
  readonly nodes: readonly {
    readonly name: string;
    readonly lostEvents: number;
    readonly lastFlow?: string;
  }[];
}

export class Watched {
  private readonly ended: Told[] = [];

  private readonly server: string;
  private readonly directory: string;
  private crosstalk: Crosstalk;

  private constructor(server: string, directory: string, crosstalk: Crosstalk) {
    this.server = server;
    this.directory = directory;
    this.crosstalk = crosstalk;
  }

  static async start(server: string, directory: string): Promise<Watched> {
    await writeFile(join(directory, 'crosstalk.yaml'), CONFIG);
    return new Watched(server, directory, await serve(server, directory));
  }

  get present(): Crosstalk {
    return this.crosstalk;
  }

  /** Ends the present process, after its last word, and starts the next. Nothing may reach it meanwhile. */
  async restart(signal: 'SIGTERM' | 'SIGKILL', away: () => Promise<void>): Promise<void> {
    this.ended.push(await lastWord(this.crosstalk));
    if (signal === 'SIGTERM') await this.crosstalk.stop();
    else this.crosstalk.kill(signal);
    await away();
    this.crosstalk = await serve(this.server, this.directory);
  }

  status(): Promise<Status> {
    return statusOf(this.crosstalk);
  }

  /** What every process told, the present one last. */
  async told(): Promise<readonly Told[]> {
    return [...this.ended, await lastWord(this.crosstalk)];
  }

  /** Every line of every process. */
  log(): readonly LogLine[] {
    return [...this.ended.flatMap(({ log }) => log), ...this.crosstalk.log];
  }

  async close(): Promise<void> {
    await this.crosstalk.stop();
  }
}

function serve(server: string, directory: string): Promise<Crosstalk> {
  return startCrosstalk(
    server,
    `--config.file=${join(directory, 'crosstalk.yaml')}`,
    `--state.file=${join(directory, 'state.json')}`,
  );
}

async function lastWord(crosstalk: Crosstalk): Promise<Told> {
  // A server that is busy may refuse a scrape, or cut one that takes too long.
  const samples = await until('a scrape', async () => {
    const found = await crosstalk.metrics().catch(() => ({}));
    return 'crosstalk_hubble_up' in found && found;
  });
  const { nodes } = await statusOf(crosstalk);
  const lostByNode = Object.fromEntries(nodes.map(({ name, lostEvents }) => [name, lostEvents]));
  return { samples, log: crosstalk.log, lostByNode };
}

async function statusOf(crosstalk: Crosstalk): Promise<Status> {
  // A server that is busy with a scrape may answer that it is.
  return until('a status', async () => {
    const answer = await crosstalk.api('status').catch(() => ({}));
    return 'stream' in answer && (answer as unknown as Status);
  });
}
