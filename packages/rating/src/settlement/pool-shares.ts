/**
 * Shares out what a pool's overage costs among its members (domain: section 3).
 *
 * 1. What is shared is the pool's overage amount, rounded once to the currency's minor unit; the shares are in that unit
 *    and add up to it exactly: each is rounded down, and what is left goes to the largest remainders, ties by id.
 * 2. By usage: in proportion to all use that the pool was open to. By excess: to use beyond the own contribution.
 *    Chronologically: who was using it when it went over, the amounts of their own lines in canonical order.
 * 3. Where the chosen weights are all zero, usage decides; where that is zero too, all members alike.
 */
import type { Money, PoolStatement } from '../contract.ts';
import { MONEY_DECIMALS, roundMoney } from '../money.ts';
import { compareCodePoints } from '../offline/canonical-order.ts';
import type { RoundingMode } from '../price-book/price-book.ts';
import { minorUnitDigits } from './minor-unit.ts';

export interface PoolShare {
  /** Empty for the line of the pool as a whole. */
  readonly subscription: string;
  readonly amount: Money;
}

/** What one pool's overage costs in one currency, and who bears it. */
export interface PoolCharge {
  readonly currency: string;
  /** As the lines add up. */
  readonly exact: Money;
  /** Rounded once: what the shares add up to. */
  readonly amount: Money;
  readonly shares: readonly PoolShare[];
}

/** Overage amounts by subscription, exact, of one pool, period and currency. */
export type OverageBySubscription = ReadonlyMap<string, Money>;

export function poolCharge(
  statement: PoolStatement,
  currency: string,
  overage: OverageBySubscription,
  mode: RoundingMode,
): PoolCharge {
  const digits = minorUnitDigits(currency);
  let exact = 0n;
  for (const amount of overage.values()) exact += amount;
  const amount = roundMoney(exact, digits, mode);
  const step = 10n ** BigInt(MONEY_DECIMALS - digits);
  return { currency, exact, amount, shares: shareOut(statement, overage, amount / step, step) };
}

/** What of a weight's sum falls to a member, as a fraction of the steps to share out. */
interface Weight {
  readonly subscription: string;
  readonly weight: bigint;
}

function shareOut(statement: PoolStatement, overage: OverageBySubscription, steps: bigint, step: bigint): PoolShare[] {
  if (statement.allocation === 'pool') return [{ subscription: '', amount: steps * step }];
  // By time, the parts are the members' own amounts, counted in steps; else they are parts of what is shared out.
  const weights = weightsOf(statement, overage);
  const sum = weights.reduce((total, { weight }) => total + weight, 0n);
  if (sum === 0n) return [{ subscription: '', amount: steps * step }];
  const chronological = statement.allocation === 'chronological';
  const parts = weights.map(({ subscription, weight }) => {
    const dividend = chronological ? weight : weight * steps;
    const divisor = chronological ? step : sum;
    const down = floorDivision(dividend, divisor);
    return { subscription, down, rest: dividend - down * divisor };
  });
  let left = Number(steps - parts.reduce((total, { down }) => total + down, 0n));
  const ranked = parts.toSorted((a, b) =>
    a.rest === b.rest ? compareCodePoints(a.subscription, b.subscription) : a.rest > b.rest ? -1 : 1,
  );
  const shares = ranked.map(({ subscription, down }) => {
    const extra = left > 0 ? 1n : 0n;
    left -= 1;
    return { subscription, amount: (down + extra) * step };
  });
  return shares.sort((a, b) => compareCodePoints(a.subscription, b.subscription));
}

function weightsOf({ allocation, members }: PoolStatement, overage: OverageBySubscription): readonly Weight[] {
  if (allocation === 'chronological') return [...overage].map(([subscription, weight]) => ({ subscription, weight }));
  const byUsage = members.map(({ subscription, used }) => ({ subscription, weight: BigInt(used) }));
  if (allocation === 'excess') {
    const byExcess = members.map(({ subscription, used, contribution }) => ({
      subscription,
      weight: BigInt(Math.max(0, used - contribution)),
    }));
    if (byExcess.some(({ weight }) => weight > 0n)) return byExcess;
  }
  if (byUsage.some(({ weight }) => weight > 0n)) return byUsage;
  return members.map(({ subscription }) => ({ subscription, weight: 1n }));
}

function floorDivision(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}
