/**
 * What was worked out for an entry of a block's dictionary, by the entry's 128-bit digest: open addressing over words, so
 * that an entry met before costs one look and no decoding. A cache and no state: it forgets everything once it holds `limit`
 * entries, which changes no result.
 */

const WORDS = 4;
const CAPACITY_MIN = 256;

export class DigestCache<T> {
  readonly #limit: number;
  #words = new Uint32Array(CAPACITY_MIN * WORDS);
  #values: (T | undefined)[] = new Array<T | undefined>(CAPACITY_MIN).fill(undefined);
  #mask = CAPACITY_MIN - 1;
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What is kept for the digest at an index of `digests`, or undefined. */
  get(digests: Uint32Array, index: number): T | undefined {
    return this.#values[this.#slot(digests, index)];
  }

  set(digests: Uint32Array, index: number, value: T): void {
    if (this.#count === this.#limit) this.#resize(CAPACITY_MIN);
    else if (this.#count * 2 >= this.#mask) this.#grow();
    const slot = this.#slot(digests, index);
    if (this.#values[slot] === undefined) this.#count += 1;
    this.#values[slot] = value;
    for (let word = 0; word < WORDS; word += 1) {
      this.#words[slot * WORDS + word] = digests[index * WORDS + word] as number;
    }
  }

  /** The slot that holds a digest, or the free one where it belongs. */
  #slot(digests: Uint32Array, index: number): number {
    const words = this.#words;
    const at = index * WORDS;
    const w0 = digests[at] as number;
    const w1 = digests[at + 1] as number;
    const w2 = digests[at + 2] as number;
    const w3 = digests[at + 3] as number;
    let slot = w0 & this.#mask;
    while (this.#values[slot] !== undefined) {
      const other = slot * WORDS;
      if (words[other] === w0 && words[other + 1] === w1 && words[other + 2] === w2 && words[other + 3] === w3) break;
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }

  #grow(): void {
    const [words, values] = [this.#words, this.#values];
    this.#resize(values.length * 2);
    values.forEach((value, slot) => {
      if (value !== undefined) this.set(words, slot, value);
    });
  }

  /** Forgets everything and gives the cache another capacity, a power of two. */
  #resize(capacity: number): void {
    this.#words = new Uint32Array(capacity * WORDS);
    this.#values = new Array<T | undefined>(capacity).fill(undefined);
    this.#mask = capacity - 1;
    this.#count = 0;
  }
}
