/**
 * What a block's dictionary entries mean, worked out once an entry: profiles and contexts by their index in the block.
 * Lives for one block; nothing in it is state.
 */
import type { Context, GuidedEvents, Profile } from '../contract.ts';
import type { BookInForce, ContextInBook } from './catalogue.ts';
import type { Route } from './plan-routes.ts';
import type { PoolCycle, PoolState } from './pools.ts';
import type { PartitionState } from './state.ts';
import type { Subscription } from './subscription.ts';

export class BlockParties {
  readonly #state: PartitionState;
  readonly #events: GuidedEvents;
  readonly #serial: number;
  readonly #subscriptions: (Subscription | undefined)[];
  /** By index of the block's contexts, for the book that was in force last. */
  readonly #contexts: (ContextInBook | undefined)[] = [];
  #contextsBook: BookInForce | undefined;

  constructor(state: PartitionState, events: GuidedEvents) {
    this.#state = state;
    this.#events = events;
    this.#serial = state.nextBlock();
    this.#subscriptions = new Array<Subscription | undefined>(events.profiles.length).fill(undefined);
  }

  profile(event: number): Profile {
    const index = this.#events.profile[event] as number;
    const profile = this.#events.profiles[index];
    if (profile === undefined)
      throw new RangeError(`a guided event names profile ${index}, which its block does not have`);
    return profile;
  }

  context(event: number): Context {
    const index = this.#events.context[event] as number;
    const context = this.#events.contexts[index];
    if (context === undefined)
      throw new RangeError(`a guided event names context ${index}, which its block does not have`);
    return context;
  }

  /** The subscription of an event, with its parties as the event's profile names them. */
  subscription(event: number, profile: Profile): Subscription {
    const index = this.#events.profile[event] as number;
    let subscription = this.#subscriptions[index];
    if (subscription === undefined) {
      subscription = this.#state.subscriptions.of(profile.subscription);
      this.#subscriptions[index] = subscription;
    }
    // Two profiles of a block may be one subscription's, before and after a move.
    if (subscription.block !== this.#serial || subscription.profile !== index) {
      subscription.settle(this.#state, profile);
      subscription.block = this.#serial;
      subscription.profile = index;
    }
    return subscription;
  }

  /** The route of an event, or undefined if its plan is in no book in force. */
  route(event: number, subscription: Subscription, profile: Profile, time: number): Route | undefined {
    const book = this.#state.catalogue.at(time);
    if (book === undefined) return undefined;
    const context = this.#contextIn(book, event);
    const known = subscription.route;
    if (known !== undefined && known.context === context && known.planName === profile.plan && known.holdsAt(time)) {
      return known;
    }
    if (subscription.book !== book || subscription.plan?.name !== profile.plan) {
      subscription.book = book;
      subscription.plan = book.plan(profile.plan);
    }
    if (subscription.plan === undefined) return undefined;
    const route = subscription.plan.at(context, time);
    subscription.route = route;
    subscription.rule = undefined;
    return route;
  }

  /** The bucket of a subscription's pool for the pool's cycle at a time, opened if need be. */
  poolCycle(subscription: Subscription, pool: PoolState, profile: Profile, time: number): PoolCycle {
    const found = pool.find(profile.poolRule, time);
    if (found !== undefined) return found;
    const zone = subscription.poolPayer.timeZone(time) ?? profile.timeZone;
    const cycle = this.#state.calendars.of(zone).at(time);
    return this.#state.pools.open(pool, profile.poolRule, cycle, subscription.poolPayer.name);
  }

  #contextIn(book: BookInForce, event: number): ContextInBook {
    if (this.#contextsBook !== book) {
      this.#contextsBook = book;
      this.#contexts.length = 0;
    }
    const index = this.#events.context[event] as number;
    const known = this.#contexts[index];
    if (known !== undefined) return known;
    const { service, plmn } = this.context(event);
    const inBook = book.context(service, plmn);
    this.#contexts[index] = inBook;
    return inBook;
  }
}
