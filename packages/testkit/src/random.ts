/**
 * Seeded randomness: a small fast generator (sfc32) and a hash of text and numbers. The same seed gives the same numbers
 * on any machine; nothing here reads a clock.
 */

/** 32-bit hash of text (FNV-1a, then mixed). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mix32(hash);
}

/** A bijection of 32-bit numbers that spreads every bit over all others (murmur3's finaliser). */
export function mix32(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Hash of a stream's seed with one or two numbers. */
export function hashNumbers(seed: number, first: number, second = 0): number {
  return mix32(mix32(mix32(seed ^ first) + Math.floor(first / 0x1_0000_0000)) ^ Math.imul(second, 0x9e3779b1));
}

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, stream = 0) {
    this.#a = seed | 0;
    this.#b = stream | 0;
    this.#c = mix32(seed ^ Math.imul(stream, 0x9e3779b1)) | 0;
    for (let round = 0; round < 12; round++) this.next();
  }

  /** 0 to 2^32 - 1. */
  next(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** 0 (inclusive) to 1 (exclusive). */
  fraction(): number {
    return this.next() / 0x1_0000_0000;
  }

  /** 0 to bound - 1. The bias is below bound / 2^32. */
  below(bound: number): number {
    return Math.floor((this.next() / 0x1_0000_0000) * bound);
  }

  /** Standard normal (Box-Muller, one of the pair). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.fraction())) * Math.cos(2 * Math.PI * this.fraction());
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }

  /** In place. */
  shuffle<T>(values: T[]): T[] {
    for (let last = values.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const held = values[last] as T;
      values[last] = values[other] as T;
      values[other] = held;
    }
    return values;
  }
}
