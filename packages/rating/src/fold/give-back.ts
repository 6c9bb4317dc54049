/**
 * What happens when a pool's size changes after use: growth takes use out of overage and into the pool, shrinking takes it
 * back, each as two lines: the overage's with F(after) - F(before), the pool's with amount 0.
 *
 * 1. Quantities of the two lines cancel out; the meter falls (or rises) by what moved, so its lines still add up to F.
 * 2. Provisional where several meters have overage: they are served in the order of their ids. Settlement decides anew.
 * 3. Only cycle-scoped meters can give back; what an event-scoped one charged stays until settlement.
 */
import type { LineRule, RatedLine, Tag } from '../contract.ts';
import type { PoolCycle, Share } from './pools.ts';
import type { PriceItem } from './price-item.ts';
import type { PartitionState } from './state.ts';

/** The fact that changed the size. */
export interface Cause {
  readonly id: string;
  /** Microseconds: when the fact holds. */
  readonly time: number;
}

/** Appends the lines that bring a pool's use in step with its size. Line numbers of a fact go on over its pools. */
export function rebalance(state: PartitionState, cycle: PoolCycle, cause: Cause, lines: RatedLine[]): void {
  let free = cycle.size - cycle.used;
  if (free === 0 || (free > 0 && cycle.overage === 0)) return;
  const shares = [...cycle.shares.values()].sort((a, b) =>
    a.meterId < b.meterId ? -1 : a.meterId > b.meterId ? 1 : 0,
  );
  for (const share of shares) {
    if (free === 0) return;
    const price = state.catalogue.price(share.item);
    const moved = free > 0 ? Math.min(free, share.overage) : -Math.min(-free, share.covered);
    if (moved === 0 || price === undefined) continue;
    if (!move(state, cycle, share, price, moved, cause, lines)) continue;
    free -= moved;
  }
}

/** Moves a quantity from overage to the pool (negative: back). False where the meter cannot take it. */
function move(
  state: PartitionState,
  cycle: PoolCycle,
  share: Share,
  price: PriceItem,
  moved: number,
  cause: Cause,
  lines: RatedLine[],
): boolean {
  const meterBefore = state.meters.get(share.owner, share.item, cycle.cycle.index);
  const meterAfter = meterBefore - moved;
  if (meterAfter > Number.MAX_SAFE_INTEGER) return false;
  const amount = price.price.difference(meterBefore, meterAfter);
  if (amount === undefined) return false;
  state.meters.set(share.owner, share.item, cycle.cycle.index, meterAfter);
  share.overage -= moved;
  share.covered += moved;
  cycle.overage -= moved;
  const bucketBefore = cycle.used;
  cycle.used += moved;
  const fact = { ...cause, subscription: share.subscription, pool: cycle.pool.name, service: price.service.name };
  const part = lines.findLast((line) => line.fact?.id === cause.id)?.part ?? -1;
  const common = { event: -1, eventQuantity: 0, fact };
  lines.push({
    ...common,
    part: part + 1,
    rule: factRule(state, cycle, price, 'overage', share.account, moved, cause),
    bucket: '',
    meter: share.meterId,
    quantity: -moved,
    amount,
    before: meterBefore,
    after: meterAfter,
    bucketSize: 0,
  });
  lines.push({
    ...common,
    part: part + 2,
    rule: factRule(state, cycle, price, 'in-bundle', cycle.account, moved, cause),
    bucket: cycle.bucketId,
    meter: '',
    quantity: moved,
    amount: 0n,
    before: bucketBefore,
    after: cycle.used,
    bucketSize: cycle.size,
  });
  return true;
}

function factRule(
  state: PartitionState,
  cycle: PoolCycle,
  price: PriceItem,
  tag: Tag,
  account: string,
  moved: number,
  cause: Cause,
): LineRule {
  // The fact may hold before the cycle begins; the book named is one in force inside the cycle.
  const time = Math.min(Math.max(cause.time, cycle.cycle.start), cycle.cycle.end - 1);
  return {
    period: cycle.cycle.period,
    account,
    zone: price.soleZone,
    tag,
    leg: 'retail',
    unit: price.service.unit,
    currency: price.currency,
    priceBook: state.catalogue.nearest(time)?.label ?? '',
    price: tag === 'overage' ? price.label : '',
    reason: moved > 0 ? 'the pool grew after use' : 'the pool shrank after use',
  };
}
