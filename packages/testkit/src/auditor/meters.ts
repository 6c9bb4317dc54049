/**
 * Meters: quantities of one price, owner and scope, added up. A price function is asked for a meter's whole quantity, and
 * not for each event, unless who pays for the meter changes on the way.
 */
import type { Price } from './book.ts';
import type { Cell } from './cells.ts';
import { type PriceFunction, percentageOf, percentageTotal, priceOf } from './price-function.ts';

interface Meter {
  readonly function: PriceFunction;
  /** Who pays for what comes now. */
  row: Cell;
  quantity: bigint;
  events: number;
  /** Of a percentage: what its events cost so far, before the division. */
  percentages: bigint;
  /** What was put into rows so far. */
  charged: bigint;
}

export class Meters {
  readonly #meters = new Map<string, Meter>();
  readonly #numbers = new Map<string, number>();

  /**
   * @param instance tells meters of one price apart: owner and cycle or day; null for a meter of this event alone
   * @param connected the event has paid for the connection with a part before
   */
  add(price: Price, instance: string | null, row: Cell, quantity: bigint, connected: boolean): void {
    row.quantity += quantity;
    if (price.function === null) return;
    if (instance === null) {
      const meter = newMeter(price.function, row);
      count(meter, quantity);
      charge(meter);
      if (connected) row.amount -= price.function.connectFee;
      return;
    }
    const key = `${this.#numberOf(price.identity)}|${instance}`;
    let meter = this.#meters.get(key);
    if (meter === undefined) {
      meter = newMeter(price.function, row);
      this.#meters.set(key, meter);
    } else if (meter.row !== row) {
      charge(meter);
      meter.row = row;
    }
    count(meter, quantity);
  }

  /** Puts what is not charged yet into its rows. */
  close(): void {
    for (const meter of this.#meters.values()) charge(meter);
  }

  /** Equal prices have the same number, in whatever book. */
  #numberOf(identity: string): number {
    let number = this.#numbers.get(identity);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(identity, number);
    }
    return number;
  }
}

function newMeter(of: PriceFunction, row: Cell): Meter {
  return { function: of, row, quantity: 0n, events: 0, percentages: 0n, charged: 0n };
}

function count(meter: Meter, quantity: bigint): void {
  const { model } = meter.function;
  if (model.kind === 'percentage') meter.percentages += percentageOf(model, meter.events, quantity);
  meter.quantity += quantity;
  meter.events++;
}

function charge(meter: Meter): void {
  const { model } = meter.function;
  const due =
    model.kind === 'percentage' ? percentageTotal(model, meter.percentages) : priceOf(meter.function, meter.quantity);
  meter.row.amount += due - meter.charged;
  meter.charged = due;
}
