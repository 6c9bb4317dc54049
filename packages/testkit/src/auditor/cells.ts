/** Rows of totals, filled one event after the other. */

/** Quantity and amount (counts of 1e-12) of one account, period, service and currency. */
export interface Cell {
  readonly account: string;
  readonly period: string;
  readonly service: string;
  readonly currency: string;
  quantity: bigint;
  amount: bigint;
}

export class Cells {
  readonly #cells = new Map<string, Cell>();

  of(account: string, period: string, service: string, currency: string): Cell {
    const key = `${account}|${period}|${service}|${currency}`;
    let cell = this.#cells.get(key);
    if (cell === undefined) {
      cell = { account, period, service, currency, quantity: 0n, amount: 0n };
      this.#cells.set(key, cell);
    }
    return cell;
  }

  all(): readonly Cell[] {
    return [...this.#cells.values()];
  }
}
