/**
 * Answers the rated blocks of one partition with totals blocks, for one stretch of ownership. Its only state is how far
 * the partition is covered, which travels in the metadata of the committed offset.
 *
 *   1. send totals blocks and control totals, all acknowledged      if the process ends after it: sent again, same bytes
 *   2. commit the rated offset with the coverage                    done
 *
 * 1. Totals blocks are sent in covered order; readers of invoice.totals drop a repeated one by its range.
 * 2. A gap or a breach stops the partition, for there is one source in it; nothing behind it is aggregated.
 */
import { decodeRatedBlock, encodeControlTotals, verifyBlock } from '@headrace/codec';
import { HeadraceError, type Logger, retrying } from '@headrace/platform';
import {
  type Broker,
  type Coverage,
  generationTopic,
  type OrderedProducer,
  type OutgoingBatch,
  type PartitionHandle,
  type StreamMessage,
  TOPICS,
} from '@headrace/stream';
import { encodeCoverage } from './coverage-mark.ts';
import type { AggregatorMeters } from './meters.ts';
import { type AggregatedBlock, aggregate } from './totals-block.ts';

/** Rated bytes whose totals are sent together at most. */
export const SEND_AFTER_BYTES = 8 * 1024 * 1024;

export interface AggregatorRoom {
  readonly broker: Broker;
  readonly producer: OrderedProducer;
  readonly meters: AggregatorMeters;
  readonly generation: number;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Thrown where the partition is no longer ours; not a failure. */
class Lost extends Error {}

export class PartitionAggregator {
  readonly #room: AggregatorRoom;
  readonly #coverage: Coverage;
  readonly #topic: string;
  #ready: AggregatedBlock[] = [];
  #readyBytes = 0;

  constructor(room: AggregatorRoom, coverage: Coverage) {
    this.#room = room;
    this.#coverage = coverage;
    this.#topic = room.broker.topic(generationTopic(TOPICS.rated, room.generation));
  }

  /** @throws HeadraceError BLOCK_GAP, BLOCK_BREACH, BLOCK_DIGEST: the partition stops. */
  async take(handle: PartitionHandle, messages: readonly StreamMessage[]): Promise<void> {
    let done: StreamMessage | undefined;
    try {
      for (const message of messages) {
        if (handle.lost) throw new Lost();
        await this.#aggregate(handle, message);
        done = message;
        if (this.#readyBytes > SEND_AFTER_BYTES) await this.#send(handle, message);
      }
      await this.#send(handle, done);
    } catch (error) {
      if (error instanceof Lost || this.#room.signal.aborted) return;
      await this.#send(handle, done).catch((second: unknown) => {
        this.#room.log.warn('totals before the failure could not be sent', { error: second });
      });
      throw error;
    }
  }

  async #aggregate(handle: PartitionHandle, message: StreamMessage): Promise<void> {
    const value = await this.#verified(handle, message);
    const block = decodeRatedBlock(value);
    const { source, from, to, digest } = block.header;
    const verdict = this.#coverage.check(source, from, to, digest);
    this.#room.meters.block(verdict, value.byteLength);
    if (verdict === 'duplicate') return;
    const covered = this.#coverage.covered(source).offset;
    const place = `${this.#topic}/${message.partition} offset ${message.offset}`;
    if (verdict === 'gap') {
      const message = `${place}: ${source} is covered to ${covered}, this block begins at ${from.offset}: rated blocks are missing; restore them or rate again from there.`;
      throw new HeadraceError('BLOCK_GAP', message);
    }
    if (verdict === 'breach') {
      const message = `${place}: ${source} from ${from.offset} to ${to.offset} with digest ${digest} neither continues nor repeats what was covered (${covered}): compare the blocks before anything else.`;
      throw new HeadraceError('BLOCK_BREACH', message);
    }
    const aggregated = aggregate(block);
    this.#coverage.advance(source, to, digest);
    this.#ready.push(aggregated);
    this.#readyBytes += value.byteLength;
  }

  async #send(handle: PartitionHandle, last: StreamMessage | undefined): Promise<void> {
    const { broker, producer, generation, meters } = this.#room;
    const ready = this.#ready;
    if (ready.length > 0) {
      const totals = broker.topic(generationTopic(TOPICS.invoiceTotals, generation));
      const batches: OutgoingBatch[] = [
        { topic: totals, partition: handle.partition, messages: ready.map(({ value }) => ({ value })) },
        {
          topic: broker.topic(TOPICS.controls),
          partition: 0,
          messages: ready.map(({ controls }) => ({ value: encodeControlTotals(controls) })),
        },
      ];
      await this.#patiently(handle, 'send totals', () => producer.send(batches));
      this.#ready = [];
      this.#readyBytes = 0;
      meters.sent(ready);
    }
    if (last !== undefined) handle.commit(last.offset + 1, encodeCoverage(this.#coverage.snapshot()));
  }

  /** The block's bytes, read again from the log if they do not have the digest that the header says. */
  async #verified(handle: PartitionHandle, message: StreamMessage): Promise<Uint8Array> {
    const first = problemOf(message.value);
    if (message.value !== null && first === null) return message.value;
    this.#room.log.warn('a block is damaged, reading it again', { offset: message.offset, reason: first });
    const again = await this.#patiently(handle, 'read a damaged block again', () => this.#reread(message));
    const second = problemOf(again);
    if (again !== null && second === null) return again;
    throw new HeadraceError(
      'BLOCK_DIGEST',
      `${this.#topic}/${message.partition} offset ${message.offset} is damaged in the log itself (${second}): restore the message; nothing behind it is aggregated.`,
    );
  }

  async #reread({ partition, offset }: StreamMessage): Promise<Uint8Array | null> {
    for await (const again of this.#room.broker.read(this.#topic, partition, offset, offset + 1)) return again.value;
    return null;
  }

  async #patiently<T>(handle: PartitionHandle, what: string, work: () => Promise<T>): Promise<T> {
    const { log, signal, meters } = this.#room;
    const owned = () => {
      if (handle.lost) throw new Lost();
      return work();
    };
    return await retrying(`${what} of ${this.#topic}/${handle.partition}`, log, signal, owned, (error) => {
      meters.waited(error.code);
    });
  }
}

function problemOf(value: Uint8Array | null): string | null {
  if (value === null) return 'the message is empty';
  const read = verifyBlock(value);
  if (read.problem !== null) return read.problem;
  return read.header.kind === 'rated' ? null : `a ${read.header.kind} block, not rated`;
}
