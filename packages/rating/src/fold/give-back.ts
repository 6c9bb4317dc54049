/**
 * What happens when a pool's size changes after use: growth takes use out of overage and into the pool, shrinking takes it
 * back, each as two lines: the overage's with F(after) - F(before), the pool's with amount 0.
 *
 * 1. Quantities of the two lines cancel out; the meter falls (or rises) by what moved, so its lines still add up to F.
 * 2. Provisional where several meters have overage: they are served in the order of their ids. Settlement decides anew.
 * 3. Only meters of the cycle without per-event terms can give back; what another charged stays until settlement, and so
 *    does all overage of a pool with steps or with a limit for each member, which says more than the pool's size.
 */
import { type LineCause, type LineRule, PAYER_CAUSE, type Tag } from '../contract.ts';
import type { LineTable } from '../lines.ts';
import type { PoolCycle, Share } from './pools.ts';
import type { PriceItem } from './price-item.ts';
import { METER_OWNERS } from './route.ts';
import type { PartitionState } from './state.ts';

/** The fact that changed the size, and how many lines it caused so far. */
export interface Cause {
  readonly id: string;
  /** Microseconds: when the fact holds. */
  readonly time: number;
  parts: number;
}

/** Appends the lines that bring a pool's use in step with its size. Line numbers of a fact go on over its pools. */
export function rebalance(state: PartitionState, cycle: PoolCycle, cause: Cause, lines: LineTable): void {
  let free = cycle.size - cycle.used;
  if (free === 0 || (free > 0 && cycle.overage === 0)) return;
  const rule = state.pools.rule(cycle);
  if (rule !== undefined && (rule.step !== 1 || rule.limitPerSubscription !== undefined)) return;
  const shares = [...cycle.shares.values()].sort((a, b) =>
    a.meterId < b.meterId ? -1 : a.meterId > b.meterId ? 1 : 0,
  );
  for (const share of shares) {
    if (free === 0) return;
    const item = state.catalogue.price(share.item);
    const moved = free > 0 ? Math.min(free, share.overage) : -Math.min(-free, share.covered);
    if (moved === 0 || item === undefined || item.price.perEvent) continue;
    if (!move(state, cycle, share, item, moved, cause, lines)) continue;
    free -= moved;
  }
}

/** Moves a quantity from overage to the pool (negative: back). False where the meter cannot take it. */
function move(
  state: PartitionState,
  cycle: PoolCycle,
  share: Share,
  item: PriceItem,
  moved: number,
  cause: Cause,
  lines: LineTable,
): boolean {
  const { counters } = state.meters.lasting;
  const { index } = cycle.cycle;
  const reached = counters.has(share.owner, share.item, index);
  const meterBefore = counters.get(share.owner, share.item, index);
  const meterAfter = meterBefore - moved;
  if (meterAfter > Number.MAX_SAFE_INTEGER) return false;
  const amount = reached ? item.price.difference(meterBefore, meterAfter) : item.price.first(meterAfter);
  if (amount === undefined) return false;
  counters.set(share.owner, share.item, index, meterAfter);
  share.overage -= moved;
  share.covered += moved;
  cycle.overage -= moved;
  const bucketBefore = cycle.used;
  cycle.used += moved;
  const meter = `${METER_OWNERS.find((kind) => share.meterId.startsWith(`${kind}:`)) ?? ''}:cycle`;
  const over = factRule(state, cycle, item, moved, cause, { tag: 'overage', price: item.label, bucket: '', meter });
  const line = lines.push(-1, cause.parts, over, PAYER_CAUSE, -moved, 0, 0, meterBefore, meterAfter, 0, 0);
  lines.setAmount(line, amount);
  lines.causes.set(line, lineCause(cause, share, cycle, item, share.account));
  const bucket = `pool:${cycle.rule}`;
  const under = factRule(state, cycle, item, moved, cause, { tag: 'in-bundle', price: '', bucket, meter: '' });
  const covered = lines.push(
    -1,
    cause.parts + 1,
    under,
    PAYER_CAUSE,
    moved,
    0,
    0,
    bucketBefore,
    cycle.used,
    cycle.size,
    0,
  );
  lines.causes.set(covered, lineCause(cause, share, cycle, item, cycle.account));
  cause.parts += 2;
  return true;
}

function lineCause({ id, time }: Cause, share: Share, cycle: PoolCycle, item: PriceItem, account: string): LineCause {
  return { id, time, account, subscription: share.subscription, pool: cycle.pool.name, service: item.soleService };
}

function factRule(
  state: PartitionState,
  cycle: PoolCycle,
  item: PriceItem,
  moved: number,
  cause: Cause,
  line: { readonly tag: Tag; readonly price: string; readonly bucket: string; readonly meter: string },
): LineRule {
  // The fact may hold before the cycle begins; the book named is one in force inside the cycle.
  const time = Math.min(Math.max(cause.time, cycle.cycle.start), cycle.cycle.end - 1);
  return state.catalogue.rules.of({
    ...line,
    period: cycle.cycle.period,
    zone: item.soleZone,
    leg: 'retail',
    unit: item.unit,
    currency: item.currency,
    priceBook: state.catalogue.nearest(time)?.label ?? '',
    reason: moved > 0 ? 'the pool grew after use' : 'the pool shrank after use',
  });
}
