/** A node's stream failed: what a relay tells its client about it. */
export interface NodeError {
  readonly time: number;
  readonly message: string;
  readonly names: readonly string[];
}

/**
 * Errors of the same message are told once, with the names of all nodes, when
 * the window closes or another message comes: so up to ten seconds late
 * (cilium pkg/hubble/relay/observer/observer.go aggregateErrors).
 */
export class NodeErrors {
  readonly #windowMs: number;
  readonly #tell: (error: NodeError) => void;
  #pending: NodeError | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(windowMs: number, tell: (error: NodeError) => void) {
    this.#windowMs = windowMs;
    this.#tell = tell;
  }

  add(name: string, message: string, time: number): void {
    if (this.#pending?.message === message) {
      this.#pending = { ...this.#pending, names: [...this.#pending.names, name] };
      return;
    }
    this.flush();
    this.#pending = { time, message, names: [name] };
    this.#timer = setTimeout(() => this.flush(), this.#windowMs);
  }

  flush(): void {
    clearTimeout(this.#timer);
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined) this.#tell(pending);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#pending = undefined;
  }
}
