/**
 * Reads guided usage blocks into columns, in one pass: numbers into typed arrays, strings skipped and found again by
 * position. It remembers the byte range event_key..session of each event, which rated lines copy unchanged.
 *
 * Invariant: positions of every record were checked against its Avro block before they are kept, so later look-ups by
 * position stay inside the bytes.
 */

import type { Context, GuidedEvents, Money, Profile } from '@headrace/rating/contract';
import type { BlockHeader } from '../block.ts';
import { readAmount } from '../bytes/amount.ts';
import { ByteReader } from '../bytes/reader.ts';
import { type BlockFile, malformed, openBlock } from './block-file.ts';
import { CONTEXTS_KEY, type ContextDictionary, decodeContexts } from './context-dictionary.ts';
import { decodeProfiles, PROFILES_KEY, type ProfileDictionary } from './profile-dictionary.ts';

const KEY_BYTES = 16;
const AMOUNT_BYTES = 16;

export class GuidedBlock implements GuidedEvents {
  readonly header: BlockHeader;
  readonly bytes: Buffer;
  readonly count: number;
  readonly profiles: readonly Profile[];
  readonly contexts: readonly Context[];
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
  /** Range of event_key..session of each event in `bytes`: from inclusive, to exclusive. */
  readonly prefixFrom: Int32Array;
  readonly prefixTo: Int32Array;
  /** Range of usage_account..pool of each profile in `bytes`: from inclusive, to exclusive. */
  readonly profileFrom: Int32Array;
  readonly profileTo: Int32Array;
  /** Range of source..rating_group of each context in `bytes`: from inclusive, to exclusive. */
  readonly contextFrom: Int32Array;
  readonly contextTo: Int32Array;
  readonly #imeiAt: Int32Array;
  readonly #sessionAt: Int32Array;
  readonly #rawPartition: Int32Array;
  readonly #rawOffset: Float64Array;
  readonly #rawIndex: Int32Array;
  readonly #rawFrom: Int32Array;
  readonly #rawTo: Int32Array;

  constructor(file: BlockFile) {
    const { count } = file;
    this.header = file.header;
    this.bytes = file.bytes;
    this.count = count;
    const users = profilesOf(file);
    this.profiles = users.profiles;
    this.profileFrom = users.from;
    this.profileTo = users.to;
    const kinds = contextsOf(file);
    this.contexts = kinds.contexts;
    this.contextFrom = kinds.from;
    this.contextTo = kinds.to;
    this.eventKey = new Uint32Array(4 * count);
    this.payloadDigest = new Uint32Array(2 * count);
    this.eventTime = new Float64Array(count);
    this.endTime = new Float64Array(count);
    this.receivedAt = new Float64Array(count);
    this.utcOffsetMinutes = new Int32Array(count);
    this.profile = new Int32Array(count);
    this.context = new Int32Array(count);
    this.bytesUp = new Float64Array(count);
    this.bytesDown = new Float64Array(count);
    this.seconds = new Float64Array(count);
    this.units = new Float64Array(count);
    this.prefixFrom = new Int32Array(count);
    this.prefixTo = new Int32Array(count);
    this.#imeiAt = new Int32Array(count);
    this.#sessionAt = new Int32Array(count);
    this.#rawPartition = new Int32Array(count);
    this.#rawOffset = new Float64Array(count);
    this.#rawIndex = new Int32Array(count);
    this.#rawFrom = new Int32Array(count);
    this.#rawTo = new Int32Array(count);
    this.amount = this.#read(file);
  }

  #read(file: BlockFile): Map<number, Money> {
    const amounts = new Map<number, Money>();
    const reader = new ByteReader();
    let event = 0;
    for (const block of file.blocks) {
      reader.reset(file.bytes, block.from, block.to);
      for (const end = event + block.count; event < end; event++) {
        this.#readEvent(reader, event, amounts);
        if (reader.failure !== null) throw malformed('usage', `event ${event}: ${reader.failure}`);
        if (reader.overflow !== '') throw malformed('usage', `event ${event}: ${reader.overflow} is past 2^53`);
        const profile = this.profile[event] as number;
        const context = this.context[event] as number;
        if (profile < 0 || profile >= this.profiles.length || context < 0 || context >= this.contexts.length) {
          throw malformed('usage', `event ${event} names an entry that its dictionaries do not have`);
        }
      }
      if (reader.pos !== reader.end) throw malformed('usage', 'bytes follow its events');
    }
    return amounts;
  }

  #readEvent(reader: ByteReader, event: number, amounts: Map<number, Money>): void {
    const { bytes } = reader;
    this.prefixFrom[event] = reader.pos;
    const key = reader.pos;
    reader.skip(KEY_BYTES);
    if (reader.failure !== null) return;
    for (let index = 0; index < 4; index++) this.eventKey[4 * event + index] = wordAt(bytes, key + 4 * index);
    reader.skipText('event_id');
    this.eventTime[event] = reader.long('event_time');
    this.endTime[event] = reader.long('end_time');
    this.utcOffsetMinutes[event] = reader.int();
    this.receivedAt[event] = reader.long('received_at');
    this.#rawPartition[event] = reader.int();
    this.#rawOffset[event] = reader.long('raw_offset');
    this.#rawIndex[event] = reader.int();
    this.#imeiAt[event] = reader.pos;
    reader.skipText('imei');
    this.#sessionAt[event] = reader.pos;
    reader.skipText('session');
    this.prefixTo[event] = reader.pos;
    const digest = reader.pos;
    reader.skip(8);
    if (reader.failure !== null) return;
    this.payloadDigest[2 * event] = wordAt(bytes, digest);
    this.payloadDigest[2 * event + 1] = wordAt(bytes, digest + 4);
    this.profile[event] = reader.int();
    this.context[event] = reader.int();
    this.bytesUp[event] = reader.long('bytes_up');
    this.bytesDown[event] = reader.long('bytes_down');
    this.seconds[event] = reader.long('seconds');
    this.units[event] = reader.long('units');
    const branch = reader.int();
    if (branch === 1) {
      const at = reader.pos;
      reader.skip(AMOUNT_BYTES);
      if (reader.failure !== null) return;
      amounts.set(event, readAmount(bytes, at));
    } else if (branch !== 0) {
      reader.fail('amount has no such branch');
      return;
    }
    const length = reader.length('raw');
    this.#rawFrom[event] = reader.pos;
    reader.skip(length);
    this.#rawTo[event] = reader.pos;
  }

  eventId(event: number): string {
    return this.#textAt(this.#at(this.prefixFrom, event) + KEY_BYTES);
  }

  imei(event: number): string {
    return this.#textAt(this.#at(this.#imeiAt, event));
  }

  session(event: number): string {
    return this.#textAt(this.#at(this.#sessionAt, event));
  }

  rawPartition(event: number): number {
    return this.#at(this.#rawPartition, event);
  }

  rawOffset(event: number): number {
    return this.#at(this.#rawOffset, event);
  }

  rawIndex(event: number): number {
    return this.#at(this.#rawIndex, event);
  }

  /** The event as it came; a view into the block. */
  raw(event: number): Uint8Array {
    return this.bytes.subarray(this.#at(this.#rawFrom, event), this.#at(this.#rawTo, event));
  }

  #at(column: Int32Array | Float64Array, event: number): number {
    const value = column[event];
    if (value === undefined) throw new RangeError(`the block has ${this.count} events, not event ${event}`);
    return value;
  }

  #textAt(position: number): string {
    let at = position;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[at++] as number;
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return this.bytes.toString('utf8', at, at + length / 2);
  }
}

/** Decodes a guided usage block. Throws BLOCK_MALFORMED; call verifyBlock first for the digest. */
export function decodeGuidedBlock(value: Uint8Array): GuidedBlock {
  return new GuidedBlock(openBlock(value, 'usage'));
}

function wordAt(bytes: Buffer, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

function profilesOf(file: BlockFile): ProfileDictionary {
  return dictionaryOf(file, PROFILES_KEY, decodeProfiles);
}

function contextsOf(file: BlockFile): ContextDictionary {
  return dictionaryOf(file, CONTEXTS_KEY, decodeContexts);
}

function dictionaryOf<T>(
  file: BlockFile,
  key: string,
  decode: (bytes: Buffer, from: number, to: number) => T | string,
): T {
  const value = file.metadataBytes(key);
  const from = value.byteOffset - file.bytes.byteOffset;
  const dictionary = decode(file.bytes, from, from + value.length);
  if (typeof dictionary === 'string') throw malformed('usage', `its ${key}: ${dictionary}`);
  return dictionary;
}
