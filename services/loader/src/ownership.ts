/**
 * Work on a partition for as long as it is ours: repeats what may pass, and ends when the partition is lost or the service
 * stops, whatever the work is waiting for.
 */
import { type Logger, retrying } from '@headrace/platform';
import type { PartitionHandle } from '@headrace/stream';

/** Thrown where the partition is no longer ours; not a failure. */
export class Lost extends Error {}

/** How soon a loss is seen by work that waits. */
const LOST_CHECK_MS = 200;

export class Ownership {
  readonly handle: PartitionHandle;
  readonly #log: Logger;
  readonly #signal: AbortSignal;
  readonly #waited: (code: string) => void;
  readonly #watch: NodeJS.Timeout;

  /** @param stopping aborted when the service stops. @param waited is told the code of each failure waited out */
  constructor(handle: PartitionHandle, stopping: AbortSignal, log: Logger, waited: (code: string) => void) {
    const lost = new AbortController();
    this.handle = handle;
    this.#log = log;
    this.#waited = waited;
    this.#signal = AbortSignal.any([stopping, lost.signal]);
    this.#watch = setInterval(() => {
      if (handle.lost) lost.abort(new Lost());
    }, LOST_CHECK_MS);
    this.#watch.unref();
  }

  get over(): boolean {
    return this.handle.lost || this.#signal.aborted;
  }

  /** @throws Lost when it is over; what `work` throws and repeating cannot cure. */
  async run<T>(what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { topic, partition } = this.handle;
    let waits = false;
    const failed = (code: string) => {
      this.#waited(code);
      if (!waits) this.handle.pause(what);
      waits = true;
    };
    try {
      if (this.over) throw new Lost();
      const name = `${what} of ${topic}/${partition}`;
      return await retrying(
        name,
        this.#log,
        this.#signal,
        () => work(this.#signal),
        ({ code }) => failed(code),
      );
    } catch (error) {
      throw this.over ? new Lost() : error;
    } finally {
      if (waits) this.handle.resume(what);
    }
  }

  end(): void {
    clearInterval(this.#watch);
  }
}
