/**
 * One subscription: its number, its grants, and what its use touched last: account, pool, plan, route and line rule. What
 * was touched last is a cache and no state: it is checked against each block's profile. Looking the parties up among all of
 * them would cost more than rating; comparing a few names with those found last does not.
 */
import { Calendar } from '../calendar.ts';
import type { LineRule, Profile } from '../contract.ts';
import { Account } from './accounts.ts';
import type { BookInForce } from './catalogue.ts';
import type { Grant } from './grants.ts';
import { subscriptionOwner } from './owners.ts';
import type { PlanRoutes, Route } from './plan-routes.ts';
import type { PoolState } from './pools.ts';
import type { PartitionState } from './state.ts';

/** Stands for the account of a subscription that had no use yet. */
const NO_ACCOUNT = new Account(-1, '');
const NO_CALENDAR = new Calendar('UTC');

export class Subscription {
  readonly number: number;
  readonly name: string;
  account: Account = NO_ACCOUNT;
  /** Who pays for the pool; the account itself where there is none. */
  poolPayer: Account = NO_ACCOUNT;
  pool: PoolState | undefined = undefined;
  route: Route | undefined = undefined;
  /** A rule of `route`. */
  rule: LineRule | undefined = undefined;
  grants: Grant[] | undefined = undefined;
  book: BookInForce | undefined = undefined;
  plan: PlanRoutes | undefined = undefined;
  /** Calendar of the account's billing cycles. */
  calendar: Calendar = NO_CALENDAR;
  /** Serial of the block, and index of the profile in it, that all this was checked against. */
  block = -1;
  profile = -1;

  constructor(number: number, name: string) {
    this.number = number;
    this.name = name;
  }

  /** Owner number of the subscription's own meters and buckets. */
  get owner(): number {
    return subscriptionOwner(this.number);
  }

  /** Makes account, pool and payer those that a profile names. */
  settle(state: PartitionState, profile: Profile): void {
    if (this.account.name !== profile.usageAccount) this.account = state.accounts.account(profile.usageAccount);
    if (this.calendar.timeZone !== profile.timeZone) this.calendar = state.calendars.of(profile.timeZone);
    if (profile.pool === '') {
      this.pool = undefined;
      this.poolPayer = this.account;
      return;
    }
    if (this.pool?.name !== profile.pool) this.pool = state.pools.state(profile.pool);
    if (this.poolPayer.name !== profile.poolAccount) this.poolPayer = state.accounts.account(profile.poolAccount);
  }
}
