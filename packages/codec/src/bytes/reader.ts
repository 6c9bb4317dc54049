/**
 * A bounds-checked cursor over Avro binary. It owns reading primitives; it knows no schema.
 *
 * Invariants:
 * 1. It never throws and never reads outside [from, to): the first failure is kept in `failure`, the cursor jumps to
 *    the end, and everything read later is 0 or empty. Callers look at `failure` once for each record.
 * 2. Every length is checked against the bytes that remain before anything is allocated.
 * 3. A long that is no safe integer gives 0 and sets `overflow` to the field's name: exact or refused, never rounded.
 */

import { isUtf8 } from 'node:buffer';
import { STRING_BYTES_MAX } from '../limits.ts';

const TWO_27 = 2 ** 27;
const TWO_55 = 2 ** 55;
/** The high bits of four bytes: another byte follows. */
const CONTINUED = 0x80808080 | 0;
/** Bytes of the longest long. */
const LONG_BYTES_MAX = 10;
const INTERN_SLOTS = 4096;
const INTERN_BYTES_MAX = 32;

/** Shared by all readers: services, plans and accounts repeat from block to block. */
const interned: string[] = new Array<string>(INTERN_SLOTS).fill('');

export class ByteReader {
  bytes: Buffer = Buffer.alloc(0);
  pos = 0;
  end = 0;
  failure: string | null = null;
  /** Field whose long was no safe integer; empty if none. */
  overflow = '';
  /** Field whose text was longer than STRING_BYTES_MAX; empty if none. */
  oversized = '';
  /** Over all of the memory that `bytes` is part of, which many readings in a row share. */
  #data = new DataView(this.bytes.buffer);
  #base = 0;

  /** Starts at `from` (inclusive) and ends at `to` (exclusive). The bytes are shared, not copied. */
  reset(bytes: Uint8Array, from = 0, to = bytes.length): this {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.#data.buffer !== bytes.buffer) this.#data = new DataView(bytes.buffer);
    this.#base = bytes.byteOffset;
    this.pos = from;
    this.end = to;
    this.failure = null;
    this.overflow = '';
    this.oversized = '';
    return this;
  }

  fail(what: string): void {
    this.failure ??= `${what} at byte ${this.pos}`;
    this.pos = this.end;
  }

  byte(): number {
    if (this.pos >= this.end) {
      this.fail('the bytes end early');
      return 0;
    }
    return this.bytes[this.pos++] as number;
  }

  boolean(): boolean {
    const value = this.byte();
    if (value > 1) this.fail(`a boolean is ${value}`);
    return value === 1;
  }

  /** A long as a safe integer; another one gives 0 and is noted as the overflow of `field`. */
  long(field: string): number {
    const pos = this.pos;
    if (pos < this.end) {
      const first = this.bytes[pos] as number;
      if (first < 0x80) {
        this.pos = pos + 1;
        return (first >>> 1) ^ -(first & 1);
      }
    }
    const value = this.#longAtLength();
    if (Number.isSafeInteger(value)) return value;
    if (this.overflow === '') this.overflow = field;
    return 0;
  }

  int(): number {
    const pos = this.pos;
    if (pos < this.end) {
      const first = this.bytes[pos] as number;
      if (first < 0x80) {
        this.pos = pos + 1;
        return (first >>> 1) ^ -(first & 1);
      }
    }
    const value = this.#longAtLength();
    if ((value | 0) === value) return value;
    this.fail(`an int is ${value}`);
    return 0;
  }

  /**
   * The long as a double: exact when it is a safe integer, else any double that is not one. The zigzag number is
   * gathered in 28 + 28 + 8 bits without its sign bit, so that no intermediate sum passes 2^53 unseen. Four bytes are
   * looked at together: the lowest byte without its high bit is the last one.
   */
  #longAtLength(): number {
    const at = this.pos;
    if (this.end - at < LONG_BYTES_MAX) return this.#longNearEnd();
    const place = this.#base + at;
    const first = this.#data.getInt32(place, true);
    const ends = ~first & CONTINUED;
    if (ends !== 0) {
      const end = ends & -ends;
      const value = gathered(first & ((end << 1) - 1));
      this.pos = at + 4 - (Math.clz32(end) >>> 3);
      return (value >>> 1) ^ -(value & 1);
    }
    const second = this.#data.getInt32(place + 4, true);
    const secondEnds = ~second & CONTINUED;
    if (secondEnds !== 0) {
      const end = secondEnds & -secondEnds;
      this.pos = at + 8 - (Math.clz32(end) >>> 3);
      return joined(gathered(first), gathered(second & ((end << 1) - 1)), 0);
    }
    const ninth = this.bytes[at + 8] as number;
    if (ninth < 0x80) {
      this.pos = at + 9;
      return joined(gathered(first), gathered(second), ninth);
    }
    const tenth = this.bytes[at + 9] as number;
    // The tenth byte holds the 64th bit and nothing else.
    if (tenth > 1) {
      this.fail('a number is longer than 64 bits');
      return 0;
    }
    this.pos = at + LONG_BYTES_MAX;
    return joined(gathered(first), gathered(second), (ninth & 0x7f) | (tenth << 7));
  }

  /** The same where fewer than ten bytes remain, byte by byte. */
  #longNearEnd(): number {
    const { bytes, end } = this;
    let at = this.pos;
    let low = 0;
    let middle = 0;
    let high = 0;
    for (let index = 0; at < end; index++) {
      const byte = bytes[at++] as number;
      if (index < 4) low |= (byte & 0x7f) << (7 * index);
      else if (index < 8) middle |= (byte & 0x7f) << (7 * (index - 4));
      else high |= (byte & 0x7f) << (7 * (index - 8));
      if (byte < 0x80) {
        this.pos = at;
        return joined(low, middle, high);
      }
    }
    this.fail('a number ends early');
    return 0;
  }

  /** A length that fits into what remains; 0 after a failure. */
  length(what: string): number {
    const length = this.long(what);
    if (length < 0 || length > this.end - this.pos || this.overflow === what) {
      this.fail(`the length of ${what} is ${length}, past the ${this.end - this.pos} bytes that remain,`);
      return 0;
    }
    return length;
  }

  /** Text of few bytes and many repeats (service, network, node): the same string object for the same bytes. */
  repeatedText(field: string): string {
    const length = this.length(field);
    if (length === 0) return '';
    const { bytes, pos } = this;
    if (length > INTERN_BYTES_MAX) return this.#text(field, length);
    const end = pos + length;
    let hash = length;
    for (let at = pos; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    const slot = (hash ^ (hash >>> 15)) & (INTERN_SLOTS - 1);
    const kept = interned[slot] as string;
    if (kept.length === length) {
      let at = 0;
      while (at < length && kept.charCodeAt(at) === bytes[pos + at]) at++;
      // Only texts of one byte a letter are kept, below 0x80: equal units are equal bytes.
      if (at === length) {
        this.pos = end;
        return kept;
      }
    }
    const text = this.#text(field, length);
    if (text.length === length) interned[slot] = text;
    return text;
  }

  text(field: string): string {
    const length = this.length(field);
    return length === 0 ? '' : this.#text(field, length);
  }

  #text(field: string, length: number): string {
    const from = this.pos;
    if (length > STRING_BYTES_MAX) {
      if (this.oversized === '') this.oversized = field;
      this.pos = from + length;
      return '';
    }
    const to = from + length;
    if (isAscii(this.bytes, from, length)) {
      this.pos = to;
      return this.bytes.toString('latin1', from, to);
    }
    // Decoding replaces bytes that are no UTF-8; two events could become one by that, so they are refused.
    if (!isUtf8(this.bytes.subarray(from, to))) {
      this.fail(`${field} is no UTF-8`);
      return '';
    }
    this.pos = to;
    return this.bytes.toString('utf8', from, to);
  }

  skip(length: number): void {
    if (length < 0 || length > this.end - this.pos) this.fail('the bytes end early');
    else this.pos += length;
  }

  /** Big-endian words of bytes that were skipped, so that they lie inside. */
  wordsAt(at: number, out: Uint32Array, from: number, count: number): void {
    const { bytes } = this;
    for (let index = 0; index < count; index++) {
      const pos = at + 4 * index;
      out[from + index] =
        ((bytes[pos] as number) << 24) |
        ((bytes[pos + 1] as number) << 16) |
        ((bytes[pos + 2] as number) << 8) |
        (bytes[pos + 3] as number);
    }
  }

  skipText(field: string): void {
    const { pos } = this;
    if (pos < this.end) {
      const first = this.bytes[pos] as number;
      // Below 64 bytes and not negative: the length is one byte.
      if (first < 0x80 && (first & 1) === 0) {
        const to = pos + 1 + (first >>> 1);
        if (to <= this.end) {
          this.pos = to;
          return;
        }
      }
    }
    // Reading the length moves the position, so it must be done before the sum is.
    const length = this.length(field);
    this.pos += length;
  }
}

/** The low seven bits of four bytes, the first byte lowest. */
function gathered(bytes: number): number {
  return (bytes & 0x7f) | ((bytes >>> 1) & 0x3f80) | ((bytes >>> 2) & 0x1fc000) | ((bytes >>> 3) & 0xfe00000);
}

function joined(low: number, middle: number, high: number): number {
  const half = (low >>> 1) + middle * TWO_27 + high * TWO_55;
  return (low & 1) === 1 ? -half - 1 : half;
}

function isAscii(bytes: Uint8Array, from: number, length: number): boolean {
  let all = 0;
  for (let at = from; at < from + length; at++) all |= bytes[at] as number;
  return all < 0x80;
}
