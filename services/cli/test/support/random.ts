/** Seeded random numbers. The seed is printed; HEADRACE_SEED repeats a run. */

export class Random {
  readonly seed: number;
  #state: number;

  constructor(seed = Number(process.env.HEADRACE_SEED ?? Date.now() % 2 ** 31)) {
    this.seed = seed;
    this.#state = seed;
    console.log(`seed ${seed} (repeat with HEADRACE_SEED=${seed})`);
  }

  /** From 0 to count - 1 (mulberry32). */
  below(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}
