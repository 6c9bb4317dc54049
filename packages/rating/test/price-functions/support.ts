/** The engine's lines for a meter that quantities or amounts reach one after the other. */
import { MeterPrice } from '../../src/price-functions/metered-price.ts';
import { type CasePrice, definition, isPerEvent, whole } from './case-price.ts';

export const SEED = Number(process.env.HEADRACE_SEED ?? 20_261_101);

export function meterPrice(price: CasePrice, decimals = 0): MeterPrice {
  return new MeterPrice(definition(price, decimals), price.scope ?? 'cycle');
}

/** What each quantity adds to the meter. Checks on the way that the fast way says the same or nothing. */
export function lines(price: CasePrice, quantities: readonly string[], decimals = 0): bigint[] {
  const engine = meterPrice(price, decimals);
  return isPerEvent(price) ? perEventLines(engine, quantities, decimals) : quantityLines(engine, quantities, decimals);
}

function quantityLines(engine: MeterPrice, quantities: readonly string[], decimals: number): bigint[] {
  let before: number | undefined;
  return quantities.map((quantity) => {
    const after = (before ?? 0) + whole(quantity, decimals);
    const exact = before === undefined ? engine.first(after) : engine.difference(before, after);
    const fast = before === undefined ? engine.fastFirst(after) : engine.fastDifference(before, after);
    before = after;
    if (exact === undefined) throw new RangeError(`OVERFLOW at ${after}`);
    if (!Number.isNaN(fast) && BigInt(fast) !== exact) throw new Error(`fast ${fast}, exact ${exact}`);
    return exact;
  });
}

function perEventLines(engine: MeterPrice, amounts: readonly string[], decimals: number): bigint[] {
  let state = engine.perEventStart();
  return amounts.map((amount) => {
    const before = engine.perEventTotal(state);
    state = engine.perEventNext(state, whole(amount, decimals));
    const after = engine.perEventTotal(state);
    if (before === undefined || after === undefined) throw new RangeError('OVERFLOW');
    return after - before;
  });
}
