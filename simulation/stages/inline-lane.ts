/** A rating lane without a thread: in the simulated process itself, each task after a while. */
import { LaneFolds, type LaneResult, type LaneTask } from '@headrace/rater/lane-folds';
import type { LaneRunner } from '@headrace/rater/lanes';
import type { SimulatedProcess, World } from '../world/world.ts';

const TASK_MS_MAX = 4;

export class InlineLane implements LaneRunner {
  readonly queueSize = 0;
  readonly #world: World;
  readonly #owner: SimulatedProcess;
  readonly #folds = new LaneFolds();
  #last: Promise<unknown> = Promise.resolve();

  constructor(world: World, owner: SimulatedProcess) {
    this.#world = world;
    this.#owner = owner;
  }

  run(task: LaneTask, { transferList }: { readonly transferList: ArrayBuffer[] }): Promise<LaneResult> {
    // Moved as between threads: whoever gave memory away no longer has it.
    const moved = structuredClone(task, { transfer: transferList });
    const { promise, resolve, reject } = Promise.withResolvers<LaneResult>();
    const perform = () => {
      try {
        const { result, buffers } = this.#folds.perform(moved);
        resolve(structuredClone(result, { transfer: buffers.filter((buffer) => buffer instanceof ArrayBuffer) }));
      } catch (error) {
        reject(error);
      }
    };
    this.#last = this.#last.then(() => {
      this.#world.schedule(this.#owner, this.#world.random.below(TASK_MS_MAX), perform);
      return promise.catch(() => undefined);
    });
    return promise;
  }

  destroy(): Promise<void> {
    return Promise.resolve();
  }
}
