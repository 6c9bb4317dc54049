/** True-ups as totals: they have the tag `adjustment` and no quantity. */
import type { TrueUp } from '../contract.ts';
import { mergeTotals, type Total } from './totals.ts';

export function trueUpTotals(trueUps: Iterable<TrueUp>): Total[] {
  return mergeTotals(Array.from(trueUps, trueUpTotal));
}

function trueUpTotal({ account, subscription, service, zone, period, currency, unit, leg, amount }: TrueUp): Total {
  return { account, subscription, service, zone, tag: 'adjustment', period, currency, unit, leg, quantity: 0n, amount };
}
