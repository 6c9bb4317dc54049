/** What the members of pools went over by, in money: the lines that a pool's account pays for. */
import type { GuidedEvents, Money, PoolStatement, RatedLines } from '../contract.ts';
import { PAYER_POOL_ACCOUNT } from '../contract.ts';
import { compareCodePoints } from '../offline/canonical-order.ts';
import type { RoundingMode } from '../price-book/price-book.ts';
import { type PoolCharge, poolCharge } from './pool-shares.ts';

/** A pool's statement with what its overage costs, by currency (one, unless the book changed it in mid-cycle). */
export interface PoolBill extends PoolStatement {
  readonly charges: readonly PoolCharge[];
}

/** Overage of one pool in one cycle and currency. */
interface Overage {
  readonly period: string;
  readonly currency: string;
  readonly bySubscription: Map<string, Money>;
}

export class PoolOverage {
  /** By pool; a pool has few cycles and currencies at a time. */
  readonly #pools = new Map<string, Overage[]>();

  add(lines: RatedLines, events: GuidedEvents): void {
    for (let line = 0; line < lines.count; line += 1) {
      const rule = lines.rules[line];
      if (rule === undefined || rule.tag !== 'overage' || rule.leg !== 'retail') continue;
      const party = partyOf(lines, line, events);
      if (party === undefined) continue;
      const amounts = this.#amounts(party.pool, rule.period, rule.currency);
      amounts.set(party.subscription, (amounts.get(party.subscription) ?? 0n) + lines.amountOf(line));
    }
  }

  bills(statements: readonly PoolStatement[], mode: RoundingMode): PoolBill[] {
    return statements.map((statement) => ({
      ...statement,
      charges: (this.#pools.get(statement.pool) ?? [])
        .filter(({ period }) => period === statement.period)
        .map(({ currency, bySubscription }) => poolCharge(statement, currency, bySubscription, mode))
        .sort((a, b) => compareCodePoints(a.currency, b.currency)),
    }));
  }

  #amounts(pool: string, period: string, currency: string): Map<string, Money> {
    let list = this.#pools.get(pool);
    if (list === undefined) {
      list = [];
      this.#pools.set(pool, list);
    }
    let overage = list.find((entry) => entry.period === period && entry.currency === currency);
    if (overage === undefined) {
      overage = { period, currency, bySubscription: new Map() };
      list.push(overage);
    }
    return overage.bySubscription;
  }
}

/** Whose overage a pool's account pays for; undefined where the line is none of a pool. */
function partyOf(
  lines: RatedLines,
  line: number,
  events: GuidedEvents,
): { readonly pool: string; readonly subscription: string } | undefined {
  const event = lines.event[line] as number;
  const cause = lines.causes.get(line);
  if (cause !== undefined) return cause.pool === '' ? undefined : cause;
  if (lines.payer[line] !== PAYER_POOL_ACCOUNT) return undefined;
  return events.profileAt(events.profile[event] as number);
}
