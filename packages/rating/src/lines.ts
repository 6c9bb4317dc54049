/**
 * Rated lines as the fold writes them: columns that grow and are used again for every block, so that rating a line makes
 * no object.
 */
import type { LineCause, LineRule, Money, RatedLines } from './contract.ts';

const CAPACITY_MIN = 1024;
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

export class LineTable implements RatedLines {
  count = 0;
  event = new Int32Array(CAPACITY_MIN);
  part = new Int32Array(CAPACITY_MIN);
  /** Filled up to `count`. */
  readonly rules: LineRule[] = [];
  payer = new Uint8Array(CAPACITY_MIN);
  quantity = new Float64Array(CAPACITY_MIN);
  eventQuantity = new Float64Array(CAPACITY_MIN);
  before = new Float64Array(CAPACITY_MIN);
  after = new Float64Array(CAPACITY_MIN);
  bucketSize = new Float64Array(CAPACITY_MIN);
  threshold = new Uint16Array(CAPACITY_MIN);
  amount = new Float64Array(CAPACITY_MIN);
  readonly largeAmount = new Map<number, Money>();
  readonly causes = new Map<number, LineCause>();

  /** Forgets all lines; the columns stay. */
  clear(): void {
    this.count = 0;
    // The rules stay as they are past `count`: a list cut short and grown again is made anew each time.
    this.largeAmount.clear();
    this.causes.clear();
  }

  /**
   * Adds a line; the caller writes its numbers into the columns. So no number is an argument, which would make an object of
   * it wherever the call is not inlined.
   * @returns its number
   */
  add(event: number, part: number, rule: LineRule, payer: number): number {
    const line = this.count;
    if (line === this.event.length) this.#grow();
    this.event[line] = event;
    this.part[line] = part;
    this.rules[line] = rule;
    this.payer[line] = payer;
    this.bucketSize[line] = 0;
    this.threshold[line] = 0;
    this.count = line + 1;
    return line;
  }

  /** Adds a line whose amount is a safe integer. @returns its number */
  push(
    event: number,
    part: number,
    rule: LineRule,
    payer: number,
    quantity: number,
    eventQuantity: number,
    amount: number,
    before: number,
    after: number,
    bucketSize: number,
    threshold: number,
  ): number {
    const line = this.add(event, part, rule, payer);
    this.quantity[line] = quantity;
    this.eventQuantity[line] = eventQuantity;
    this.amount[line] = amount;
    this.before[line] = before;
    this.after[line] = after;
    this.bucketSize[line] = bucketSize;
    this.threshold[line] = threshold;
    return line;
  }

  /** Gives a line an amount that may be of any size. */
  setAmount(line: number, amount: Money): void {
    if (amount <= SAFE && amount >= -SAFE) {
      this.amount[line] = Number(amount);
      return;
    }
    this.amount[line] = Number.NaN;
    this.largeAmount.set(line, amount);
  }

  amountOf(line: number): Money {
    return this.largeAmount.get(line) ?? BigInt(this.amount[line] as number);
  }

  #grow(): void {
    this.event = larger(this.event, new Int32Array(this.event.length * 2));
    this.part = larger(this.part, new Int32Array(this.part.length * 2));
    this.payer = larger(this.payer, new Uint8Array(this.payer.length * 2));
    this.quantity = larger(this.quantity, new Float64Array(this.quantity.length * 2));
    this.eventQuantity = larger(this.eventQuantity, new Float64Array(this.eventQuantity.length * 2));
    this.before = larger(this.before, new Float64Array(this.before.length * 2));
    this.after = larger(this.after, new Float64Array(this.after.length * 2));
    this.bucketSize = larger(this.bucketSize, new Float64Array(this.bucketSize.length * 2));
    this.threshold = larger(this.threshold, new Uint16Array(this.threshold.length * 2));
    this.amount = larger(this.amount, new Float64Array(this.amount.length * 2));
  }
}

function larger<Column extends Int32Array | Uint8Array | Uint16Array | Float64Array>(
  old: Column,
  grown: Column,
): Column {
  grown.set(old);
  return grown;
}
