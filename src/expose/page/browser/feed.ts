/** Where the store's knowledge comes from: the stream of changes, and what is read beside it. */
import type { ChangesReport, CrossingReport, MatrixReport, StatusReport, TenantReport } from '../../api.js';
import { CROSSINGS_AT_ONCE, read } from './read.js';
import type { Store } from './store.js';

/** Three times what the analyzer lets pass without a word, and some: a look may take it long. */
const SILENT_MS = 20_000;
/** After a stream that was refused: there is no room, or no password. */
const RETRY_MS = 5_000;
/** Where more changes than the stream tells, everything is read; it costs the analyzer much. */
const REREAD_MS = 30_000;
const STATUS_MS = 10_000;
const TENANTS_MS = 30_000;

export class Feed {
  readonly #store: Store;
  readonly #changed: () => void;
  /** By a clock that nobody sets. */
  #heardAt = performance.now();
  #isOpen = false;
  #readAt = -Infinity;
  #isReading = false;
  #statusAt = -Infinity;
  #tenantsAt = -Infinity;

  constructor(store: Store, changed: () => void) {
    this.#store = store;
    this.#changed = changed;
  }

  start(): void {
    this.#open();
    setInterval(() => this.#tick(), 1_000);
    document.addEventListener('visibilitychange', () => this.#tick());
  }

  /** For how long nothing was heard, milliseconds; undefined: not long enough to say so. */
  get silentMs(): number | undefined {
    const silent = performance.now() - this.#heardAt;
    return silent > SILENT_MS ? silent : undefined;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  #open(): void {
    const source = new EventSource('api/v1/stream');
    source.addEventListener('open', () => this.#turn(true));
    source.addEventListener('changes', ({ data }: MessageEvent<string>) => {
      this.#heardAt = performance.now();
      this.#store.tell(JSON.parse(data) as ChangesReport);
      this.#turn(true);
      this.#tick();
    });
    source.addEventListener('error', () => {
      this.#turn(false);
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.#open(), RETRY_MS);
    });
  }

  #turn(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#changed();
  }

  #tick(): void {
    if (document.hidden) return;
    const now = performance.now();
    if (this.#store.isBehind && now - this.#readAt > REREAD_MS) void this.#readAll();
    if (now - this.#statusAt > STATUS_MS) void this.readStatus();
    if (now - this.#tenantsAt > TENANTS_MS) void this.#readTenants();
    this.#changed();
  }

  async readStatus(): Promise<void> {
    this.#statusAt = performance.now();
    const status = await read<StatusReport>('status');
    if (status === undefined) return;
    const ours = this.#store.status;
    // Another version has another script.
    if (ours !== undefined && (ours.version !== status.version || ours.revision !== status.revision))
      location.reload();
    if (this.#store.setStatus(status)) {
      this.#store.isBehind = true;
      this.#readAt = -Infinity;
    }
    this.#changed();
  }

  async #readAll(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#readAt = performance.now();
    this.#store.isBehind = false;
    const matrix = await read<MatrixReport>('matrix');
    if (matrix !== undefined) this.#store.setMatrix(matrix);
    this.#changed();
    const crossings = await read<CrossingReport[]>('crossings', { limit: CROSSINGS_AT_ONCE });
    if (crossings !== undefined) this.#store.addCrossings(crossings);
    this.#changed();
    if (matrix === undefined || crossings === undefined) {
      this.#store.isBehind = true;
      this.#readAt = performance.now() - REREAD_MS + RETRY_MS;
    }
    this.#isReading = false;
    this.#changed();
  }

  async #readTenants(): Promise<void> {
    this.#tenantsAt = performance.now();
    const tenants = await read<TenantReport[]>('tenants');
    if (tenants !== undefined) this.#store.setTenants(tenants);
    this.#changed();
  }

  /** Those that a link asks for may be older than the newest that are read anyway. */
  async readCrossings(filter: Readonly<Record<string, string>>): Promise<void> {
    const found = await read<CrossingReport[]>('crossings', { limit: CROSSINGS_AT_ONCE, ...filter });
    if (found === undefined) return;
    this.#store.addCrossings(found);
    this.#changed();
  }
}
