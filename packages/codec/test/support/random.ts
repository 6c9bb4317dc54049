/** Seeded randomness for tests. A run prints its seed; HEADRACE_TEST_SEED repeats it. */

export class Random {
  readonly seed: number;
  #state: number;

  constructor(seed = Number(process.env.HEADRACE_TEST_SEED ?? Date.now() % 2 ** 31)) {
    this.seed = seed;
    this.#state = seed | 0;
  }

  /** 0 inclusive to 1 exclusive (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** 0 inclusive to `below` exclusive. */
  int(below: number): number {
    return Math.floor(this.next() * below);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.int(values.length)];
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  }

  /** Whole numbers of all sizes and both signs. */
  safeInteger(): number {
    const size = 2 ** this.int(54) - 1;
    const value = Math.floor(this.next() * size);
    return value !== 0 && this.chance(0.3) ? -value : value;
  }

  text(lengthMax: number): string {
    const letters = this.chance(0.15) ? 'äß€漢🚀x' : 'abcdefghijklmnopqrstuvwxyz0123456789-_';
    const units = [...letters];
    return Array.from({ length: this.int(lengthMax + 1) }, () => this.pick(units)).join('');
  }
}

/** A random source that says its seed when the test fails. */
export function seeded(): Random {
  const random = new Random();
  console.info(`seed ${random.seed} (repeat with HEADRACE_TEST_SEED=${random.seed})`);
  return random;
}
