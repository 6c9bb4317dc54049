/**
 * The beaten way. Most events are of a subscription that uses in this cycle what it used before: the same route, buckets and
 * meters. What the general steps (`rate-block.ts`) look up for such an event over and over is kept as one row of numbers for
 * each party (`way-numbers.ts`), so that rating it reads that row, the counters, and nothing else.
 *
 * 1. A cache and no state: an event gives the same lines and leaves the same state as by the general steps; a test rates
 *    everything both ways. What a way does not cover goes the general way: an event of quantity 0, a sum past 2^53 - 1, an
 *    amount that doubles cannot tell.
 * 2. A way holds inside one stretch of its route and one cycle, and until a fact is applied.
 * 3. Nothing changes before all is worked out.
 */
import { type GuidedEvents, type LineRule, PAYER_POOL_ACCOUNT, PAYER_USAGE_ACCOUNT } from '../contract.ts';
import type { LineTable } from '../lines.ts';
import { lineDifference, lineTotal } from '../price-functions/step-line.ts';
import type { ContextInBook } from './book-in-force.ts';
import type { CounterTable } from './counter-table.ts';
import type { Grant } from './grants.ts';
import { WAYS_KEPT } from './limits.ts';
import type { Party } from './parties.ts';
import type { PoolCycle, Share } from './pools.ts';
import type { PriceItem } from './price-item.ts';
import type { PartitionState } from './state.ts';
import type { Subscription } from './subscription.ts';
import { crossed } from './thresholds.ts';
import * as N from './way-numbers.ts';

const ROWS_MIN = 256;

/** What of a way is no number. */
export interface WayParts {
  readonly context: ContextInBook;
  /** Whose way it is. */
  readonly party: Party;
  /** The pool's bucket, if the use is for it, and its record of the price's meter, if that outlives the event. */
  readonly pool: PoolCycle | undefined;
  readonly share: Share | undefined;
  readonly retail: PriceItem;
  readonly wholesale: PriceItem | undefined;
  /** By bucket, where it is one. */
  readonly grants: readonly (Grant | undefined)[];
  readonly rules: readonly (LineRule | undefined)[];
  /** Per cents, rising, none above 100. */
  readonly thresholds: readonly number[];
}

export class Ways {
  readonly #state: PartitionState;
  readonly #lines: LineTable;
  readonly #parts: WayParts[] = [];
  #numbers = new Float64Array(ROWS_MIN * N.WAY_NUMBERS);
  // What the event in hand draws and costs, worked out before anything changes.
  readonly #before = new Float64Array(N.BUCKETS_MAX);
  readonly #drawn = new Float64Array(N.BUCKETS_MAX);
  readonly #meterBefore = new Float64Array(2);
  readonly #amount = new Float64Array(2);

  constructor(state: PartitionState, lines: LineTable) {
    this.#state = state;
    this.#lines = lines;
  }

  /**
   * Makes a way, or makes one anew. Past `WAYS_KEPT` all are forgotten first: a number that a party still has is then another's
   * way or none, which `leads` sees.
   * @param way its number; one that is not the party's (any more) asks for a new one
   * @returns its number
   */
  keep(way: number, row: Float64Array, parts: WayParts): number {
    const own = way >= 0 && this.#parts[way]?.party === parts.party;
    if (!own && this.#parts.length === WAYS_KEPT) this.#parts.length = 0;
    const number = own ? way : this.#parts.length;
    if ((number + 1) * N.WAY_NUMBERS > this.#numbers.length) {
      const grown = new Float64Array(this.#numbers.length * 2);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#numbers.set(row, number * N.WAY_NUMBERS);
    this.#parts[number] = parts;
    return number;
  }

  /** True if a way is a party's for a kind of use, whether or not it still holds. */
  isOf(way: number, party: Party, context: ContextInBook): boolean {
    const parts = this.#parts[way];
    return parts?.party === party && parts.context === context;
  }

  /** True if a way is a party's for a kind of use at a time, as things stand. */
  leads(way: number, party: Party, context: ContextInBook, time: number): boolean {
    const numbers = this.#numbers;
    const at = way * N.WAY_NUMBERS;
    return (
      time >= (numbers[at + N.FROM] as number) &&
      time < (numbers[at + N.TO] as number) &&
      numbers[at + N.CHANGES] === this.#state.changes &&
      this.isOf(way, party, context)
    );
  }

  /** Rates an event on a way that leads. @returns false, with nothing changed, if it needs the general steps */
  rate(way: number, events: GuidedEvents, index: number): boolean {
    const parts = this.#parts[way];
    const quantity = this.#quantity(way, events, index);
    const at = way * N.WAY_NUMBERS;
    if (parts === undefined || quantity === 0 || quantity > Number.MAX_SAFE_INTEGER) return false;
    if (!this.#rollsAsBefore(at, parts.party.subscription)) return false;
    const left = this.#planDraws(way, parts, quantity);
    if (left > 0 && !this.#planPrice(parts.retail, at + N.RETAIL, 0, left)) return false;
    if (parts.wholesale !== undefined && !this.#planPrice(parts.wholesale, at + N.WHOLESALE, 1, quantity)) return false;
    // From here on nothing can fail.
    let part = this.#commitDraws(way, parts, index, quantity);
    if (parts.pool !== undefined) this.#notePool(at, parts, parts.pool, left);
    if (left > 0) {
      this.#commitPrice(at + N.RETAIL, 0, parts.rules[N.RULE_RETAIL], index, part, left, quantity);
      part += 1;
    }
    if (parts.wholesale !== undefined) {
      this.#commitPrice(at + N.WHOLESALE, 1, parts.rules[N.RULE_WHOLESALE], index, part, quantity, quantity);
    }
    return true;
  }

  #quantity(way: number, events: GuidedEvents, index: number): number {
    switch (this.#numbers[way * N.WAY_NUMBERS + N.COUNTS]) {
      case 0:
        return (events.bytesUp[index] as number) + (events.bytesDown[index] as number);
      case 1:
        return events.bytesUp[index] as number;
      case 2:
        return events.bytesDown[index] as number;
      case 3:
        return Math.max(events.bytesUp[index] as number, events.bytesDown[index] as number);
      case 4:
        return events.seconds[index] as number;
      default:
        return events.units[index] as number;
    }
  }

  /** False if late use may have changed what rolled over into the way's cycle, or the event itself would be late use. */
  #rollsAsBefore(at: number, { latestRolling, lateRolling }: Subscription): boolean {
    const rolling = this.#numbers[at + N.ROLLING] as number;
    return rolling === 0 || (rolling >= latestRolling && this.#numbers[at + N.LATE_ROLLING] === lateRolling);
  }

  /** @returns what no bucket covers */
  #planDraws(way: number, { pool, grants }: WayParts, quantity: number): number {
    const numbers = this.#numbers;
    const row = way * N.WAY_NUMBERS;
    const count = numbers[row + N.BUCKETS] as number;
    let left = quantity;
    for (let bucket = 0; bucket < count; bucket += 1) {
      this.#drawn[bucket] = 0;
      if (left === 0) continue;
      const at = row + N.BUCKET_ROWS + bucket * N.BUCKET_NUMBERS;
      const kind = numbers[at + N.BUCKET_KIND];
      let before = 0;
      let free = 0;
      if (kind === N.KIND_POOL) {
        before = pool?.used ?? 0;
        free = Math.min((pool?.size ?? 0) - before, this.#leftOfLimit(row, at));
      } else if (kind === N.KIND_GRANT) {
        before = grants[bucket]?.used ?? 0;
        free = (numbers[at + N.BUCKET_SIZE] as number) - before;
      } else {
        before = this.#state.buckets.get(
          numbers[at + N.BUCKET_OWNER] as number,
          numbers[at + N.BUCKET_ITEM] as number,
          numbers[at + N.BUCKET_CYCLE] as number,
        );
        free = (numbers[at + N.BUCKET_SIZE] as number) - before;
      }
      if (free <= 0) continue;
      const drawn = Math.min(free, left);
      left -= drawn;
      this.#before[bucket] = before;
      this.#drawn[bucket] = drawn;
    }
    return left;
  }

  /** What the pool still lets this subscription draw. */
  #leftOfLimit(row: number, at: number): number {
    const numbers = this.#numbers;
    const limit = numbers[at + N.BUCKET_LIMIT] as number;
    if (limit === N.NO_LIMIT) return Number.MAX_SAFE_INTEGER;
    return (
      limit -
      this.#state.poolDraws.get(
        numbers[row + N.MEMBER] as number,
        numbers[row + N.POOL] as number,
        numbers[row + N.POOL_CYCLE] as number,
      )
    );
  }

  /** Works out where a quantity takes a meter and what that costs; false where only the general steps can tell. */
  #planPrice(item: PriceItem, at: number, leg: number, quantity: number): boolean {
    const numbers = this.#numbers;
    const event = numbers[at + N.PRICE_SCOPE] === N.SCOPE_EVENT;
    const before = event ? 0 : this.#meterAt(at);
    const after = before + quantity;
    if (after > Number.MAX_SAFE_INTEGER) return false;
    const straight = numbers[at + N.PRICE_STRAIGHT] === 1;
    const amount = straight
      ? event
        ? lineTotal(numbers, at + N.PRICE_LINE, after)
        : lineDifference(numbers, at + N.PRICE_LINE, before, after)
      : event
        ? item.price.fastFirst(after)
        : item.price.fastDifference(before, after);
    this.#meterBefore[leg] = before;
    this.#amount[leg] = amount;
    return !Number.isNaN(amount);
  }

  /** What the meter of a cycle or a day stands at. */
  #meterAt(at: number): number {
    const numbers = this.#numbers;
    const instance = numbers[at + N.PRICE_CYCLE] as number;
    const { lasting, days } = this.#state.meters;
    const table = numbers[at + N.PRICE_SCOPE] === N.SCOPE_DAY ? days.get(instance) : lasting;
    return (
      table?.counters.get(numbers[at + N.PRICE_OWNER] as number, numbers[at + N.PRICE_ITEM] as number, instance) ?? 0
    );
  }

  /** @returns the number of lines written */
  #commitDraws(way: number, { pool, grants, rules, thresholds }: WayParts, index: number, quantity: number): number {
    const numbers = this.#numbers;
    const lines = this.#lines;
    const row = way * N.WAY_NUMBERS;
    const count = numbers[row + N.BUCKETS] as number;
    let part = 0;
    for (let bucket = 0; bucket < count; bucket += 1) {
      const drawn = this.#drawn[bucket] as number;
      if (drawn === 0) continue;
      const at = row + N.BUCKET_ROWS + bucket * N.BUCKET_NUMBERS;
      const before = this.#before[bucket] as number;
      const after = before + drawn;
      const ofPool = numbers[at + N.BUCKET_KIND] === N.KIND_POOL && pool !== undefined;
      const size = ofPool ? pool.size : (numbers[at + N.BUCKET_SIZE] as number);
      const rule = rules[bucket] as LineRule;
      const line = lines.add(index, part, rule, ofPool ? PAYER_POOL_ACCOUNT : PAYER_USAGE_ACCOUNT);
      lines.quantity[line] = drawn;
      lines.eventQuantity[line] = quantity;
      lines.amount[line] = 0;
      lines.before[line] = before;
      lines.after[line] = after;
      lines.bucketSize[line] = size;
      if (thresholds.length > 0) lines.threshold[line] = crossed(thresholds, before, after, size);
      part += 1;
      const grant = grants[bucket];
      if (ofPool) {
        pool.used = after;
        if (numbers[at + N.BUCKET_LIMIT] !== N.NO_LIMIT) this.#addOfMember(this.#state.poolDraws, row, drawn);
      } else if (grant !== undefined) {
        grant.used = after;
      } else {
        this.#state.buckets.set(
          numbers[at + N.BUCKET_OWNER] as number,
          numbers[at + N.BUCKET_ITEM] as number,
          numbers[at + N.BUCKET_CYCLE] as number,
          after,
        );
      }
    }
    return part;
  }

  /** Keeps the pool's record of what it covered and what went over, by member and by meter. */
  #notePool(at: number, { share }: WayParts, pool: PoolCycle, over: number): void {
    const numbers = this.#numbers;
    const count = numbers[at + N.BUCKETS] as number;
    let covered = 0;
    for (let bucket = 0; bucket < count; bucket += 1) {
      const kind = numbers[at + N.BUCKET_ROWS + bucket * N.BUCKET_NUMBERS + N.BUCKET_KIND];
      if (kind === N.KIND_POOL) covered = this.#drawn[bucket] as number;
    }
    if (covered + over === 0) return;
    pool.overage += over;
    if (share !== undefined) {
      share.covered += covered;
      share.overage += over;
    }
    this.#addOfMember(this.#state.poolUse, at, covered + over);
  }

  /** Adds to a counter of the subscription in its pool. */
  #addOfMember(table: CounterTable, row: number, quantity: number): void {
    const numbers = this.#numbers;
    const member = numbers[row + N.MEMBER] as number;
    table.add(member, numbers[row + N.POOL] as number, numbers[row + N.POOL_CYCLE] as number, quantity);
  }

  #commitPrice(
    at: number,
    leg: number,
    rule: LineRule | undefined,
    index: number,
    part: number,
    quantity: number,
    eventQuantity: number,
  ): void {
    const numbers = this.#numbers;
    const lines = this.#lines;
    const before = this.#meterBefore[leg] as number;
    const after = before + quantity;
    const line = lines.add(index, part, rule as LineRule, numbers[at + N.PRICE_PAYER] as number);
    lines.quantity[line] = quantity;
    lines.eventQuantity[line] = eventQuantity;
    lines.amount[line] = this.#amount[leg] as number;
    lines.before[line] = before;
    lines.after[line] = after;
    if (numbers[at + N.PRICE_SCOPE] === N.SCOPE_EVENT) return;
    const instance = numbers[at + N.PRICE_CYCLE] as number;
    const item = numbers[at + N.PRICE_ITEM] as number;
    const { meters } = this.#state;
    const table = numbers[at + N.PRICE_SCOPE] === N.SCOPE_DAY ? meters.day(instance) : meters.lasting;
    table.counters.set(numbers[at + N.PRICE_OWNER] as number, item, instance, after);
  }
}
