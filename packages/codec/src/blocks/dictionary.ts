/**
 * Both dictionaries of a guided usage block (profiles, contexts) are Avro arrays of entries that begin with a digest of
 * the entry's other bytes. This is what they have in common: writing kept entries, and finding entries without decoding
 * them.
 *
 * Invariants:
 * 1. Equal entries have equal bytes and digests, whoever wrote them.
 * 2. Positions of every entry were checked against the dictionary before they are kept; texts are decoded, and the digest
 *    is checked, when an entry is asked for.
 */

import type { KeptBytes } from '../bytes/kept-bytes.ts';
import { murmur3 } from '../bytes/murmur3.ts';
import type { ByteReader } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';

export const DIGEST_BYTES = 16;
const DIGEST_WORDS = 4;
const DIGEST_SEED = 0;
const ENTRY_BYTES_GUESS = 192;

const contents = new ByteWriter();
const digest = new Uint32Array(DIGEST_WORDS);

/** Writes an entry: the digest of what `write` writes, then that. */
export function writeEntry<T>(writer: ByteWriter, entry: T, write: (writer: ByteWriter, entry: T) => void): void {
  contents.clear();
  write(contents, entry);
  murmur3(contents.bytes, contents.length, DIGEST_SEED, digest);
  writer.words(digest, 0, DIGEST_WORDS);
  writer.append(contents.view());
}

export function encodeDictionary<T extends object>(entries: ReadonlyMap<T, number>, kept: KeptBytes<T>): Uint8Array {
  const writer = new ByteWriter(entries.size * ENTRY_BYTES_GUESS);
  if (entries.size > 0) {
    writer.long(entries.size);
    for (const entry of entries.keys()) {
      const { from, to } = kept.rangeOf(entry);
      writer.appendRange(kept.source, from, to);
    }
  }
  writer.long(0);
  return writer.view();
}

/** Where entries stand. Its columns are used again for the next block. */
export class Dictionary {
  count = 0;
  /** Four words for each entry. */
  digest = new Uint32Array(0);
  /** Positions for each entry, `positions` of them: the first is behind the digest, the last behind the entry. */
  at = new Int32Array(0);
  readonly positions: number;
  readonly #field: (reader: ByteReader, at: Int32Array, position: number) => void;

  /** `find` skips over one entry's fields and notes positions from at[position] on; the last one is noted here. */
  constructor(positions: number, find: (reader: ByteReader, at: Int32Array, position: number) => void) {
    this.positions = positions;
    this.#field = find;
  }

  /** Finds the entries in the bytes that the reader holds. @returns in words why they cannot be read, else null */
  read(reader: ByteReader, bytes: number): string | null {
    const count = reader.long('the count of entries');
    if (count < 0 || count * DIGEST_BYTES > bytes) return `it has an impossible count of entries, ${count}`;
    this.#reserve(count);
    const { at, positions } = this;
    for (let entry = 0; entry < count; entry++) {
      const digestAt = reader.pos;
      reader.skip(DIGEST_BYTES);
      if (reader.failure !== null) return `entry ${entry}: ${reader.failure}`;
      reader.wordsAt(digestAt, this.digest, DIGEST_WORDS * entry, DIGEST_WORDS);
      this.#field(reader, at, positions * entry);
      at[positions * (entry + 1) - 1] = reader.pos;
      if (reader.failure !== null) return `entry ${entry}: ${reader.failure}`;
    }
    if (count > 0 && reader.long('the end') !== 0) return 'it has more than one array block';
    if (reader.failure !== null || reader.overflow !== '' || reader.pos !== reader.end) {
      return `it does not end where it should (${reader.failure ?? (reader.overflow || 'bytes follow')})`;
    }
    return null;
  }

  /** A reader at an entry's first field. @returns in words why the entry is not what its digest says, else null */
  open(reader: ByteReader, bytes: Buffer, entry: number): string | null {
    const from = this.at[this.positions * entry] as number;
    const to = this.at[this.positions * (entry + 1) - 1] as number;
    murmur3(bytes.subarray(from, to), to - from, DIGEST_SEED, digest);
    for (let word = 0; word < DIGEST_WORDS; word++) {
      if (digest[word] !== this.digest[DIGEST_WORDS * entry + word]) return `entry ${entry} has another digest`;
    }
    reader.reset(bytes, from, to);
    return null;
  }

  #reserve(count: number): void {
    this.count = count;
    if (this.digest.length >= DIGEST_WORDS * count) return;
    this.digest = new Uint32Array(DIGEST_WORDS * count);
    this.at = new Int32Array(this.positions * count);
  }
}
