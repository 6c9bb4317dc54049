/**
 * Quantities of a case as whole numbers: all of a kind times one power of ten, bounds, sizes and `unitSize` included.
 * Quantities are measured first, then written: the translation runs twice.
 */
import { decimalText, product, scaled } from './decimal.ts';
import type { Kind } from './kinds.ts';
import { Unsupported } from './unsupported.ts';

/** A money service counts in at most so many decimals of the currency. */
const MONEY_DECIMALS_MAX = 12;
/** As price books have it. */
const QUANTITY_MAX = 2n ** 50n;

export class Quantities {
  readonly #powers = { quantity: 0, time: 0, money: 0 };
  #measuring = true;

  /** From here on quantities are written. */
  measured(): void {
    const { quantity, time, money } = this.#powers;
    if (money > MONEY_DECIMALS_MAX) throw new Unsupported(`amounts need ${money} decimals`);
    if (quantity > 15) throw new Unsupported(`quantities need ${quantity} decimals`);
    if (time > 0) throw new Unsupported('durations are cut at whole seconds, and the quantities have fractions');
    this.#measuring = false;
  }

  /** Behind the point, of all quantities of a kind. */
  power(kind: Kind): number {
    return this.#powers[kind];
  }

  /** The product of decimals as a price book writes it: an integer of raw units, or a decimal of the currency. */
  of(kind: Kind, ...factors: readonly string[]): number | string {
    this.note(kind, ...factors);
    const decimal = product(factors);
    if (kind === 'money') return decimalText(decimal);
    if (this.#measuring) return 1;
    const raw = scaled(decimal, this.#powers[kind]);
    if (raw > QUANTITY_MAX) throw new Unsupported(`${raw} raw units are more than 2^50`);
    return Number(raw);
  }

  /** Raw units of an event's quantity; it may be below zero. */
  raw(kind: Kind, text: string): bigint {
    this.note(kind, text);
    return this.#measuring ? 0n : scaled(product([text]), this.#powers[kind]);
  }

  /** Lets a quantity that the engine works out for itself be a whole number. */
  note(kind: Kind, ...factors: readonly string[]): void {
    if (this.#measuring) this.#powers[kind] = Math.max(this.#powers[kind], product(factors).decimals);
  }
}
