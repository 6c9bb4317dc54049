/**
 * Tells progress from mere life. A service reports each piece of finished work; it stalls when there has been work
 * waiting for `stallMs` and nothing was finished in that time. Pure: the clock is given.
 */

export interface ProgressOptions {
  /** How long work may wait without any being finished. */
  readonly stallMs: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

export class ProgressWatch {
  readonly #stallMs: number;
  readonly #now: () => number;
  /** When something was finished last, or when work began to wait after there was none. */
  #since: number;
  #finished = 0;

  constructor(options: ProgressOptions) {
    this.#stallMs = options.stallMs;
    this.#now = options.now ?? (() => performance.now());
    this.#since = this.#now();
  }

  /** Some work was finished. */
  advance(count = 1): void {
    this.#finished += count;
    this.#since = this.#now();
  }

  get finished(): number {
    return this.#finished;
  }

  /** Milliseconds for which work has waited without any being finished; 0 without work. */
  waitingMs(pending: number): number {
    if (pending <= 0) {
      this.#since = this.#now();
      return 0;
    }
    return this.#now() - this.#since;
  }

  stalled(pending: number): boolean {
    return this.waitingMs(pending) > this.#stallMs;
  }
}
