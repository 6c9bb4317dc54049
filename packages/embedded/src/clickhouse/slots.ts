/**
 * Bounds how many requests work at once and how many wait. Reads and writes have slots of their own, so that long reads
 * never keep an insert waiting.
 */
import { CODES, refusal } from './errors.ts';

export class Slots {
  readonly #limit: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(limit: number, waitingMax: number) {
    this.#limit = limit;
    this.#waitingMax = waitingMax;
  }

  /** Runs `work` in a slot; throws TOO_MANY_SIMULTANEOUS_QUERIES where too many wait already. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy < this.#limit) this.#busy++;
    else await this.#turn();
    try {
      return await work();
    } finally {
      // The slot is handed on as it is, so nobody can slip in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#busy--;
      else next();
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= this.#waitingMax) {
      const text = `Too many simultaneous queries: ${this.#waitingMax} wait. (TOO_MANY_SIMULTANEOUS_QUERIES)`;
      throw refusal(CODES.TOO_MANY_SIMULTANEOUS_QUERIES, text);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
