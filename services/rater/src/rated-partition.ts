/**
 * Rates one guided partition: restores its state, folds each block in its lane, sends what the fold gives, commits.
 *
 *   assigned ──checkpoint restored──▶ folding ⇄ sending ──interval──▶ checkpoint ──▶ folding
 *
 * 1. Rated blocks are sent in the order of guided offsets; an offset counts as done once both the rated block and the
 *    suspense block are acknowledged.
 * 2. A checkpoint is written only when every output up to its offset is acknowledged; the group's commit only shows lag.
 * 3. While one block is sent the next is folded; never more than one is ahead, so memory does not grow.
 */
import { type Logger, retrying } from '@headrace/platform';
import type { RaterStatistics } from '@headrace/rating';
import {
  type Broker,
  type CheckpointStore,
  generationTopic,
  type OrderedProducer,
  type PartitionHandle,
  packed,
  type StreamMessage,
  TOPICS,
} from '@headrace/stream';
import type { Lanes } from './lanes.ts';
import type { FoldedBlock, FoldMeta } from './partition-fold.ts';

export interface RaterRoom {
  readonly broker: Broker;
  readonly producer: OrderedProducer;
  readonly lanes: Lanes;
  readonly checkpoints: CheckpointStore;
  readonly generation: number;
  readonly checkpointIntervalMs: number;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly folded: (partition: number, block: FoldedBlock) => void;
  readonly checkpointed: (partition: number, bytes: number, milliseconds: number) => void;
}

export class RatedPartition {
  private readonly room: RaterRoom;
  private readonly partition: number;
  /** Names this stretch of ownership in the lane. */
  private readonly key: string;
  private nextOffset = 0;
  private checkpointOffset = 0;
  private checkpointDue = 0;

  constructor(room: RaterRoom, partition: number, epoch: number) {
    this.room = room;
    this.partition = partition;
    this.key = `${room.generation}/${partition}#${epoch}`;
  }

  /** Restores the state. @returns the guided offset to start at */
  async open(): Promise<number> {
    const { lanes, checkpoints, log, signal, broker, generation } = this.room;
    const started = performance.now();
    const restored = await retrying(`read the checkpoint of ${this.key}`, log, signal, () =>
      checkpoints.restore(this.partition),
    );
    const identity = { generation, partition: this.partition, rawTopic: broker.topic(TOPICS.usageEvents) };
    const checkpoint =
      restored === null ? null : { meta: restored.meta as unknown as FoldMeta, pieces: restored.chunks };
    const checkpointBytes = restored?.chunks.reduce((sum, chunk) => sum + chunk.length, 0) ?? 0;
    await lanes.open(this.partition, this.key, identity, checkpoint);
    this.nextOffset = restored?.offset ?? 0;
    this.checkpointOffset = this.nextOffset;
    this.checkpointDue = performance.now() + this.room.checkpointIntervalMs;
    log.info('guided partition opened', {
      partition: this.partition,
      startAt: this.nextOffset,
      checkpointBytes,
      milliseconds: Math.round(performance.now() - started),
    });
    return this.nextOffset;
  }

  /** Folds and sends the messages; resolves when all are acknowledged. */
  async take(handle: PartitionHandle, messages: readonly StreamMessage[]): Promise<void> {
    let sending: Promise<void> = Promise.resolve();
    for (const message of messages) {
      if (handle.lost) break;
      // Attached now, awaited below: a failed send must not count as unhandled while the fold runs.
      const settled = sending.then(
        () => null,
        (error: unknown) => ({ error }),
      );
      const folded = await this.fold(message);
      const failed = await settled;
      if (failed !== null) throw failed.error;
      sending = this.send(handle, message.offset, folded);
    }
    await sending;
    if (!handle.lost && performance.now() >= this.checkpointDue) await this.checkpoint();
  }

  /** Writes the state as of the last acknowledged block, if anything was folded since the last checkpoint. */
  async checkpoint(): Promise<void> {
    const { lanes, checkpoints, log, signal } = this.room;
    this.checkpointDue = performance.now() + this.room.checkpointIntervalMs;
    if (this.nextOffset === this.checkpointOffset) return;
    const started = performance.now();
    const offset = this.nextOffset;
    // Nothing is folded meanwhile, so a repeated try takes the pieces of the same state.
    const written = await retrying(`write the checkpoint of ${this.key}`, log, signal, async () => {
      const { meta, pieces } = await lanes.snapshot(this.partition, this.key);
      if (meta.nextOffset !== offset) throw new Error('a checkpoint must not be ahead of what is acknowledged');
      return checkpoints.write(this.partition, offset, { ...meta }, pieces);
    });
    this.checkpointOffset = offset;
    this.room.checkpointed(this.partition, written.bytes, performance.now() - started);
  }

  statistics(): Promise<RaterStatistics> {
    return this.room.lanes.statistics(this.partition, this.key);
  }

  /** The partition is another's now, or the service stops. */
  async close(): Promise<void> {
    await this.room.lanes.close(this.partition, this.key);
  }

  private async fold(message: StreamMessage): Promise<FoldedBlock> {
    const { broker, log, signal } = this.room;
    let block = await this.foldBytes(message, false);
    if (block === null) {
      log.warn('a guided block arrived damaged, reading it again', {
        partition: this.partition,
        offset: message.offset,
      });
      const again = await retrying(`read a damaged block of ${this.key} again`, log, signal, () =>
        broker.readAgain(message),
      );
      block = await this.foldBytes(again ?? message, true);
    }
    if (block === null) throw new Error('a block that was read twice must be answered');
    if (block.status !== 'applied') {
      this.room.log.error('a guided block was not applied', {
        partition: this.partition,
        offset: message.offset,
        status: block.status,
        detail: block.detail,
      });
    }
    for (const { id, reason } of block.refusedFacts) {
      this.room.log.error('the rater refused a fact', { partition: this.partition, fact: id, reason });
    }
    return block;
  }

  private foldBytes({ offset, timestampMs, value }: StreamMessage, readTwice: boolean): Promise<FoldedBlock | null> {
    const bytes = packed(value ?? Buffer.alloc(0));
    return this.room.lanes.fold(this.partition, this.key, offset, timestampMs * 1000, bytes, readTwice);
  }

  private async send(handle: PartitionHandle, offset: number, block: FoldedBlock): Promise<void> {
    const { broker, producer, generation, log, signal } = this.room;
    const { partition } = this;
    const topic = broker.topic(generationTopic(TOPICS.rated, generation));
    const batches = [{ topic, partition, messages: [{ value: block.rated }] }];
    if (block.suspense !== null) {
      batches.push({ topic: broker.topic(TOPICS.suspense), partition: 0, messages: [{ value: block.suspense }] });
    }
    await retrying(`send rated blocks of ${this.key}`, log, signal, () => producer.send(batches));
    this.nextOffset = offset + 1;
    handle.commit(offset + 1);
    this.room.folded(partition, block);
  }
}
