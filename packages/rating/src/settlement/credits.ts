/** Credits in money pay for a bill, lower priority first, then by id; what they do not pay is due. */
import type { Money } from '../contract.ts';
import { compareCodePoints } from '../offline/canonical-order.ts';

export interface Credit {
  readonly id: string;
  readonly amount: Money;
  /** Lower is used first. */
  readonly priority: number;
}

export interface CreditedBill {
  readonly due: Money;
  /** In the order of use. */
  readonly credits: readonly { readonly id: string; readonly used: Money; readonly remaining: Money }[];
}

/** A bill at or below zero uses no credit. */
export function applyCredits(total: Money, credits: Iterable<Credit>): CreditedBill {
  const ordered = [...credits].sort((a, b) => a.priority - b.priority || compareCodePoints(a.id, b.id));
  let due = total;
  const used = ordered.map(({ id, amount }) => {
    const paid = payable(amount, due);
    due -= paid;
    return { id, used: paid, remaining: amount - paid };
  });
  return { due, credits: used };
}

function payable(credit: Money, due: Money): Money {
  if (due <= 0n) return 0n;
  // Math.min is for numbers.
  return credit > due ? due : credit;
}
