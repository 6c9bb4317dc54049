/**
 * Rating threads. Each lane is a piscina pool of exactly one thread, so that a guided partition's state, which lives in
 * the thread, is always met by that partition's tasks; piscina keeps the order of a lane's tasks.
 *
 * A thread that dies takes its state along: every later task of its partitions fails, the partitions stop, and a new
 * assignment restores them from their checkpoints.
 */
import { HeadraceError } from '@headrace/platform';
import type { RaterStatistics } from '@headrace/rating';
import { Piscina } from 'piscina';
import type { FoldedBlock, FoldIdentity, FoldMeta } from './partition-fold.ts';
import type { LaneResult, LaneTask, Snapshot } from './worker.ts';

/** A state as it is written: piece by piece, each of them once. It stands until the partition's next fold. */
export interface SnapshotPieces {
  readonly meta: FoldMeta;
  readonly pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** What a rater asks of its lanes, wherever they run. */
export type RatingLanes = Pick<Lanes, keyof Lanes>;

export class Lanes {
  private readonly pools: readonly Piscina<LaneTask, LaneResult>[];

  constructor(threads: number) {
    this.pools = Array.from(
      { length: threads },
      () =>
        new Piscina<LaneTask, LaneResult>({
          filename: new URL('./worker.ts', import.meta.url).href,
          minThreads: 1,
          maxThreads: 1,
          concurrentTasksPerWorker: 1,
          idleTimeout: Number.POSITIVE_INFINITY,
        }),
    );
  }

  get threads(): number {
    return this.pools.length;
  }

  /** Tasks that wait for a thread. */
  get queued(): number {
    return this.pools.reduce((sum, pool) => sum + pool.queueSize, 0);
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
    await Promise.all(this.pools.map((pool) => pool.destroy()));
  }

  private async *pieces(partition: number, key: string): AsyncGenerator<Uint8Array> {
    for (;;) {
      const pieces = (await this.run(partition, { task: 'pieces', key })) as readonly Uint8Array[];
      if (pieces.length === 0) return;
      yield* pieces;
    }
  }

  private async run(partition: number, task: LaneTask, transferList: ArrayBuffer[] = []): Promise<unknown> {
    const result = await this.pools[partition % this.pools.length].run(task, { transferList });
    if ('failed' in result) {
      throw new HeadraceError(result.failed.code, result.failed.message, { context: { partition } });
    }
    return result.ok;
  }
}
