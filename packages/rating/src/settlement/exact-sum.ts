/** A sum of integers that stays exact: a number while it is safe, and a bigint for what went past. */
export class ExactSum {
  #high = 0n;
  #low = 0;

  /** Adds a safe integer. */
  add(value: number): void {
    const next = this.#low + value;
    if (Number.isSafeInteger(next)) {
      this.#low = next;
      return;
    }
    this.#high += BigInt(this.#low);
    this.#low = value;
  }

  addLarge(value: bigint): void {
    this.#high += value;
  }

  get value(): bigint {
    return this.#high + BigInt(this.#low);
  }
}
