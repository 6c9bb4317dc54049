/**
 * Inserts the blocks of one topic partition into a table, in covered order, for one stretch of ownership.
 *
 * It owns the order of side effects and what is done about duplicates, gaps and breaches. What has been covered is what
 * ClickHouse holds; Kafka's committed offset only says where reading may begin.
 *
 * Per block:                                             if the process ends after it
 *   1. insert the rows, with the block's token            repeated: the token makes it nothing
 * and then for a few blocks together:
 *   2. publish their control totals                       repeated: same identity, same figures
 *   3. record them in loaded_blocks                       covered; reading begins at an older offset, all duplicates
 *   4. commit the Kafka offset
 *
 * Invariants:
 * 1. Rows of a source are inserted strictly in order, each block after the acknowledgement of the one before.
 * 2. A block is recorded only after its rows are acknowledged and its control totals are published.
 * 3. A duplicate is dropped only if loaded_blocks has the same range with the same digest; else the partition stops.
 * 4. A gap stops its source until a block continues it; other sources of the partition go on, and the committed offset
 *    stays before the first block that was not applied.
 * 5. A failing ClickHouse makes this wait, with the partition paused; nothing is kept beyond the messages in hand.
 */
import { type BlockHeader, encodeControlTotals, type Position, verifyBlock } from '@headrace/codec';
import { HeadraceError, type Logger, retrying } from '@headrace/platform';
import type { LoadedBlock, Store } from '@headrace/store';
import {
  type Broker,
  type Coverage,
  type OrderedProducer,
  type PartitionHandle,
  type StreamMessage,
  TOPICS,
} from '@headrace/stream';
import { type CommitMark, encodeMark } from './commit-mark.ts';
import { loaderControls } from './controls.ts';
import type { Gate } from './gate.ts';
import type { LoaderMeters } from './meters.ts';
import { insertToken, type LoadRoute } from './routes.ts';

/** Blocks whose controls and records are written together at most. */
export const FLUSH_BLOCKS_MAX = 64;
/** No block waits longer than this for its record. */
export const FLUSH_AFTER_MS = 500;

export interface LoaderRoom {
  readonly broker: Broker;
  readonly producer: OrderedProducer;
  readonly store: Store;
  readonly meters: LoaderMeters;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Limits inserts at once over all partitions. */
  readonly inserts: Gate;
}

/** A block whose rows are in, and which is not yet recorded. */
interface Inserted {
  readonly header: BlockHeader;
  readonly rows: number;
}

interface VerifiedBlock {
  readonly header: BlockHeader;
  readonly count: number;
  readonly value: Uint8Array;
}

/** A source that waits for a block. */
export interface SourceGap {
  readonly source: string;
  readonly why: string;
  /** Kafka offset of the first block that was not applied. */
  readonly offset: number;
}

/** Thrown where the partition is no longer ours; not a failure. */
class Lost extends Error {}

export class PartitionLoader {
  readonly #room: LoaderRoom;
  readonly #route: LoadRoute;
  readonly #log: Logger;
  readonly #topic: string;
  readonly #coverage: Coverage;
  readonly #gaps = new Map<string, SourceGap>();
  #inserted: Inserted[] = [];
  #flushedAt = performance.now();
  #mark: CommitMark | null;

  /** @param mark what the committed offset was marked with, if ClickHouse has that block */
  constructor(room: LoaderRoom, route: LoadRoute, partition: number, coverage: Coverage, mark: CommitMark | null) {
    this.#room = room;
    this.#route = route;
    this.#topic = room.broker.topic(route.topic);
    this.#log = room.log.child({ topic: this.#topic, partition });
    this.#coverage = coverage;
    this.#mark = mark;
  }

  /** Sources that wait for a block. */
  get gaps(): readonly SourceGap[] {
    return [...this.#gaps.values()];
  }

  /** @throws HeadraceError BLOCK_BREACH, BLOCK_DIGEST, BLOCK_MALFORMED: the partition stops. */
  async take(handle: PartitionHandle, messages: readonly StreamMessage[]): Promise<void> {
    this.#flushedAt = performance.now();
    try {
      for (const message of messages) {
        await this.#load(handle, message);
        const waited = performance.now() - this.#flushedAt;
        if (this.#inserted.length >= FLUSH_BLOCKS_MAX || waited > FLUSH_AFTER_MS) await this.#flush(handle, message);
      }
      await this.#flush(handle, messages.at(-1));
    } catch (error) {
      if (error instanceof Lost || this.#room.signal.aborted) return;
      // What went in before the failure is recorded, so that a restart finds the position right behind it.
      await this.#flush(handle, undefined).catch((second: unknown) => {
        this.#log.warn('blocks before the failure could not be recorded', { error: second });
      });
      throw error;
    }
  }

  async #load(handle: PartitionHandle, message: StreamMessage): Promise<void> {
    if (handle.lost) throw new Lost();
    const block = await this.#verified(handle, message);
    const { source, from, to, digest } = block.header;
    const verdict = this.#coverage.check(source, from, to, digest);
    this.#room.meters.block(this.#topic, verdict, block.value.byteLength);
    if (verdict === 'apply') await this.#apply(handle, block);
    else if (verdict === 'duplicate') await this.#confirmDuplicate(handle, block.header, message);
    else if (verdict === 'gap') this.#gap(block.header, message);
    else throw this.#breach(block.header, message, `it is covered up to ${text(this.#coverage.covered(source))}`);
  }

  async #apply(handle: PartitionHandle, { header, value, count }: VerifiedBlock): Promise<void> {
    const { inserts, store, meters } = this.#room;
    const { table } = this.#route;
    const token = insertToken(header);
    let rows = 0;
    if (count > 0) {
      const began = performance.now();
      const insert = () => inserts.run(() => store.insertBlock(table, value, token));
      const { writtenRows } = await this.#patiently(handle, `insert ${token}`, insert);
      rows = writtenRows ?? count;
      meters.inserted(table, rows, value.byteLength, (performance.now() - began) / 1000);
    }
    this.#coverage.advance(header.source, header.to, header.digest);
    this.#inserted.push({ header, rows });
    if (this.#gaps.delete(header.source))
      this.#log.info('the source goes on', { source: header.source, to: header.to });
  }

  /** Steps 2 to 4 for what was inserted; `last` is the last message that was dealt with, if all before it were. */
  async #flush(handle: PartitionHandle, last: StreamMessage | undefined): Promise<void> {
    const { producer, broker, store, meters } = this.#room;
    const blocks = this.#inserted;
    if (blocks.length > 0) {
      const messages = blocks.map(({ header, rows }) => ({
        value: encodeControlTotals(loaderControls(this.#route.stage, header, rows)),
      }));
      const batch = { topic: broker.topic(TOPICS.controls), partition: 0, messages };
      await this.#patiently(handle, 'publish control totals', () => producer.send([batch]));
      const records = blocks.map(({ header, rows }) => this.#record(header, rows));
      await this.#patiently(handle, 'record loaded blocks', () => store.recordLoadedBlocks(records));
      this.#inserted = [];
      this.#mark = blocks.at(-1)?.header ?? this.#mark;
      meters.applied(blocks.length);
    }
    this.#flushedAt = performance.now();
    if (last !== undefined) this.#commit(handle, last.offset + 1);
  }

  #commit(handle: PartitionHandle, next: number): void {
    const held = this.gaps.map((gap) => gap.offset);
    handle.commit(Math.min(next, ...held), this.#mark === null ? undefined : encodeMark(this.#mark));
  }

  /** The block, read again from the log if it does not hold what its header says. */
  async #verified(handle: PartitionHandle, message: StreamMessage): Promise<VerifiedBlock> {
    const first = this.#verify(message.value);
    if ('header' in first) return first;
    this.#log.warn('a block is damaged, reading it again', { offset: message.offset, reason: first.problem });
    const again = await this.#patiently(handle, 'read a damaged block again', () => this.#reread(message));
    const second = this.#verify(again);
    if ('header' in second) return second;
    throw new HeadraceError(
      'BLOCK_DIGEST',
      `${this.#topic}/${message.partition} offset ${message.offset} is damaged in the log itself (${second.problem}): ` +
        'restore the message or send the block again; nothing behind it is loaded.',
    );
  }

  #verify(value: Uint8Array | null): VerifiedBlock | { readonly problem: string } {
    if (value === null) return { problem: 'the message is empty' };
    const read = verifyBlock(value);
    if (read.problem !== null) return { problem: read.problem };
    if (read.header.kind !== this.#route.kind)
      return { problem: `a ${read.header.kind} block, not ${this.#route.kind}` };
    return { header: read.header, count: read.count, value };
  }

  async #reread(message: StreamMessage): Promise<Uint8Array | null> {
    const { offset, partition } = message;
    for await (const again of this.#room.broker.read(this.#topic, partition, offset, offset + 1)) return again.value;
    return null;
  }

  /** Invariant 3. What is only inserted is recorded first, so that ClickHouse can be asked. */
  async #confirmDuplicate(handle: PartitionHandle, header: BlockHeader, message: StreamMessage): Promise<void> {
    await this.#flush(handle, undefined);
    const { table } = this.#route;
    const ask = () => this.#room.store.loadedBlock(table, header.source, header.to);
    const known = await this.#patiently(handle, 'look up a loaded block', ask);
    if (known === null) throw this.#breach(header, message, 'loaded_blocks has no block that ends there');
    const sameFrom = known.from.offset === header.from.offset && known.from.x === header.from.x;
    if (!sameFrom || known.digest !== header.digest) {
      throw this.#breach(header, message, `loaded_blocks has it from ${text(known.from)} with digest ${known.digest}`);
    }
    this.#mark = header;
  }

  #gap({ source, from }: BlockHeader, message: StreamMessage): void {
    if (this.#gaps.has(source)) return;
    const covered = this.#coverage.covered(source);
    const why = `blocks of ${source} are missing from ${text(covered)} to ${text(from)}: send them again`;
    this.#gaps.set(source, { source, why, offset: message.offset });
    this.#log.error('a gap stops a source', { code: 'BLOCK_GAP', source, offset: message.offset, why });
  }

  #breach({ source, from, to, digest }: BlockHeader, message: StreamMessage, instead: string): HeadraceError {
    return new HeadraceError(
      'BLOCK_BREACH',
      `${this.#topic}/${message.partition} offset ${message.offset} holds ${source} from ${text(from)} to ${text(to)} with ` +
        `digest ${digest}, but ${instead}: compare the two blocks before anything else.`,
    );
  }

  #record(header: BlockHeader, rows: number): LoadedBlock {
    const { source, from, to, generation, partition, digest, blockTime } = header;
    return { table: this.#route.table, source, from, to, generation, partition, digest, blockTime, rows };
  }

  /** Repeats what may pass, paused meanwhile; gives up without a failure when the partition is lost. */
  async #patiently<T>(handle: PartitionHandle, what: string, work: () => Promise<T>): Promise<T> {
    const { log, signal, meters } = this.#room;
    const owned = () => {
      if (handle.lost) throw new Lost();
      return work();
    };
    let waits = false;
    try {
      return await retrying(`${what} of ${this.#topic}/${handle.partition}`, log, signal, owned, (error) => {
        meters.waited(error.code);
        if (!waits) handle.pause(what);
        waits = true;
      });
    } finally {
      if (waits) handle.resume(what);
    }
  }
}

function text(position: Position): string {
  return `(${position.offset}, ${position.x})`;
}
