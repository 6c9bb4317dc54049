/** How large an allowance's bucket is in a cycle: fresh, and what rolled over into it. */
import type { Calendar, Cycle } from '../calendar.ts';
import type { Allowance } from '../price-book/price-book.ts';
import type { AllowanceItems } from './catalogue.ts';
import { prorate } from './proration.ts';
import type { PartitionState } from './state.ts';
import type { Subscription } from './subscription.ts';
import type { Stretch } from './subscriptions.ts';

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
  const whole = cycle.end - cycle.start;
  let size = 0;
  for (const stretch of stretchesOf(state, holder, cycle)) {
    if (!state.catalogue.planHas(stretch.plan, allowance.tariff, stretch.start)) continue;
    size += prorate(quantity, stretch.end - stretch.start, whole);
  }
  return size;
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
  if (kind === 'subscription' && !hadTariff(state, allowance, holder, last)) return 0;
  const size = allowanceSize(state, allowance, holder, last);
  const unused = Math.max(0, size - state.buckets.get(owner, fresh, last.index));
  return Math.min(unused, rollover.maximum ?? unused, percentOf(rollover.maximumPercent ?? WHOLE_PERCENT, size));
}

function percentOf(percent: bigint, size: number): number {
  return percent >= WHOLE_PERCENT ? size : Number((BigInt(size) * percent) / WHOLE_PERCENT);
}

/** True if a subscription's plan had an allowance's tariff at any time of a cycle. */
function hadTariff(state: PartitionState, { tariff }: Allowance, holder: Holder, cycle: Cycle): boolean {
  for (const { plan, start } of stretchesOf(state, holder, cycle)) {
    if (state.catalogue.planHas(plan, tariff, start)) return true;
  }
  return false;
}

function stretchesOf({ subscriptions }: PartitionState, { subscription }: Holder, cycle: Cycle): readonly Stretch[] {
  return subscription === undefined
    ? []
    : subscriptions.stretches(subscription.number, undefined, cycle.start, cycle.end);
}
