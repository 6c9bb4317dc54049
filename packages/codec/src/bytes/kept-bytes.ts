/**
 * Encoded bytes of objects that come again (a profile, a line's rule), kept side by side by the object's identity.
 *
 * Invariant: at most about `bytesMax` are kept; then all are forgotten and made anew, so that a range holds until the
 * next `rangeOf`, and no longer.
 */

import { type ByteSource, ByteWriter } from './writer.ts';

/** From inclusive, to exclusive. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

export class KeptBytes<T extends object> {
  readonly #kept = new ByteWriter();
  readonly #ranges = new Map<T, ByteRange>();
  readonly #write: (writer: ByteWriter, value: T) => void;
  readonly #bytesMax: number;

  constructor(write: (writer: ByteWriter, value: T) => void, bytesMax: number) {
    this.#write = write;
    this.#bytesMax = bytesMax;
  }

  /** What ranges are of. */
  get source(): ByteSource {
    return this.#kept;
  }

  rangeOf(value: T): ByteRange {
    return this.#ranges.get(value) ?? this.#add(value);
  }

  #add(value: T): ByteRange {
    if (this.#kept.length >= this.#bytesMax) {
      this.#kept.clear();
      this.#ranges.clear();
    }
    const from = this.#kept.length;
    this.#write(this.#kept, value);
    const range = { from, to: this.#kept.length };
    this.#ranges.set(value, range);
    return range;
  }
}
