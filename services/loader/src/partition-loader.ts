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
 *   3. record them in loaded_blocks                       covered; reading begins behind them
 *   4. commit the Kafka offset
 *
 * Invariants:
 * 1. Rows of a source are inserted strictly in order, each block after the acknowledgement of the one before.
 * 2. A block is recorded only after its rows are acknowledged and its control totals are published.
 * 3. A duplicate is dropped only if loaded_blocks has the same range with the same digest; else the partition stops.
 * 4. A gap stops its source until a block continues it; other sources of the partition go on, and the committed offset
 *    stays before the first block that was not applied.
 * 5. A failing ClickHouse makes this wait, with the partition's queue bounded; nothing else is kept meanwhile.
 */
import { type BlockHeader, encodeControlTotals, type Position } from '@headrace/codec';
import { type Gate, HeadraceError, type Logger } from '@headrace/platform';
import type { Store } from '@headrace/store';
import {
  type Broker,
  type Coverage,
  type OrderedProducer,
  type PartitionHandle,
  type StreamMessage,
  TOPICS,
} from '@headrace/stream';
import { loaderControls } from './controls.ts';
import type { LoaderMeters } from './meters.ts';
import { Lost, Ownership } from './ownership.ts';
import { insertToken, type LoadRoute } from './routes.ts';
import { type VerifiedBlock, verifiedBlock } from './verified-block.ts';

/** Blocks whose controls and records are written together at most. */
export const FLUSH_BLOCKS_MAX = 64;
/** After so long without one, the next block is followed by a record. */
export const FLUSH_AFTER_MS = 500;

export interface LoaderRoom {
  readonly broker: Broker;
  readonly producer: OrderedProducer;
  readonly store: Pick<Store, 'insertBlock' | 'recordLoadedBlocks' | 'loadedBlock' | 'loadedPositions'>;
  readonly meters: LoaderMeters;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Limits inserts at once over all partitions. */
  readonly inserts: Gate;
}

/** A block whose rows are in, and which is not yet recorded. */
interface Inserted {
  readonly header: BlockHeader;
  /** Kafka offset behind its message. */
  readonly nextOffset: number;
  readonly rows: number;
}

/** A source that waits for a block. */
export interface SourceGap {
  readonly source: string;
  readonly why: string;
  /** Kafka offset of the first block that was not applied. */
  readonly offset: number;
}

export class PartitionLoader {
  readonly #room: LoaderRoom;
  readonly #route: LoadRoute;
  readonly #log: Logger;
  readonly #coverage: Coverage;
  readonly #gaps = new Map<string, SourceGap>();
  #inserted: Inserted[] = [];
  #flushedAt = 0;

  /** @param coverage what loaded_blocks holds of each source */
  constructor(room: LoaderRoom, route: LoadRoute, partition: number, coverage: Coverage) {
    this.#room = room;
    this.#route = route;
    this.#log = room.log.child({ topic: room.broker.topic(route.topic), partition });
    this.#coverage = coverage;
  }

  /** Sources that wait for a block. */
  get gaps(): readonly SourceGap[] {
    return [...this.#gaps.values()];
  }

  /** @throws HeadraceError BLOCK_BREACH, BLOCK_DIGEST, and what ClickHouse refuses: the partition stops. */
  async take(handle: PartitionHandle, messages: readonly StreamMessage[]): Promise<void> {
    const { signal, meters } = this.#room;
    const own = new Ownership(handle, signal, this.#log, (code) => meters.waited(code));
    this.#flushedAt = performance.now();
    try {
      for (const message of messages) {
        await this.#load(own, message);
        const waited = performance.now() - this.#flushedAt;
        if (this.#inserted.length >= FLUSH_BLOCKS_MAX || waited > FLUSH_AFTER_MS) await this.#flush(own, message);
      }
      await this.#flush(own, messages.at(-1));
    } catch (error) {
      if (error instanceof Lost) return;
      // What went in before the failure is recorded, so that a restart finds the position right behind it.
      await this.#flush(own, undefined).catch((second: unknown) => {
        this.#log.warn('blocks before the failure could not be recorded', { error: second });
      });
      throw error;
    } finally {
      own.end();
    }
  }

  async #load(own: Ownership, message: StreamMessage): Promise<void> {
    if (own.over) throw new Lost();
    const block = await verifiedBlock(message, this.#route.kind, this.#room.broker, own, this.#log);
    const { source, from, to, digest } = block.header;
    const verdict = this.#coverage.check(source, from, to, digest);
    this.#room.meters.block(message.topic, verdict, block.value.byteLength);
    if (verdict === 'apply') await this.#apply(own, block, message.offset + 1);
    else if (verdict === 'duplicate') await this.#confirmDuplicate(own, block.header, message);
    else if (verdict === 'gap') this.#gap(block.header, message);
    else throw breach(block.header, message, `it is covered up to ${text(this.#coverage.covered(source))}`);
  }

  /** Step 1. */
  async #apply(own: Ownership, { header, value, count }: VerifiedBlock, nextOffset: number): Promise<void> {
    const { inserts, store, meters } = this.#room;
    const { table } = this.#route;
    let rows = 0;
    if (count > 0) {
      const began = performance.now();
      const token = insertToken(header);
      const insert = (signal: AbortSignal) => store.insertBlock(table, value, token, signal);
      const { writtenRows } = await inserts.run(() => own.run(`insert ${token}`, insert));
      // 0 where the token is known: the rows went in before. A count that is wrong shows in the stored checks.
      rows = writtenRows || count;
      meters.inserted(table, rows, value.byteLength, (performance.now() - began) / 1000);
    }
    this.#coverage.advance(header.source, header.to, header.digest);
    this.#inserted.push({ header, rows, nextOffset });
    if (this.#gaps.delete(header.source))
      this.#log.info('the source goes on', { source: header.source, to: header.to });
  }

  /** Steps 2 to 4 for what was inserted; `last` is the last message that was dealt with, if all before it were. */
  async #flush(own: Ownership, last: StreamMessage | undefined): Promise<void> {
    const { producer, broker, store, meters } = this.#room;
    const { stage, table } = this.#route;
    const blocks = this.#inserted;
    if (blocks.length > 0) {
      const messages = blocks.map(({ header, rows }) => ({
        value: encodeControlTotals(loaderControls(stage, header, rows)),
      }));
      const batch = { topic: broker.topic(TOPICS.controls), partition: 0, messages };
      await own.run('publish control totals', () => producer.send([batch]));
      const { partition } = own.handle;
      const records = blocks.map(({ header, ...block }) => ({ ...header, ...block, partition, table }));
      await own.run('record loaded blocks', () => store.recordLoadedBlocks(records));
      this.#inserted = [];
      meters.applied(blocks.length);
    }
    this.#flushedAt = performance.now();
    const held = this.gaps.map((gap) => gap.offset);
    if (last !== undefined) own.handle.commit(Math.min(last.offset + 1, ...held));
  }

  /** Invariant 3. What is only inserted is recorded first, so that ClickHouse can be asked. */
  async #confirmDuplicate(own: Ownership, header: BlockHeader, message: StreamMessage): Promise<void> {
    await this.#flush(own, undefined);
    const { source, from, to, digest } = header;
    const ask = () => this.#room.store.loadedBlock(this.#route.table, source, to);
    const known = await own.run('look up a loaded block', ask);
    if (known === null) throw breach(header, message, 'loaded_blocks has no block that ends there');
    if (known.from.offset === from.offset && known.from.x === from.x && known.digest === digest) return;
    throw breach(header, message, `loaded_blocks has it from ${text(known.from)} with digest ${known.digest}`);
  }

  #gap({ source, from }: BlockHeader, message: StreamMessage): void {
    if (this.#gaps.has(source)) return;
    const covered = this.#coverage.covered(source);
    const why = `blocks of ${source} are missing from ${text(covered)} to ${text(from)}: send them again`;
    this.#gaps.set(source, { source, why, offset: message.offset });
    this.#log.error('a gap stops a source', { code: 'BLOCK_GAP', source, offset: message.offset, why });
  }
}

function breach({ source, from, to, digest }: BlockHeader, message: StreamMessage, instead: string): HeadraceError {
  const { topic, partition, offset } = message;
  return new HeadraceError(
    'BLOCK_BREACH',
    `${topic}/${partition} offset ${offset} holds ${source} from ${text(from)} to ${text(to)} with digest ${digest}, ` +
      `but ${instead}: compare the two blocks before anything else.`,
  );
}

function text(position: Position): string {
  return `(${position.offset}, ${position.x})`;
}
