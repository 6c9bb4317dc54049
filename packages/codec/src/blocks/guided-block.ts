/**
 * Reads guided usage blocks into columns, in one pass: numbers into typed arrays, strings skipped and found again by
 * position. It remembers the byte range event_key..amount_currency of each event, which rated lines copy unchanged.
 *
 * Invariants:
 * 1. Positions of every record and entry were checked against their Avro block before they are kept, so later look-ups by
 *    position stay inside the bytes.
 * 2. The columns may be longer than `count`: they are used again (GuidedColumns), and hold until the next block that is
 *    decoded into them.
 */

import type { Context, GuidedEvents, Money, Profile } from '@headrace/rating/contract';
import type { BlockHeader } from '../block.ts';
import { readAmount } from '../bytes/amount.ts';
import { ByteReader } from '../bytes/reader.ts';
import { type ByteSource, viewOf } from '../bytes/writer.ts';
import { type BlockFile, malformed, openBlock } from './block-file.ts';
import { CONTEXTS_KEY, readContext } from './context-dictionary.ts';
import type { Dictionary } from './dictionary.ts';
import { GuidedColumns } from './guided-columns.ts';
import { PROFILES_KEY, readProfile } from './profile-dictionary.ts';
import { readLongText } from './read-records.ts';

const KEY_BYTES = 16;
const PAYLOAD_DIGEST_BYTES = 8;
const AMOUNT_BYTES = 16;

export class GuidedBlock implements GuidedEvents, ByteSource {
  readonly header: BlockHeader;
  readonly bytes: Buffer;
  readonly data: DataView;
  readonly count: number;
  readonly profileCount: number;
  readonly contextCount: number;
  readonly profileDigest: Uint32Array;
  readonly contextDigest: Uint32Array;
  readonly eventKey: Uint32Array;
  readonly payloadDigest: Uint32Array;
  readonly eventTime: Float64Array;
  readonly endTime: Float64Array;
  readonly receivedAt: Float64Array;
  readonly utcOffsetMinutes: Int32Array;
  readonly profile: Int32Array;
  readonly context: Int32Array;
  readonly bytesUp: Float64Array;
  readonly bytesDown: Float64Array;
  readonly seconds: Float64Array;
  readonly units: Float64Array;
  readonly amount: ReadonlyMap<number, Money>;
  /** Range of event_key..amount_currency of each event in `bytes`: from inclusive, to exclusive. */
  readonly prefixFrom: Int32Array;
  readonly prefixTo: Int32Array;
  /** Positions of the profiles' and contexts' fields in `bytes`: see the dictionaries. */
  readonly profileAtBytes: Int32Array;
  readonly contextAtBytes: Int32Array;
  readonly #columns: GuidedColumns;
  /** For what is read when asked for. */
  readonly #reader = new ByteReader();

  constructor(file: BlockFile, columns: GuidedColumns) {
    const { count } = file;
    this.header = file.header;
    this.bytes = file.bytes;
    this.data = viewOf(file.bytes);
    this.count = count;
    this.#columns = columns;
    const { profiles, contexts } = columns;
    this.#readDictionary(file, PROFILES_KEY, profiles);
    this.profileCount = profiles.count;
    this.profileDigest = profiles.digest;
    this.profileAtBytes = profiles.at;
    this.#readDictionary(file, CONTEXTS_KEY, contexts);
    this.contextCount = contexts.count;
    this.contextDigest = contexts.digest;
    this.contextAtBytes = contexts.at;
    columns.reserve(count);
    this.eventKey = columns.eventKey;
    this.payloadDigest = columns.payloadDigest;
    this.eventTime = columns.eventTime;
    this.endTime = columns.endTime;
    this.receivedAt = columns.receivedAt;
    this.utcOffsetMinutes = columns.utcOffsetMinutes;
    this.profile = columns.profile;
    this.context = columns.context;
    this.bytesUp = columns.bytesUp;
    this.bytesDown = columns.bytesDown;
    this.seconds = columns.seconds;
    this.units = columns.units;
    this.prefixFrom = columns.prefixFrom;
    this.prefixTo = columns.prefixTo;
    this.amount = this.#read(file);
  }

  profileAt(index: number): Profile {
    return this.#entry(PROFILES_KEY, this.#columns.profiles, index, readProfile);
  }

  contextAt(index: number): Context {
    return this.#entry(CONTEXTS_KEY, this.#columns.contexts, index, readContext);
  }

  eventId(event: number): string {
    return textAt(this.#readerAt(this.prefixFrom, event, KEY_BYTES), 'event_id');
  }

  imei(event: number): string {
    return textAt(this.#readerAt(this.#columns.imeiAt, event), 'imei');
  }

  session(event: number): string {
    const reader = this.#readerAt(this.#columns.imeiAt, event);
    reader.skipText('imei');
    return textAt(reader, 'session');
  }

  amountCurrency(event: number): string {
    const reader = this.#readerAt(this.#columns.imeiAt, event);
    reader.skipText('imei');
    reader.skipText('session');
    reader.skip(PAYLOAD_DIGEST_BYTES);
    for (let quantity = 0; quantity < 4; quantity++) reader.long('a quantity');
    if (reader.int() === 1) reader.skip(AMOUNT_BYTES);
    return textAt(reader, 'amount_currency');
  }

  rawPartition(event: number): number {
    return this.#origin(event).partition;
  }

  rawOffset(event: number): number {
    return this.#origin(event).offset;
  }

  rawIndex(event: number): number {
    return this.#origin(event).index;
  }

  /** The event as it came; a view into the block. */
  raw(event: number): Uint8Array {
    const reader = this.#readerAt(this.#columns.rawAt, event);
    const length = reader.length('raw');
    return this.bytes.subarray(reader.pos, reader.pos + length);
  }

  #origin(event: number): { readonly partition: number; readonly offset: number; readonly index: number } {
    const reader = this.#readerAt(this.prefixFrom, event, KEY_BYTES);
    reader.skipText('event_id');
    reader.long('event_time');
    reader.long('end_time');
    reader.int();
    reader.long('received_at');
    return { partition: reader.int(), offset: reader.long('raw_offset'), index: reader.int() };
  }

  #readerAt(column: Int32Array, event: number, behind = 0): ByteReader {
    // The columns may be longer than the block.
    if (!(event >= 0 && event < this.count)) {
      throw new RangeError(`the block has ${this.count} events, not event ${event}`);
    }
    return this.#reader.reset(this.bytes, (column[event] as number) + behind);
  }

  #entry<T>(key: string, dictionary: Dictionary, index: number, read: (reader: ByteReader) => T): T {
    if (!(index >= 0 && index < dictionary.count)) {
      throw new RangeError(`${key} has ${dictionary.count} entries, not entry ${index}`);
    }
    const reader = this.#reader;
    const problem = dictionary.open(reader, this.bytes, index);
    if (problem !== null) throw malformed('usage', `its ${key}: ${problem}`);
    const entry = read(reader);
    if (reader.failure !== null || reader.oversized !== '') {
      throw malformed('usage', `its ${key}: entry ${index}: ${reader.failure ?? `${reader.oversized} is too long`}`);
    }
    return entry;
  }

  #readDictionary(file: BlockFile, key: string, dictionary: Dictionary): void {
    const value = file.metadataBytes(key);
    const from = value.byteOffset - file.bytes.byteOffset;
    const reader = this.#reader.reset(file.bytes, from, from + value.length);
    const problem = dictionary.read(reader, value.length);
    if (problem !== null) throw malformed('usage', `its ${key}: ${problem}`);
  }

  #read(file: BlockFile): Map<number, Money> {
    const amounts = new Map<number, Money>();
    const reader = new ByteReader();
    const { profileCount, contextCount } = this;
    let event = 0;
    for (const block of file.blocks) {
      reader.reset(file.bytes, block.from, block.to);
      for (const end = event + block.count; event < end; event++) {
        this.#readEvent(reader, event, amounts);
        if (reader.failure !== null) throw malformed('usage', `event ${event}: ${reader.failure}`);
        if (reader.overflow !== '') throw malformed('usage', `event ${event}: ${reader.overflow} is past 2^53`);
        const profile = this.profile[event] as number;
        const context = this.context[event] as number;
        if (profile < 0 || profile >= profileCount || context < 0 || context >= contextCount) {
          throw malformed('usage', `event ${event} names an entry that its dictionaries do not have`);
        }
      }
      if (reader.pos !== reader.end) throw malformed('usage', 'bytes follow its events');
    }
    return amounts;
  }

  #readEvent(reader: ByteReader, event: number, amounts: Map<number, Money>): void {
    const keyAt = reader.pos;
    this.prefixFrom[event] = keyAt;
    reader.skip(KEY_BYTES);
    if (reader.failure !== null) return;
    reader.wordsAt(keyAt, this.eventKey, 4 * event, 4);
    reader.skipText('event_id');
    this.eventTime[event] = reader.long('event_time');
    this.endTime[event] = reader.long('end_time');
    this.utcOffsetMinutes[event] = reader.int();
    this.receivedAt[event] = reader.long('received_at');
    reader.int();
    reader.long('raw_offset');
    reader.int();
    this.#columns.imeiAt[event] = reader.pos;
    reader.skipText('imei');
    reader.skipText('session');
    const digestAt = reader.pos;
    reader.skip(PAYLOAD_DIGEST_BYTES);
    if (reader.failure !== null) return;
    reader.wordsAt(digestAt, this.payloadDigest, 2 * event, 2);
    this.bytesUp[event] = reader.long('bytes_up');
    this.bytesDown[event] = reader.long('bytes_down');
    this.seconds[event] = reader.long('seconds');
    this.units[event] = reader.long('units');
    const branch = reader.int();
    if (branch === 1) {
      const amountAt = reader.pos;
      reader.skip(AMOUNT_BYTES);
      if (reader.failure !== null) return;
      amounts.set(event, readAmount(reader.bytes, amountAt));
    } else if (branch !== 0) {
      reader.fail('event_amount has no such branch');
      return;
    }
    reader.skipText('amount_currency');
    this.prefixTo[event] = reader.pos;
    this.profile[event] = reader.int();
    this.context[event] = reader.int();
    this.#columns.rawAt[event] = reader.pos;
    reader.skipText('raw');
  }
}

function textAt(reader: ByteReader, field: string): string {
  const text = readLongText(reader, field);
  if (reader.failure !== null) throw malformed('usage', reader.failure);
  return text;
}

/**
 * Decodes a guided usage block. Throws BLOCK_MALFORMED; call verifyBlock first for the digest.
 * @param columns to decode into; the block that was decoded into them before is void then
 */
export function decodeGuidedBlock(value: Uint8Array, columns = new GuidedColumns()): GuidedBlock {
  return new GuidedBlock(openBlock(value, 'usage'), columns);
}
