/** Rating lanes without threads: the same folds, in the simulated process itself, each task after a while. */

import type { RatingLanes } from '@headrace/rater/lanes';
import { type FoldedBlock, type FoldIdentity, PartitionFold } from '@headrace/rater/partition-fold';
import type { Snapshot } from '@headrace/rater/worker';
import type { RaterStatistics } from '@headrace/rating';
import type { SimulatedProcess, World } from '../world/world.ts';

const TASK_MS_MAX = 4;

export class InlineLanes implements RatingLanes {
  readonly threads = 1;
  readonly queued = 0;
  readonly #world: World;
  readonly #owner: SimulatedProcess;
  readonly #folds = new Map<string, PartitionFold>();
  /** A lane does one task after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(world: World, owner: SimulatedProcess) {
    this.#world = world;
    this.#owner = owner;
  }

  async open(_partition: number, key: string, identity: FoldIdentity, checkpoint: Snapshot | null): Promise<void> {
    await this.#task(() => this.#folds.set(key, new PartitionFold(identity, checkpoint)));
  }

  fold(
    _partition: number,
    key: string,
    offset: number,
    blockTime: number,
    value: Uint8Array<ArrayBuffer>,
    readTwice: boolean,
  ): Promise<FoldedBlock | null> {
    return this.#task(() => {
      const folded = this.#fold(key).fold(offset, blockTime, value, readTwice);
      if (folded === null) return null;
      // Copied as between threads: the codec keeps its buffers.
      return { ...folded, rated: folded.rated.slice(), suspense: folded.suspense?.slice() ?? null };
    });
  }

  snapshot(_partition: number, key: string): Promise<Snapshot> {
    return this.#task(() => {
      const fold = this.#fold(key);
      return { meta: fold.meta(), pieces: [...fold.pieces()].map((piece) => piece.slice()) };
    });
  }

  statistics(_partition: number, key: string): Promise<RaterStatistics> {
    return this.#task(() => this.#fold(key).statistics());
  }

  async close(_partition: number, key: string): Promise<void> {
    await this.#task(() => this.#folds.delete(key));
  }

  destroy(): Promise<void> {
    this.#folds.clear();
    return Promise.resolve();
  }

  #fold(key: string): PartitionFold {
    const fold = this.#folds.get(key);
    if (fold === undefined) throw new Error(`partition ${key} is not open in this lane`);
    return fold;
  }

  #task<T>(perform: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const mine = this.#last.then(() => {
      this.#world.schedule(this.#owner, this.#world.random.below(TASK_MS_MAX), () => {
        try {
          resolve(perform());
        } catch (error) {
          reject(error);
        }
      });
      return promise.catch(() => undefined);
    });
    this.#last = mine;
    return promise;
  }
}
