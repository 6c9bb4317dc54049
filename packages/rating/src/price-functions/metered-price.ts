/**
 * The price of a meter. A meter that nothing has reached costs 0; one that something has reached costs F of its quantity:
 * minimum quantity -> increment -> the compiled function (around.ts), all of the accumulated quantity, so that scope alone
 * decides whether rounding is by event or by cycle.
 *
 * 1. What cannot be told in doubles is NaN, what cannot be billed at all is undefined (OVERFLOW): never a wrong number.
 * 2. With per-event terms the price is no function of the quantity: the caller keeps a PerEventState for the meter and uses
 *    the `perEvent…` methods; the others are for prices without. Which it is, `perEvent` says; to mix them up is a defect
 *    and throws.
 */
import type { Money } from '../contract.ts';
import { MONEY_LIMIT } from '../money.ts';
import type { MeterScope, PriceFunctionDefinition, RoundingMode } from '../price-book/price-book.ts';
import { amountAround, pricePieces } from './around.ts';
import { SAFE, wholeMultiples } from './integers.ts';
import { PER_EVENT_START, PerEventPrice, type PerEventState } from './per-event.ts';
import { PriceFunction } from './price-function.ts';
import { FINEST_ROUNDING, roundingStep, roundQuotient } from './rounding.ts';

export type { PerEventState } from './per-event.ts';

export class MeterPrice {
  /** F of a reached meter is 0 at quantity 0, so being reached makes no difference. Never so with per-event terms. */
  readonly startsAtZero: boolean;
  /** The price has per-event terms. */
  readonly perEvent: boolean;
  readonly #definition: PriceFunctionDefinition;
  readonly #scope: MeterScope;
  readonly #byQuantity: PriceFunction | undefined;
  readonly #byEvent: PerEventPrice | undefined;
  readonly #minimumQuantity: number;
  readonly #increment: number;
  readonly #incrementRounding: RoundingMode;
  /** Quantities are billed as they are. */
  readonly #plain: boolean;

  constructor(definition: PriceFunctionDefinition, scope: MeterScope) {
    const { model, minimumQuantity, increment, incrementRounding } = definition;
    const terms = model.model === 'percentage' ? model.perEvent : undefined;
    this.#definition = definition;
    this.#scope = scope;
    this.#byEvent = model.model === 'percentage' && terms !== undefined ? new PerEventPrice(model, terms) : undefined;
    this.#byQuantity =
      terms === undefined
        ? new PriceFunction(pricePieces(definition, scope), definition.rounding ?? FINEST_ROUNDING)
        : undefined;
    this.#minimumQuantity = minimumQuantity;
    this.#increment = increment;
    this.#incrementRounding = incrementRounding;
    this.#plain = minimumQuantity <= 1 && increment === 1;
    this.perEvent = terms !== undefined;
    this.startsAtZero = this.#byQuantity?.total(0) === 0n;
  }

  /** What a quantity is billed as. More than 2^53 - 1 means that it cannot be billed (OVERFLOW). */
  billable(quantity: number): number {
    if (this.#plain || quantity === 0) return quantity;
    const least = Math.max(quantity, this.#minimumQuantity);
    if (least > SAFE) return least;
    return wholeMultiples(least, this.#increment, this.#incrementRounding) * this.#increment;
  }

  /** F(quantity) of a reached meter; undefined where the billed quantity passes 2^53 - 1 or the amount 38 digits. */
  total(quantity: number): Money | undefined {
    const billed = this.billable(quantity);
    return billed <= SAFE ? this.#function().total(billed) : undefined;
  }

  /** What the first thing that reaches a meter costs. */
  first(after: number): Money | undefined {
    return this.total(after);
  }

  /** F(after) - F(before) of a meter that was reached before, exactly; undefined where either overflows. */
  difference(before: number, after: number): Money | undefined {
    const [costBefore, costAfter] = [this.total(before), this.total(after)];
    return costBefore === undefined || costAfter === undefined ? undefined : costAfter - costBefore;
  }

  /** `first` as an exact safe integer of 1e-12 units, or NaN where only `first` can tell. Allocates nothing. */
  fastFirst(after: number): number {
    const billed = this.billable(after);
    return billed <= SAFE ? this.#function().fastTotal(billed) : Number.NaN;
  }

  /** `difference` as an exact safe integer of 1e-12 units, or NaN where only `difference` can tell. Allocates nothing. */
  fastDifference(before: number, after: number): number {
    const billedBefore = this.billable(before);
    const billedAfter = this.billable(after);
    if (!(billedBefore <= SAFE && billedAfter <= SAFE)) return Number.NaN;
    return this.#function().fastDifference(billedBefore, billedAfter);
  }

  /**
   * Writes the numbers of a price that is one straight line of the quantity as it is (step-line.ts).
   * @returns false, and writes nothing, if it is not
   */
  writeLine(numbers: Float64Array, at: number): boolean {
    return this.#plain && this.#byQuantity?.writeNumbers(numbers, at) === true;
  }

  /** What a reached meter falls short of its commitment: due once, at the close of its scope. */
  commitment(quantity: number): Money {
    return this.#shortOf(this.total(quantity));
  }

  perEventStart(): PerEventState {
    return PER_EVENT_START;
  }

  /** The state after one more event of an amount in parts. */
  perEventNext(state: PerEventState, quantity: number): PerEventState {
    return this.#terms().next(state, quantity);
  }

  /** F of a meter after the events of a state; 0 before the first. Undefined where it overflows. */
  perEventTotal(state: PerEventState): Money | undefined {
    if (state.quantity > SAFE) return undefined;
    if (state.events === 0) return 0n;
    const { digits, mode } = this.#definition.rounding ?? FINEST_ROUNDING;
    const unit = roundingStep(digits);
    const around = amountAround(this.#definition, this.#scope, state.exact, this.#terms().denominator);
    const total = roundQuotient(around.numerator, around.denominator * unit, mode) * unit;
    return total < MONEY_LIMIT ? total : undefined;
  }

  /** As `commitment`, with per-event terms. */
  perEventCommitment(state: PerEventState): Money {
    return this.#shortOf(this.perEventTotal(state));
  }

  #shortOf(total: Money | undefined): Money {
    const { minimum } = this.#definition;
    if (minimum === undefined || this.#scope === 'event' || total === undefined || total >= minimum) return 0n;
    return minimum - total;
  }

  #function(): PriceFunction {
    if (this.#byQuantity === undefined)
      throw new TypeError('a price with per-event terms is no function of a quantity');
    return this.#byQuantity;
  }

  #terms(): PerEventPrice {
    if (this.#byEvent === undefined) throw new TypeError('a price without per-event terms has no state of events');
    return this.#byEvent;
  }
}
