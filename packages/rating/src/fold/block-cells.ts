/**
 * What a block's dictionary entries mean, worked out once an entry: profiles and contexts by their index in the block.
 * Cells live for one block; nothing in them is state.
 */
import type { Calendar, Cycle } from '../calendar.ts';
import type { GuidedEvents, Profile } from '../contract.ts';
import type { Account } from './accounts.ts';
import type { BookInForce, ContextInBook } from './catalogue.ts';
import type { Grant } from './grants.ts';
import { subscriptionOwner } from './owners.ts';
import type { PlanRoutes, Route } from './plan-routes.ts';
import type { PoolCycle, PoolState } from './pools.ts';
import type { PartitionState } from './state.ts';

/** One profile of a block, with its state found. */
export class ProfileCell {
  readonly profile: Profile;
  readonly subscription: number;
  readonly owner: number;
  readonly account: Account;
  readonly calendar: Calendar;
  readonly pool: PoolState | undefined;
  /** Who pays for the pool; the account itself where there is none. */
  readonly poolPayer: Account;
  readonly grants: readonly Grant[] | undefined;
  cycle: Cycle;
  poolCycle: PoolCycle | undefined = undefined;
  book: BookInForce | undefined = undefined;
  plan: PlanRoutes | undefined = undefined;
  route: Route | undefined = undefined;
  routeContext = -1;

  constructor(state: PartitionState, profile: Profile, time: number) {
    this.profile = profile;
    this.subscription = state.subscriptions.number(profile.subscription);
    this.owner = subscriptionOwner(this.subscription);
    const parties = state.parties.of(this.subscription, profile);
    this.account = parties.account;
    this.calendar = state.calendars.of(profile.timeZone);
    this.pool = parties.pool;
    this.poolPayer = parties.poolPayer;
    this.grants = state.grants.of(this.subscription);
    this.cycle = this.calendar.at(time);
  }

  /** The cycle of a time in the account's time zone. */
  cycleAt(time: number): Cycle {
    if (time < this.cycle.start || time >= this.cycle.end) this.cycle = this.calendar.at(time);
    return this.cycle;
  }
}

export class BlockCells {
  readonly #state: PartitionState;
  readonly #events: GuidedEvents;
  readonly #profiles: (ProfileCell | undefined)[] = [];
  /** By index of the block's contexts, for the book that was in force last. */
  readonly #contexts: (ContextInBook | undefined)[] = [];
  #contextsBook: BookInForce | undefined;

  constructor(state: PartitionState, events: GuidedEvents) {
    this.#state = state;
    this.#events = events;
  }

  profile(index: number, time: number): ProfileCell {
    let cell = this.#profiles[index];
    if (cell === undefined) {
      const profile = this.#events.profiles[index];
      if (profile === undefined)
        throw new RangeError(`a guided event names profile ${index}, which its block does not have`);
      cell = new ProfileCell(this.#state, profile, time);
      this.#profiles[index] = cell;
    }
    return cell;
  }

  /** The route of an event, or undefined if its plan is in no book in force. */
  route(cell: ProfileCell, contextIndex: number, time: number): Route | undefined {
    const known = cell.route;
    if (known !== undefined && cell.routeContext === contextIndex && time >= known.from && time < known.to)
      return known;
    const book = this.#state.catalogue.at(time);
    if (book === undefined) return undefined;
    if (cell.book !== book) {
      cell.book = book;
      cell.plan = book.plan(cell.profile.plan);
    }
    if (cell.plan === undefined) return undefined;
    const route = cell.plan.at(this.#context(book, contextIndex), time);
    cell.route = route;
    cell.routeContext = contextIndex;
    return route;
  }

  /** The bucket of a cell's pool for the pool's cycle at a time, opened if need be. */
  poolCycle(cell: ProfileCell, pool: PoolState, time: number): PoolCycle {
    const last = cell.poolCycle;
    if (last !== undefined && time >= last.cycle.start && time < last.cycle.end) return last;
    const { poolRule, timeZone } = cell.profile;
    let found = pool.find(poolRule, time);
    if (found === undefined) {
      const zone = cell.poolPayer.timeZone(time) ?? timeZone;
      found = this.#state.pools.open(pool, poolRule, this.#state.calendars.of(zone).at(time), cell.poolPayer.name);
    }
    cell.poolCycle = found;
    return found;
  }

  #context(book: BookInForce, index: number): ContextInBook {
    if (this.#contextsBook !== book) {
      this.#contextsBook = book;
      this.#contexts.length = 0;
    }
    let inBook = this.#contexts[index];
    if (inBook === undefined) {
      const context = this.#events.contexts[index];
      if (context === undefined)
        throw new RangeError(`a guided event names context ${index}, which its block does not have`);
      inBook = book.context(context.service, context.plmn);
      this.#contexts[index] = inBook;
    }
    return inBook;
  }
}
