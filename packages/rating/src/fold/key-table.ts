/**
 * A set of 128-bit keys, each with a 64-bit payload, in open addressing over typed arrays: 24 bytes an entry plus load.
 *
 * A key's top two bits choose one of four segments, the next bits its home slot. Entries of a segment stand in the order of
 * their keys, each at its home or the first slot after its predecessor:
 *
 *   slot(i) = max(home(i), slot(i - 1) + 1)
 *
 * 1. So a segment's layout is a function of the set of its entries, not of the order they came in: equal sets are equal
 *    bytes, and entries read from left to right are sorted.
 * 2. Keys are digests: homes are spread evenly. Keys that are not cost time, never correctness.
 * 3. A slot of six zero words is free. The one entry that would look like it is a flag of its own.
 * 4. Segments grow one at a time, large ones by half, so growth never needs a second copy of the whole.
 */

export const ABSENT = 0;
export const PRESENT = 1;
/** The key is there with another payload. */
export const DIFFERENT = 2;

const WORDS = 6;
const SEGMENTS = 4;
const CAPACITY_MIN = 64;
/** Capacities double up to this, then grow by half. */
const CAPACITY_DOUBLING_MAX = 2048;
/** Slots after the last home, for entries that are pushed past it; doubled where they do not do. */
const OVERFLOW_SLOTS = 32;
const TWO_32 = 2 ** 32;
/** Moves up to this length are faster as a loop than as a call. */
const SHORT_MOVE_WORDS = 96;

function slotsFor(capacity: number): number {
  return capacity + OVERFLOW_SLOTS;
}

/** Words of one key and its payload, at `index * 4` and `index * 2` of the two arrays. */
export interface KeyColumns {
  readonly eventKey: Uint32Array;
  readonly payloadDigest: Uint32Array;
}

class KeySegment {
  words: Uint32Array;
  capacity: number;
  count = 0;
  /** While entries are appended: the first word after the last one. */
  #nextWord = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.words = new Uint32Array(slotsFor(capacity) * WORDS);
  }

  home(word0: number): number {
    return Math.floor((((word0 << 2) >>> 0) * this.capacity) / TWO_32);
  }

  /** The slot of a key, or where it would have to be inserted, as -1 - slot. */
  find(k0: number, k1: number, k2: number, k3: number): number {
    const { words } = this;
    const end = words.length;
    let at = this.home(k0) * WORDS;
    for (; at < end; at += WORDS) {
      const w0 = words[at] as number;
      if (w0 < k0) {
        if (w0 === 0 && this.#isFree(at)) break;
        continue;
      }
      if (w0 > k0) break;
      const w1 = words[at + 1] as number;
      if (w1 !== k1) {
        if (w1 > k1 || (w0 === 0 && this.#isFree(at))) break;
        continue;
      }
      const w2 = words[at + 2] as number;
      const w3 = words[at + 3] as number;
      if (w2 === k2 && w3 === k3) return this.#isFree(at) ? -1 - at / WORDS : at / WORDS;
      if (w2 > k2 || (w2 === k2 && w3 > k3) || (w0 === 0 && this.#isFree(at))) break;
    }
    return -1 - at / WORDS;
  }

  /** Puts an entry at a slot that `find` gave, moving what stands there by one. False if it does not fit. */
  insert(slot: number, k0: number, k1: number, k2: number, k3: number, p0: number, p1: number): boolean {
    const { words } = this;
    const at = slot * WORDS;
    let free = at;
    while (free < words.length && !this.#isFree(free)) free += WORDS;
    if (free >= words.length) return false;
    if (free - at > SHORT_MOVE_WORDS) words.copyWithin(at + WORDS, at, free);
    else for (let word = free - 1; word >= at; word -= 1) words[word + WORDS] = words[word] as number;
    words[at] = k0;
    words[at + 1] = k1;
    words[at + 2] = k2;
    words[at + 3] = k3;
    words[at + 4] = p0;
    words[at + 5] = p1;
    this.count += 1;
    return true;
  }

  /** A larger segment with the same entries. Capacities form one fixed chain, so a set's capacity is its own. */
  grown(): KeySegment {
    const larger = new KeySegment(nextCapacity(this.capacity));
    for (let from = 0; from < this.words.length; from += WORDS) {
      if (!this.#isFree(from)) larger.append(this.words, from);
    }
    return larger;
  }

  /** Adds an entry whose key is above all that are there. */
  append(source: Uint32Array, from: number): void {
    const at = Math.max(this.home(source[from] as number) * WORDS, this.#nextWord);
    if (at >= this.words.length) this.extend();
    for (let word = 0; word < WORDS; word += 1) this.words[at + word] = source[from + word] as number;
    this.#nextWord = at + WORDS;
    this.count += 1;
  }

  /** Doubles the slots after the last home: only keys that are no digests ever need it. */
  extend(): void {
    const slots = this.words.length / WORDS;
    const extended = new Uint32Array((slots + (slots - this.capacity)) * WORDS);
    extended.set(this.words);
    this.words = extended;
  }

  get full(): boolean {
    return (this.count + 1) * 4 > this.capacity * 3;
  }

  #isFree(at: number): boolean {
    const { words } = this;
    return (
      ((words[at] as number) |
        (words[at + 1] as number) |
        (words[at + 2] as number) |
        (words[at + 3] as number) |
        (words[at + 4] as number) |
        (words[at + 5] as number)) ===
      0
    );
  }

  /** Copies the entries, without free slots, to `target` from `offset` on; returns the offset after them. */
  copyEntries(target: Uint32Array, offset: number, fromWord: number): { offset: number; nextWord: number } {
    const { words } = this;
    let to = offset;
    let at = fromWord;
    for (; at < words.length && to + WORDS <= target.length; at += WORDS) {
      if (this.#isFree(at)) continue;
      for (let word = 0; word < WORDS; word += 1) target[to + word] = words[at + word] as number;
      to += WORDS;
    }
    return { offset: to, nextWord: at };
  }
}

function nextCapacity(capacity: number): number {
  return capacity < CAPACITY_DOUBLING_MAX ? capacity * 2 : Math.floor(capacity / 2) * 3;
}

/** The capacity that a segment has once it grew to hold a number of entries. */
function capacityFor(count: number): number {
  let capacity = CAPACITY_MIN;
  while (count * 4 > capacity * 3) capacity = nextCapacity(capacity);
  return capacity;
}

export class KeyTable {
  readonly #segments: (KeySegment | undefined)[] = new Array<KeySegment | undefined>(SEGMENTS).fill(undefined);
  #zero = false;

  get count(): number {
    return this.#segments.reduce((sum, segment) => sum + (segment?.count ?? 0), this.#zero ? 1 : 0);
  }

  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + (segment?.words.byteLength ?? 0), 0);
  }

  /** Whether the key at an index of the columns is ABSENT, PRESENT with this payload, or there with a DIFFERENT one. */
  look(columns: KeyColumns, index: number): typeof ABSENT | typeof PRESENT | typeof DIFFERENT {
    const { eventKey, payloadDigest } = columns;
    const at = index * 4;
    const k0 = eventKey[at] as number;
    const k1 = eventKey[at + 1] as number;
    const k2 = eventKey[at + 2] as number;
    const k3 = eventKey[at + 3] as number;
    const p0 = payloadDigest[index * 2] as number;
    const p1 = payloadDigest[index * 2 + 1] as number;
    if (this.#zero && (k0 | k1 | k2 | k3) === 0) return (p0 | p1) === 0 ? PRESENT : DIFFERENT;
    const segment = this.#segments[k0 >>> 30];
    if (segment === undefined) return ABSENT;
    const slot = segment.find(k0, k1, k2, k3);
    if (slot < 0) return ABSENT;
    const same = segment.words[slot * WORDS + 4] === p0 && segment.words[slot * WORDS + 5] === p1;
    return same ? PRESENT : DIFFERENT;
  }

  /** Adds the key at an index of the columns, which must be absent. */
  add(columns: KeyColumns, index: number): void {
    const { eventKey, payloadDigest } = columns;
    const at = index * 4;
    const k0 = eventKey[at] as number;
    const k1 = eventKey[at + 1] as number;
    const k2 = eventKey[at + 2] as number;
    const k3 = eventKey[at + 3] as number;
    const p0 = payloadDigest[index * 2] as number;
    const p1 = payloadDigest[index * 2 + 1] as number;
    if ((k0 | k1 | k2 | k3 | p0 | p1) === 0) {
      this.#zero = true;
      return;
    }
    let segment = this.#segments[k0 >>> 30];
    if (segment === undefined) segment = this.#put(k0 >>> 30, new KeySegment(CAPACITY_MIN));
    else if (segment.full) segment = this.#put(k0 >>> 30, segment.grown());
    const slot = -1 - segment.find(k0, k1, k2, k3);
    while (!segment.insert(slot, k0, k1, k2, k3, p0, p1)) segment.extend();
  }

  /** All entries, six words each, sorted by key, in pieces of at most `piecesWords` words. */
  *pieces(pieceWords: number): Generator<Uint32Array> {
    let piece = new Uint32Array(pieceWords - (pieceWords % WORDS));
    let offset = this.#zero ? WORDS : 0;
    for (const segment of this.#segments) {
      if (segment === undefined) continue;
      for (let word = 0; word < segment.words.length; ) {
        ({ offset, nextWord: word } = segment.copyEntries(piece, offset, word));
        if (offset < piece.length) continue;
        yield piece;
        piece = new Uint32Array(piece.length);
        offset = 0;
      }
    }
    if (offset > 0) yield piece.subarray(0, offset);
  }

  /** The inverse of `pieces`: the table that gave them. Segments are made in their final size, since sorted keys would all
   * crowd into the first slots of a small one. */
  static of(pieces: readonly Uint32Array[]): KeyTable {
    const table = new KeyTable();
    const counts = new Uint32Array(SEGMENTS);
    for (const words of pieces) {
      for (let at = 0; at < words.length; at += WORDS) counts[(words[at] as number) >>> 30] += 1;
    }
    for (const words of pieces) {
      for (let at = 0; at < words.length; at += WORDS) table.#appendSorted(words, at, counts);
    }
    return table;
  }

  #appendSorted(words: Uint32Array, at: number, counts: Uint32Array): void {
    let zero = true;
    for (let word = 0; zero && word < WORDS; word += 1) zero = words[at + word] === 0;
    if (zero) {
      this.#zero = true;
      return;
    }
    const index = (words[at] as number) >>> 30;
    const segment = this.#segments[index] ?? this.#put(index, new KeySegment(capacityFor(counts[index] as number)));
    segment.append(words, at);
  }

  #put(index: number, segment: KeySegment): KeySegment {
    this.#segments[index] = segment;
    return segment;
  }
}
