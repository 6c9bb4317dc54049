/** What is in every bucket at a time: of subscriptions and accounts, of top-ups, of pools. */
import { ALL_TIME, type Cycle } from '../calendar.ts';
import type { Balance } from '../contract.ts';
import type { Account } from './accounts.ts';
import { allowanceSize, type Holder, rolledOverSize } from './bucket-sizes.ts';
import { allowanceName, ONCE } from './bucket-source.ts';
import type { AllowanceItems } from './catalogue.ts';
import { grantName } from './grants.ts';
import { accountOwner, ownerOf, subscriptionOwner } from './owners.ts';
import type { PartitionState } from './state.ts';
import type { Subscription } from './subscription.ts';

/** Sorted by owner and bucket. */
export function balances(state: PartitionState, time: number): Balance[] {
  const found = new Map<string, Balance>();
  const add = (balance: Balance): void => {
    const { subscription, account, pool, bucket, period } = balance;
    found.set(JSON.stringify([subscription, account, pool, bucket, period]), balance);
  };
  for (const balance of ofPlans(state, time)) add(balance);
  for (const balance of ofUse(state, time)) add(balance);
  for (const balance of ofGrants(state, time)) add(balance);
  for (const balance of ofPools(state, time)) add(balance);
  return [...found.keys()].sort().flatMap((key) => found.get(key) ?? []);
}

/** Allowances of the plans that subscriptions have. */
function* ofPlans(state: PartitionState, time: number): Generator<Balance> {
  const book = state.catalogue.nearest(time)?.book;
  for (const subscription of state.subscriptions.list) {
    const plan = book?.plans.get(state.subscriptions.planAt(subscription.number, time) ?? '');
    const account = state.accounts.list[state.subscriptions.accountAt(subscription, time)];
    if (plan === undefined || account === undefined) continue;
    for (const allowance of plan.allowances) {
      const items = { ...state.catalogue.allowance(allowance), allowance };
      yield* ofAllowance(state, items, subscription, account, time);
    }
  }
}

/** Allowances that were drawn, also where no fact tells who has them. */
function* ofUse(state: PartitionState, time: number): Generator<Balance> {
  for (const { owner, item } of state.buckets.entries()) {
    const known = state.catalogue.allowanceNumbered(item);
    if (known === undefined) continue;
    const items = { ...known, allowance: inForce(state, known, time) };
    const { kind, number } = ownerOf(owner);
    const subscription = kind === 'subscription' ? state.subscriptions.list[number] : undefined;
    const account =
      kind === 'account'
        ? state.accounts.list[number]
        : subscription && state.accounts.list[state.subscriptions.accountAt(subscription, time)];
    if (account !== undefined) yield* ofAllowance(state, items, subscription, account, time);
  }
}

/** An allowance as the book in force at a time has it; else as it was known first. */
function inForce(state: PartitionState, { allowance }: AllowanceItems, time: number): AllowanceItems['allowance'] {
  const tariff = state.catalogue.nearest(time)?.book.tariffs.get(allowance.tariff);
  return tariff?.allowances.find(({ id }) => id === allowance.id) ?? allowance;
}

function* ofAllowance(
  state: PartitionState,
  items: AllowanceItems,
  subscription: Subscription | undefined,
  account: Account,
  time: number,
): Generator<Balance> {
  const { allowance } = items;
  const shared = allowance.owner === 'account';
  if (!shared && subscription === undefined) return;
  const owner = shared ? accountOwner(account.number) : subscriptionOwner(subscription?.number ?? 0);
  const calendar = state.calendars.of(account.zoneAt(time));
  const allTime = state.catalogue.nearest(time)?.book.cycle === 'all';
  const cycle: Cycle = allTime ? ALL_TIME : calendar.at(time);
  const once = allowance.recurs === 'once';
  const { validFrom = 0, validTo = Number.MAX_SAFE_INTEGER } = allowance;
  const common = {
    subscription: shared ? '' : (subscription?.name ?? ''),
    account: shared ? account.name : '',
    pool: '',
    period: once || allTime ? '' : cycle.period,
    validFrom: once ? validFrom : Math.max(validFrom, cycle.start),
    validTo: once ? validTo : Math.min(validTo, cycle.end),
  };
  const holder: Holder | undefined = subscription && { subscription, calendar };
  const size = holder === undefined ? allowance.quantity : allowanceSize(state, allowance, holder, cycle);
  const used = state.buckets.get(owner, items.fresh, once ? ONCE : cycle.index);
  yield balance({ ...common, bucket: allowanceName(allowance, 'fresh'), size, used }, time);
  if (once || allTime || allowance.rollover === undefined) return;
  const rolled = state.buckets.get(owner, items.rolledOver, cycle.index);
  const rolledSize = rolledOverSize(state, items, holder ?? { calendar }, owner, cycle);
  if (rolledSize === 0 && rolled === 0) return;
  yield balance({ ...common, bucket: allowanceName(allowance, 'rolled-over'), size: rolledSize, used: rolled }, time);
}

function* ofGrants(state: PartitionState, time: number): Generator<Balance> {
  for (const grant of state.grants.byId.values()) {
    const { subscription, addOn, validFrom, validTo, used } = grant;
    const size = state.catalogue.addOn(addOn, validFrom)?.quantity ?? 0;
    const owner = { subscription, account: '', pool: '', period: '' };
    yield balance({ ...owner, bucket: grantName(grant), size, used, validFrom, validTo }, time);
  }
}

function* ofPools(state: PartitionState, time: number): Generator<Balance> {
  for (const pool of state.pools.states) {
    for (const { rule, cycle, size, used } of pool.cycles) {
      if (time < cycle.start || time >= cycle.end) continue;
      const period = cycle === ALL_TIME || cycle.index === ALL_TIME.index ? '' : cycle.period;
      const owner = { subscription: '', account: '', pool: pool.name, period };
      const life = { validFrom: cycle.start, validTo: cycle.end };
      yield balance({ ...owner, ...life, bucket: `pool:${rule}`, size, used }, time);
    }
  }
}

function balance(bucket: Omit<Balance, 'remaining'>, time: number): Balance {
  const valid = time >= bucket.validFrom && time < bucket.validTo;
  return { ...bucket, remaining: valid ? Math.max(0, bucket.size - bucket.used) : 0 };
}
