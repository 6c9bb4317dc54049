/** Retrying: growing waits with an upper limit, for ever if need be, and one log line for each change, not each try. */
import { setTimeout as sleep } from 'node:timers/promises';
import { HeadraceError, type Logger, messageOf } from '@headrace/platform';

const WAIT_MS_FIRST = 100;
const WAIT_MS_MAX = 2_000;
/** A leader or coordinator that is being elected is no news. */
const TRIES_BEFORE_WARNING = 3;

/** Waits that double up to a limit; `reset` after a success. */
export class Backoff {
  #nextMs = WAIT_MS_FIRST;

  next(): number {
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(waitMs * 2, WAIT_MS_MAX);
    return waitMs;
  }

  reset(): void {
    this.#nextMs = WAIT_MS_FIRST;
  }
}

/** Up or down, logged when it changes. */
export class Reachability {
  readonly #log: Logger;
  readonly #what: string;
  #down: string | null = null;

  constructor(log: Logger, what: string) {
    this.#log = log;
    this.#what = what;
  }

  /** Null while all is well. */
  get trouble(): string | null {
    return this.#down;
  }

  up(): void {
    if (this.#down !== null) this.#log.info(`${this.#what}: works again`);
    this.#down = null;
  }

  down(error: unknown): void {
    if (this.#down === null) this.#log.warn(`${this.#what}: ${messageOf(error)} Trying again until it works.`);
    this.#down = messageOf(error);
  }
}

export interface PersistOptions {
  readonly log: Logger;
  /** What is tried, for the log. */
  readonly what: string;
  /** Ends the waiting; the last failure is thrown then. */
  readonly signal?: AbortSignal | undefined;
  /** Tries at most; default: for ever. */
  readonly triesMax?: number;
}

/**
 * Repeats `task` while it fails with an error whose action is `retry`. Any other failure is thrown at once. For a send
 * this means: repeat the very same batches until they are acknowledged.
 */
export async function persist<T>(task: () => Promise<T>, options: PersistOptions): Promise<T> {
  const backoff = new Backoff();
  const reachability = new Reachability(options.log, options.what);
  for (let tries = 1; ; tries += 1) {
    try {
      const result = await task();
      reachability.up();
      return result;
    } catch (error) {
      const final = tries >= (options.triesMax ?? Number.POSITIVE_INFINITY) || options.signal?.aborted === true;
      if (final || !(error instanceof HeadraceError) || error.action !== 'retry') throw error;
      if (tries >= TRIES_BEFORE_WARNING) reachability.down(error);
      await pause(backoff.next(), options.signal);
    }
  }
}

/** Waits; an abort ends the wait early, without an error. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}
