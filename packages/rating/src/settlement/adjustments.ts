/**
 * Adjustments: signed differences that turn what was billed into what is settled. Billed plus adjustments is settled, total
 * by total, for every reason there may be: order, late usage, another book, a conflict, a retroactive change.
 */
import { digest128, hexOf } from '../digest.ts';
import { mergeTotals, type Total, totalKeyOf, totalKeyText } from './totals.ts';

/** A difference with an id that follows from the settlement's name and the total it corrects: repeating it is harmless. */
export interface Adjustment extends Total {
  readonly id: string;
}

/** Settled less billed, sorted; totals without a difference are left out. Either may hold a total several times. */
export function adjustments(settled: Iterable<Total>, billed: Iterable<Total>): Total[] {
  const differences = mergeTotals([...settled, ...negated(billed)]);
  return differences.filter(({ quantity, amount }) => quantity !== 0n || amount !== 0n);
}

/** @param settlement what names the settlement's input: the period, and how far each partition was read */
export function adjustmentRecords(settlement: string, differences: Iterable<Total>): Adjustment[] {
  return Array.from(differences, ({ quantity, amount, ...key }) => ({
    id: hexOf(digest128(JSON.stringify([settlement, totalKeyText(key)]))),
    ...totalKeyOf(key),
    quantity,
    amount,
  }));
}

function* negated(totals: Iterable<Total>): Iterable<Total> {
  for (const total of totals) yield { ...total, quantity: -total.quantity, amount: -total.amount };
}
