/**
 * Reads rated blocks for readers that add up (aggregator, assurance): numbers in columns, and each line's total as an
 * index into the distinct totals of the block, found by comparing bytes, so that no text is made for a line.
 */

import type { Money } from '@headrace/rating/contract';
import type { BlockHeader } from '../block.ts';
import { readAmount } from '../bytes/amount.ts';
import { ByteReader } from '../bytes/reader.ts';
import type { TotalKey } from '../records/suspended-record.ts';
import { type BlockFile, malformed, openBlock } from './block-file.ts';

const KEY_BYTES = 16;
const PAYLOAD_DIGEST_BYTES = 8;
const AMOUNT_BYTES = 16;
/** Positions kept for a total: subscription, service, period..currency, account (each from inclusive, to exclusive). */
const RANGES = 8;

export class RatedBlock {
  readonly header: BlockHeader;
  readonly count: number;
  /** The distinct totals that lines belong to, in order of first appearance. */
  readonly totals: readonly TotalKey[];
  /** Index into `totals` of each line. */
  readonly total: Int32Array;
  /** Four words a line. */
  readonly eventKey: Uint32Array;
  /** Microseconds. */
  readonly eventTime: Float64Array;
  readonly part: Int32Array;
  readonly quantity: Float64Array;
  readonly eventQuantity: Float64Array;
  readonly #bytes: Buffer;
  readonly #amountAt: Int32Array;
  readonly #eventIdAt: Int32Array;

  constructor(file: BlockFile) {
    const { count } = file;
    this.header = file.header;
    this.count = count;
    this.total = new Int32Array(count);
    this.eventKey = new Uint32Array(4 * count);
    this.eventTime = new Float64Array(count);
    this.part = new Int32Array(count);
    this.quantity = new Float64Array(count);
    this.eventQuantity = new Float64Array(count);
    this.#bytes = file.bytes;
    this.#amountAt = new Int32Array(count);
    this.#eventIdAt = new Int32Array(count);
    this.totals = this.#read(file);
  }

  /** A count of 1e-12 currency units. */
  amount(line: number): Money {
    return readAmount(this.#bytes, at(this.#amountAt, line));
  }

  eventId(line: number): string {
    const from = at(this.#eventIdAt, line);
    return new ByteReader().reset(this.#bytes, from).text('event_id');
  }

  #read(file: BlockFile): TotalKey[] {
    const table = new TotalTable(file.bytes);
    const reader = new ByteReader();
    let line = 0;
    for (const block of file.blocks) {
      reader.reset(file.bytes, block.from, block.to);
      for (const end = line + block.count; line < end; line++) {
        this.#readLine(reader, line, table);
        if (reader.failure !== null) throw malformed('rated', `line ${line}: ${reader.failure}`);
        if (reader.overflow !== '') throw malformed('rated', `line ${line}: ${reader.overflow} is past 2^53`);
      }
      if (reader.pos !== reader.end) throw malformed('rated', 'bytes follow its lines');
    }
    return table.totals;
  }

  #readLine(reader: ByteReader, line: number, table: TotalTable): void {
    const { ranges } = table;
    const keyAt = reader.pos;
    reader.skip(KEY_BYTES);
    if (reader.failure !== null) return;
    reader.wordsAt(keyAt, this.eventKey, 4 * line, 4);
    this.#eventIdAt[line] = reader.pos;
    reader.skipText('event_id');
    this.eventTime[line] = reader.long('event_time');
    reader.long('end_time');
    reader.int();
    reader.long('received_at');
    reader.int();
    reader.long('raw_offset');
    reader.int();
    reader.skipText('imei');
    reader.skipText('session');
    reader.skip(PAYLOAD_DIGEST_BYTES);
    for (let field = 0; field < 4; field++) reader.long('a quantity');
    skipEventAmount(reader);
    reader.skipText('amount_currency');
    reader.skipText('usage_account');
    ranges[0] = reader.pos;
    reader.skipText('subscription');
    ranges[1] = reader.pos;
    reader.skipText('sim');
    reader.skipText('plan');
    reader.skipText('pool');
    reader.skipText('source');
    ranges[2] = reader.pos;
    reader.skipText('service');
    ranges[3] = reader.pos;
    reader.skipText('plmn');
    reader.skipText('rat');
    reader.skipText('apn');
    reader.int();
    reader.int();
    reader.int();
    reader.long('guided_offset');
    reader.long('block_time');
    ranges[4] = reader.pos;
    for (let field = 0; field < 6; field++) reader.skipText('rule');
    ranges[5] = reader.pos;
    for (let field = 0; field < 5; field++) reader.skipText('rule');
    ranges[6] = reader.pos;
    reader.skipText('account');
    ranges[7] = reader.pos;
    if (reader.failure !== null) return;
    this.total[line] = table.indexOf();
    reader.int();
    this.part[line] = reader.int();
    this.quantity[line] = reader.long('quantity');
    this.eventQuantity[line] = reader.long('event_quantity');
    this.#amountAt[line] = reader.pos;
    reader.skip(AMOUNT_BYTES);
    reader.long('before');
    reader.long('after');
    reader.long('bucket_size');
    reader.int();
  }
}

function skipEventAmount(reader: ByteReader): void {
  const branch = reader.int();
  if (branch === 1) reader.skip(AMOUNT_BYTES);
  else if (branch !== 0) reader.fail('event_amount has no such branch');
}

function at(column: Int32Array, line: number): number {
  const value = column[line];
  if (value === undefined) throw new RangeError(`the block has ${column.length} lines, not line ${line}`);
  return value;
}

/** Distinct totals by the bytes of their fields: a table with open addressing. */
class TotalTable {
  readonly totals: TotalKey[] = [];
  /** Ranges of the line that is being read. */
  readonly ranges = new Int32Array(RANGES);
  readonly #bytes: Buffer;
  readonly #reader = new ByteReader();
  #slots = new Int32Array(256).fill(-1);
  #hashes: number[] = [];
  /** Ranges of the first line of each total. */
  #firsts: number[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Index of the total of the line at `ranges`. */
  indexOf(): number {
    let hash = 0;
    for (let range = 0; range < RANGES; range += 2) {
      const to = this.ranges[range + 1] as number;
      for (let from = this.ranges[range] as number; from < to; from++) {
        hash = (Math.imul(hash, 31) + (this.#bytes[from] as number)) | 0;
      }
    }
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const total = this.#slots[slot] as number;
      if (total < 0) return this.#add(hash, slot);
      if (this.#hashes[total] === hash && this.#same(total)) return total;
      slot = (slot + 1) & mask;
    }
  }

  #same(total: number): boolean {
    for (let range = 0; range < RANGES; range += 2) {
      const from = this.ranges[range] as number;
      const length = (this.ranges[range + 1] as number) - from;
      const other = this.#firsts[total * RANGES + range] as number;
      if ((this.#firsts[total * RANGES + range + 1] as number) - other !== length) return false;
      for (let index = 0; index < length; index++) {
        if (this.#bytes[from + index] !== this.#bytes[other + index]) return false;
      }
    }
    return true;
  }

  #add(hash: number, slot: number): number {
    const total = this.totals.length;
    this.#slots[slot] = total;
    this.#hashes.push(hash);
    this.#firsts.push(...this.ranges);
    this.totals.push(this.#keyOf());
    if (this.totals.length * 2 > this.#slots.length) this.#grow();
    return total;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 4).fill(-1);
    const mask = slots.length - 1;
    for (let total = 0; total < this.#hashes.length; total++) {
      const hash = this.#hashes[total] as number;
      let slot = (hash ^ (hash >>> 15)) & mask;
      while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask;
      slots[slot] = total;
    }
    this.#slots = slots;
  }

  #keyOf(): TotalKey {
    const [subscription = 0, , service = 0, , rule = 0, , payer = 0] = this.ranges;
    const reader = this.#reader.reset(this.#bytes, subscription);
    const subscriptionText = reader.repeatedText('subscription');
    reader.pos = service;
    const serviceText = reader.repeatedText('service');
    reader.pos = rule;
    const text = (): string => reader.repeatedText('rule');
    // In the order of the schema.
    const period = text();
    const zone = text();
    const tag = text();
    const leg = text();
    const unit = text();
    const currency = text();
    reader.pos = payer;
    const account = reader.repeatedText('account');
    if (reader.failure !== null) throw malformed('rated', reader.failure);
    return { account, subscription: subscriptionText, service: serviceText, zone, tag, leg, period, currency, unit };
  }
}

/** Decodes a rated block. Throws BLOCK_MALFORMED; call verifyBlock first for the digest. */
export function decodeRatedBlock(value: Uint8Array): RatedBlock {
  return new RatedBlock(openBlock(value, 'rated'));
}
