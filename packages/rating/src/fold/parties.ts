/**
 * Who an event belongs to: what its profile names, found once and kept by the profile's digest, with what that subscription
 * used last. A cache and no state: a party that is not there is made again from the profile.
 */
import { ALL_TIME, type Calendar, type Cycle } from '../calendar.ts';
import type { GuidedEvents, Profile } from '../contract.ts';
import type { Account } from './accounts.ts';
import type { BookInForce, ContextInBook } from './book-in-force.ts';
import { DigestCache } from './digest-cache.ts';
import { PARTIES_KEPT } from './limits.ts';
import type { PlanRoutes } from './plan-routes.ts';
import type { PoolCycle, PoolState } from './pools.ts';
import type { Route } from './route.ts';
import type { PartitionState } from './state.ts';
import type { Subscription } from './subscription.ts';

export class Party {
  readonly subscription: Subscription;
  /** Owner number of the subscription's own meters and buckets. */
  readonly owner: number;
  readonly account: Account;
  readonly pool: PoolState | undefined;
  /** Who pays for the pool; the account itself where there is none. */
  readonly poolPayer: Account;
  readonly poolRule: string;
  readonly plan: string;
  readonly currency: string;
  /** Calendar of the account's billing cycles. */
  readonly calendar: Calendar;
  book: BookInForce | undefined = undefined;
  routes: PlanRoutes | undefined = undefined;
  /** What kind of use the last event was, and its route. */
  context: ContextInBook | undefined = undefined;
  route: Route | undefined = undefined;
  poolCycle: PoolCycle | undefined = undefined;
  /** Numbers of its ways (`ways.ts`), the one gone last first; -1: none. */
  way = -1;
  otherWay = -1;
  /** The kind of use that last went by the general steps. */
  wayContext: ContextInBook | undefined = undefined;

  constructor(state: PartitionState, profile: Profile) {
    this.subscription = state.subscriptions.of(profile.subscription);
    this.owner = this.subscription.owner;
    this.account = state.accounts.account(profile.usageAccount);
    this.calendar = state.calendars.of(profile.timeZone);
    this.pool = profile.pool === '' ? undefined : state.pools.state(profile.pool);
    this.poolPayer = this.pool === undefined ? this.account : state.accounts.account(profile.poolAccount);
    this.poolRule = this.pool === undefined ? '' : profile.poolRule;
    this.plan = profile.plan;
    this.currency = profile.currency;
  }
}

export class Parties {
  readonly #state: PartitionState;
  readonly #parties = new DigestCache<Party>(PARTIES_KEPT);
  /** By index of the block's dictionaries. */
  readonly #partyOf: (Party | undefined)[] = [];
  readonly #contextOf: (ContextInBook | undefined)[] = [];
  /** The book that the kinds of use are of. */
  #book: BookInForce | undefined;

  constructor(state: PartitionState) {
    this.#state = state;
  }

  /** Forgets what the indexes of the block before meant. */
  begin(events: GuidedEvents): void {
    // Never shorter than before: arrays that shrink and grow again are made anew each time.
    this.#partyOf.fill(undefined);
    this.#contextOf.fill(undefined);
    while (this.#partyOf.length < events.profileCount) this.#partyOf.push(undefined);
    while (this.#contextOf.length < events.contextCount) this.#contextOf.push(undefined);
  }

  party(events: GuidedEvents, event: number): Party {
    const index = events.profile[event] as number;
    const known = this.#partyOf[index];
    if (known !== undefined) return known;
    if (index >= events.profileCount)
      throw new RangeError(`a guided event names profile ${index}, which its block does not have`);
    let party = this.#parties.get(events.profileDigest, index);
    if (party === undefined) {
      party = new Party(this.#state, events.profileAt(index));
      this.#parties.set(events.profileDigest, index, party);
    }
    this.#partyOf[index] = party;
    return party;
  }

  /** What kind of use an event is to the book in force; undefined if there is none. */
  context(events: GuidedEvents, event: number): ContextInBook | undefined {
    const book = this.#state.catalogue.at(events.eventTime[event] as number);
    if (book === undefined) return undefined;
    if (book !== this.#book) {
      this.#book = book;
      this.#contextOf.fill(undefined);
    }
    const index = events.context[event] as number;
    const known = this.#contextOf[index];
    if (known !== undefined) return known;
    if (index >= events.contextCount)
      throw new RangeError(`a guided event names context ${index}, which its block does not have`);
    let context = book.contexts.get(events.contextDigest, index);
    if (context === undefined) {
      context = book.context(events.contextAt(index));
      book.contexts.set(events.contextDigest, index, context);
    }
    this.#contextOf[index] = context;
    return context;
  }

  /** The route of an event, or undefined if its plan is in no book in force. */
  route(events: GuidedEvents, event: number, party: Party, context: ContextInBook | undefined): Route | undefined {
    const time = events.eventTime[event] as number;
    const book = this.#state.catalogue.at(time);
    if (book === undefined || context === undefined) return undefined;
    const known = party.route;
    if (party.context === context && known?.holdsAt(time)) return known;
    if (party.book !== book) {
      party.book = book;
      party.routes = book.plan(party.plan);
    }
    const route = party.routes?.at(context, time);
    party.context = context;
    party.route = route;
    return route;
  }

  /** The bucket of a party's pool for the pool's cycle at a time, opened if need be. */
  poolCycle(party: Party, pool: PoolState, allTime: boolean, time: number): PoolCycle {
    const last = party.poolCycle;
    if (last?.holdsAt(allTime, time)) return last;
    const found = pool.find(party.poolRule, allTime, time);
    const cycle =
      found ?? this.#state.pools.open(pool, party.poolRule, this.#cycleAt(party, allTime, time), party.poolPayer.name);
    party.poolCycle = cycle;
    return cycle;
  }

  #cycleAt(party: Party, allTime: boolean, time: number): Cycle {
    if (allTime) return ALL_TIME;
    const zone = party.poolPayer.timeZone(time) ?? party.calendar.timeZone;
    return this.#state.calendars.of(zone).at(time);
  }
}
