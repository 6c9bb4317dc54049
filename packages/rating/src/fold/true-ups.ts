/** Commitments: what meters with a minimum for their scope fall short of it, as they stand. */
import { monthOfDay, periodOf } from '../calendar.ts';
import type { Money, TrueUp } from '../contract.ts';
import { MeterTable } from './meter-tables.ts';
import { ownerOf } from './owners.ts';
import type { PriceItem } from './price-item.ts';
import type { PartitionState } from './state.ts';

/** Every commitment that is not met, sorted. */
export function trueUps(state: PartitionState): TrueUp[] {
  const found = [...ofCounters(state), ...ofSessions(state)];
  return found
    .map((trueUp) => ({ trueUp, key: sortKey(trueUp) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ trueUp }) => trueUp);
}

function* ofCounters(state: PartitionState): Generator<TrueUp> {
  const { counters, perEvent } = state.meters.lasting;
  for (const { owner, item: number, cycle: instance, used } of counters.entries()) {
    const item = state.catalogue.price(number);
    if (item?.minimum === undefined) continue;
    const { price } = item;
    const events = price.perEvent ? perEvent.get(MeterTable.keyOf(owner, number, instance)) : undefined;
    const amount = events === undefined ? price.commitment(used) : price.perEventCommitment(events);
    const month = item.scope === 'day' && !item.allTime ? monthOfDay(instance) : instance;
    if (amount !== 0n) yield trueUp(state, item, owner, item.allTime ? 0 : month, amount);
  }
}

function* ofSessions(state: PartitionState): Generator<TrueUp> {
  for (const { meters } of state.meters.sessions.sorted()) {
    for (const { item: number, owner, cycle, fees, used, perEvent } of meters) {
      const item = state.catalogue.price(number);
      if (item?.minimum === undefined) continue;
      const price = item.withFees(fees);
      const amount = perEvent === undefined ? price.commitment(used) : price.perEventCommitment(perEvent);
      if (amount !== 0n) yield trueUp(state, item, owner, cycle, amount);
    }
  }
}

function trueUp(state: PartitionState, item: PriceItem, owner: number, cycle: number, amount: Money): TrueUp {
  const { account, subscription, pool, lastInstant } = payerOf(state, owner, cycle);
  return {
    account,
    subscription,
    pool,
    period: periodOf(cycle),
    service: item.soleService,
    zone: item.soleZone,
    leg: item.leg,
    unit: item.unit,
    currency: item.currency,
    priceBook: state.catalogue.bookOfPrice(item, lastInstant),
    price: item.label,
    amount,
  };
}

interface Payer {
  readonly account: string;
  readonly subscription: string;
  readonly pool: string;
  /** Last instant of the cycle, where its owner's calendar tells; microseconds. */
  readonly lastInstant: number;
}

/** Who pays at the end of a cycle for what an owner's meter falls short of. */
function payerOf(state: PartitionState, owner: number, cycle: number): Payer {
  const { kind, number } = ownerOf(owner);
  if (kind === 'pool') {
    const pool = state.pools.states[number];
    const open = pool?.cycles.find((entry) => entry.cycle.index === cycle);
    const lastInstant = (open?.cycle.end ?? Number.MAX_SAFE_INTEGER) - 1;
    return { account: open?.account ?? '', subscription: '', pool: pool?.name ?? '', lastInstant };
  }
  if (kind === 'account') {
    const lastInstant = endOfCycle(state, number, cycle) - 1;
    return { account: state.accounts.list[number]?.name ?? '', subscription: '', pool: '', lastInstant };
  }
  const subscription = state.subscriptions.list[number];
  if (subscription === undefined) throw new RangeError(`a meter belongs to subscription ${number}, which is not known`);
  const lastInstant = endOfCycle(state, subscription.account, cycle) - 1;
  const account = state.accounts.list[state.subscriptions.accountAt(subscription, lastInstant)];
  return { account: account?.name ?? '', subscription: subscription.name, pool: '', lastInstant };
}

/** Microseconds at which a cycle ends in an account's calendar. */
function endOfCycle(state: PartitionState, account: number, cycle: number): number {
  if (cycle === 0) return Number.MAX_SAFE_INTEGER;
  const zone = state.accounts.list[account]?.zoneAt(Number.MAX_SAFE_INTEGER) ?? 'UTC';
  return state.calendars.of(zone).cycle(cycle).end;
}

function sortKey({ account, subscription, pool, period, price, leg, amount }: TrueUp): string {
  return JSON.stringify([account, subscription, pool, period, price, leg, String(amount).padStart(40, '0')]);
}
