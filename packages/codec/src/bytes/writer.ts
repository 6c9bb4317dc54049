/**
 * A growable buffer that writes Avro binary. Numbers must be safe integers: anything else throws, because bytes that
 * nobody asked for must never reach a log.
 */

const TWO_27 = 2 ** 27;
const CAPACITY_MIN = 1024;
const ASCII_LOOP_MAX = 96;

/** Bytes to copy from, with a view onto the same bytes. */
export interface ByteSource {
  readonly bytes: Buffer;
  readonly data: DataView;
}

export class ByteWriter implements ByteSource {
  bytes: Buffer;
  data: DataView;
  length = 0;

  constructor(capacity = CAPACITY_MIN) {
    this.bytes = Buffer.allocUnsafeSlow(Math.max(capacity, CAPACITY_MIN));
    this.data = viewOf(this.bytes);
  }

  /** Room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
    this.data = viewOf(grown);
  }

  /** What was written, as a view that holds until the next write. */
  view(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** What was written, as bytes of their own. */
  copy(): Uint8Array {
    return new Uint8Array(this.view());
  }

  clear(): void {
    this.length = 0;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** An int or long. */
  long(value: number): void {
    this.reserve(10);
    const { bytes } = this;
    let at = this.length;
    if (value >= -0x40000000 && value < 0x40000000) {
      if ((value | 0) !== value) throw new RangeError(`not an integer: ${value}`);
      let zigzag = (value << 1) ^ (value >> 31);
      while (zigzag >= 0x80) {
        bytes[at++] = (zigzag & 0x7f) | 0x80;
        zigzag >>>= 7;
      }
      bytes[at++] = zigzag;
      this.length = at;
      return;
    }
    if (!Number.isSafeInteger(value)) throw new RangeError(`not a safe integer: ${value}`);
    const negative = value < 0 ? 1 : 0;
    const half = negative === 1 ? -value - 1 : value;
    let low = (half % TWO_27) * 2 + negative;
    let rest = Math.floor(half / TWO_27);
    for (let index = 0; index < 4; index++) {
      bytes[at++] = (low & 0x7f) | 0x80;
      low >>>= 7;
    }
    while (rest >= 0x80) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.length = at;
  }

  text(value: string): void {
    const count = value.length;
    if (count > ASCII_LOOP_MAX) {
      this.#utf8(value);
      return;
    }
    this.reserve(count + 2);
    const start = this.length;
    this.long(count);
    const { bytes } = this;
    let at = this.length;
    let all = 0;
    for (let index = 0; index < count; index++) {
      const unit = value.charCodeAt(index);
      all |= unit;
      bytes[at++] = unit;
    }
    if (all < 0x80) {
      this.length = at;
      return;
    }
    this.length = start;
    this.#utf8(value);
  }

  #utf8(value: string): void {
    const size = Buffer.byteLength(value, 'utf8');
    this.long(size);
    this.reserve(size);
    this.length += this.bytes.write(value, this.length, size, 'utf8');
  }

  /** Avro bytes: a length, then the bytes. */
  sized(value: Uint8Array): void {
    this.long(value.length);
    this.append(value);
  }

  /** Bytes as they are. */
  append(value: Uint8Array): void {
    this.reserve(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  /**
   * A range of other bytes, `from` inclusive, `to` exclusive, of some hundred bytes at most. Eight bytes at a time, the
   * last eight once more where the length is no multiple: up to there a call into native code costs more than that.
   */
  appendRange(source: ByteSource, from: number, to: number): void {
    const count = to - from;
    this.reserve(count);
    const start = this.length;
    this.length = start + count;
    if (count < 8) {
      for (let index = 0; index < count; index++) this.bytes[start + index] = source.bytes[from + index] as number;
      return;
    }
    const { data } = this;
    const other = source.data;
    const last = count - 8;
    for (let at = 0; at < last; at += 8) data.setBigInt64(start + at, other.getBigInt64(from + at));
    data.setBigInt64(start + last, other.getBigInt64(from + last));
  }

  /** 32-bit words, big-endian, so that their hexadecimal digits read in order. */
  words(source: Uint32Array, from: number, count: number): void {
    this.reserve(4 * count);
    const { bytes } = this;
    let at = this.length;
    for (let index = from; index < from + count; index++) {
      const word = source[index] as number;
      bytes[at++] = word >>> 24;
      bytes[at++] = (word >>> 16) & 0xff;
      bytes[at++] = (word >>> 8) & 0xff;
      bytes[at++] = word & 0xff;
    }
    this.length = at;
  }
}

/** A view onto the same bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
