/** Totals that were billed otherwise than they are settled: most are equal, and are let go as soon as they are met. Pure. */
import { adjustments, type Total, totalKeyText } from '@headrace/rating';

export class Unequal {
  /** Settled totals that nothing billed was equal to yet, by key. */
  readonly #settled = new Map<string, Total>();
  readonly #billed: Total[] = [];

  /** @param settled each key once */
  constructor(settled: readonly Total[]) {
    for (const total of settled) this.#settled.set(totalKeyText(total), total);
  }

  /** Takes what was billed of a total; each key once. */
  bill(billed: Total): void {
    const key = totalKeyText(billed);
    const settled = this.#settled.get(key);
    if (settled?.quantity === billed.quantity && settled.amount === billed.amount) this.#settled.delete(key);
    else this.#billed.push(billed);
  }

  /** Settled less billed of one period, once all is billed; sorted, without those that are zero. */
  differences(period: string): Total[] {
    const isOf = (total: Total): boolean => total.period === period;
    return adjustments([...this.#settled.values()].filter(isOf), this.#billed.filter(isOf));
  }
}
