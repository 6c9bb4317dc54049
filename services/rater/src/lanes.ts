/**
 * Rating lanes. A guided partition's state lives in its lane, so its tasks always go to the same one, which keeps their
 * order. In production each lane is a piscina pool of exactly one thread.
 *
 * A thread that dies takes its state along: every later task of its partitions fails, the partitions stop, and a new
 * assignment restores them from their checkpoints.
 */
import { HeadraceError } from '@headrace/platform';
import type { RaterStatistics } from '@headrace/rating';
import { Piscina } from 'piscina';
import type { LaneResult, LaneTask, Snapshot } from './lane-folds.ts';
import type { FoldedBlock, FoldIdentity, FoldMeta } from './partition-fold.ts';

/** A state as it is written: piece by piece, each of them once. It stands until the partition's next fold. */
export interface SnapshotPieces {
  readonly meta: FoldMeta;
  readonly pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** One lane: does one task after the other. */
export interface LaneRunner {
  /** Tasks that wait. */
  readonly queueSize: number;
  run(task: LaneTask, options: { readonly transferList: ArrayBuffer[] }): Promise<LaneResult>;
  destroy(): Promise<void>;
}

/** A thread of its own. */
function threadLane(): LaneRunner {
  return new Piscina<LaneTask, LaneResult>({
    filename: new URL('./worker.ts', import.meta.url).href,
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
  });
}

export class Lanes {
  private readonly lanes: readonly LaneRunner[];

  constructor(lanes: readonly LaneRunner[]) {
    this.lanes = lanes;
  }

  static inThreads(threads: number): Lanes {
    return new Lanes(Array.from({ length: threads }, threadLane));
  }

  get threads(): number {
    return this.lanes.length;
  }

  /** Tasks that wait for a thread. */
  get queued(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.queueSize, 0);
  }

  /** Takes the pieces over: each of them owns its buffer. */
  async open(partition: number, key: string, identity: FoldIdentity, checkpoint: Snapshot | null): Promise<void> {
    const buffers = checkpoint?.pieces.map(({ buffer }) => buffer as ArrayBuffer) ?? [];
    await this.run(partition, { task: 'open', key, identity, checkpoint }, buffers);
  }

  /**
   * Takes `value` over: its memory moves to the thread, so it must own its buffer.
   * @returns null where the bytes are damaged and were not read twice
   */
  async fold(
    partition: number,
    key: string,
    offset: number,
    blockTime: number,
    value: Uint8Array<ArrayBuffer>,
    readTwice: boolean,
  ): Promise<FoldedBlock | null> {
    const task: LaneTask = { task: 'fold', key, offset, blockTime, value, readTwice };
    return (await this.run(partition, task, [value.buffer])) as FoldedBlock | null;
  }

  async snapshot(partition: number, key: string): Promise<SnapshotPieces> {
    const meta = (await this.run(partition, { task: 'snapshot', key })) as FoldMeta;
    return { meta, pieces: this.pieces(partition, key) };
  }

  async statistics(partition: number, key: string): Promise<RaterStatistics> {
    return (await this.run(partition, { task: 'statistics', key })) as RaterStatistics;
  }

  async close(partition: number, key: string): Promise<void> {
    await this.run(partition, { task: 'close', key });
  }

  async destroy(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.destroy()));
  }

  private async *pieces(partition: number, key: string): AsyncGenerator<Uint8Array> {
    for (;;) {
      const pieces = (await this.run(partition, { task: 'pieces', key })) as readonly Uint8Array[];
      if (pieces.length === 0) return;
      yield* pieces;
    }
  }

  private async run(partition: number, task: LaneTask, transferList: ArrayBuffer[] = []): Promise<unknown> {
    const result = await this.lanes[partition % this.lanes.length].run(task, { transferList });
    if ('failed' in result) {
      throw new HeadraceError(result.failed.code, result.failed.message, { context: { partition } });
    }
    return result.ok;
  }
}
