/** How large an allowance's bucket is in a cycle: fresh, and what rolled over into it. */
import type { Calendar, Cycle } from '../calendar.ts';
import type { Allowance } from '../price-book/price-book.ts';
import type { AllowanceItems } from './catalogue.ts';
import { prorate } from './proration.ts';
import type { PartitionState } from './state.ts';
import type { Subscription } from './subscription.ts';

/** Whose bucket it is. An account's needs no subscription. */
export interface Holder {
  readonly subscription?: Subscription;
  readonly calendar: Calendar;
}

const WHOLE_PERCENT = 100n * 10n ** 12n;

/** The fresh size: the quantity, or the part of it for the stretches in which the subscription had the tariff. */
export function allowanceSize(state: PartitionState, allowance: Allowance, holder: Holder, cycle: Cycle): number {
  const { quantity, proration, owner, recurs } = allowance;
  if (proration === 'none' || owner === 'account' || recurs === 'once') return quantity;
  const { start, end } = cycle;
  return stretchesWith(state, allowance, holder, cycle).reduce(
    (sum, stretch) => sum + prorate(quantity, stretch.end - stretch.start, end - start),
    0,
  );
}

/**
 * What can be drawn in a cycle of the one before: its unused fresh quantity, as far as the rollover's limits go. A
 * subscription's allowance rolls over only out of a cycle in which it had the tariff.
 */
export function rolledOverSize(
  state: PartitionState,
  { allowance, fresh, since }: AllowanceItems,
  holder: Holder,
  owner: number,
  cycle: Cycle,
): number {
  const { rollover, validFrom = since, owner: kind } = allowance;
  if (rollover === undefined) return 0;
  const last = holder.calendar.cycle(cycle.index - 1);
  if (validFrom >= last.end || since >= last.end) return 0;
  if (kind === 'subscription' && stretchesWith(state, allowance, holder, last).length === 0) return 0;
  const size = allowanceSize(state, allowance, holder, last);
  const unused = Math.max(0, size - state.buckets.get(owner, fresh, last.index));
  return Math.min(unused, rollover.maximum ?? unused, percentOf(rollover.maximumPercent ?? WHOLE_PERCENT, size));
}

function percentOf(percent: bigint, size: number): number {
  return percent >= WHOLE_PERCENT ? size : Number((BigInt(size) * percent) / WHOLE_PERCENT);
}

/** The stretches of a cycle in which a subscription's plan had an allowance's tariff. */
function stretchesWith(
  { subscriptions, catalogue }: PartitionState,
  { tariff }: Allowance,
  { subscription }: Holder,
  { start, end }: Cycle,
): { readonly start: number; readonly end: number }[] {
  if (subscription === undefined) return [];
  return subscriptions
    .stretches(subscription.number, undefined, start, end)
    .filter((stretch) => catalogue.planHas(stretch.plan, tariff, stretch.start));
}
