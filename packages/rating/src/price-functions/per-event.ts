/**
 * Per-event terms of a percentage: a free part, a fixed amount for each event, and limits for each event.
 *
 * 1. The free part is the amount of the first `freeEvents` events, at most `freeAmount` (only one given: that one; none:
 *    nothing is free). An event wholly in it costs nothing; any other costs paid * rate + fixed, then at least the minimum,
 *    then at most the maximum.
 * 2. An event of amount 0 is wholly in the free part only while that still lasts: it is one of the first `freeEvents`, and
 *    `freeAmount` is not used up. Later it pays the fixed amount, like any other event.
 * 3. The sum is exact: a numerator over 100 * per, which depends on the price alone, so it may be stored and gone on with.
 */
import type { PerEventTerms, PriceModel } from '../price-book/price-book.ts';

/** What has gone through a meter with per-event terms. Plain data. */
export interface PerEventState {
  readonly events: number;
  /** Sum of the amounts, in parts. */
  readonly quantity: number;
  /** How much of it was free, in parts. */
  readonly free: number;
  /** The sum of what the events cost, counted in 1e-12 / (100 * per). */
  readonly exact: bigint;
}

export const PER_EVENT_START: PerEventState = { events: 0, quantity: 0, free: 0, exact: 0n };

export class PerEventPrice {
  readonly denominator: bigint;
  readonly #rate: bigint;
  readonly #terms: PerEventTerms;

  constructor(model: Extract<PriceModel, { model: 'percentage' }>, terms: PerEventTerms) {
    this.denominator = 100n * BigInt(model.per);
    this.#rate = model.ratePercent;
    this.#terms = terms;
  }

  next(state: PerEventState, quantity: number): PerEventState {
    const room = this.#freeRoom(state);
    const covered = Math.min(quantity, room);
    const wholly = room > 0 && covered === quantity;
    return {
      events: state.events + 1,
      quantity: state.quantity + quantity,
      free: state.free + covered,
      exact: wholly ? state.exact : state.exact + this.#cost(quantity - covered),
    };
  }

  /** How much of the next event can be free. */
  #freeRoom(state: PerEventState): number {
    const { freeEvents, freeAmount } = this.#terms;
    if (freeEvents === undefined && freeAmount === undefined) return 0;
    if (freeEvents !== undefined && state.events >= freeEvents) return 0;
    return freeAmount === undefined ? Number.POSITIVE_INFINITY : freeAmount - state.free;
  }

  #cost(paid: number): bigint {
    const { fixedPerEvent, minimum, maximum } = this.#terms;
    const cost = BigInt(paid) * this.#rate + fixedPerEvent * this.denominator;
    const least = minimum === undefined ? 0n : minimum * this.denominator;
    const raised = cost < least ? least : cost;
    const most = maximum === undefined ? raised : maximum * this.denominator;
    return raised > most ? most : raised;
  }
}
