/**
 * Rates the events of one guided block against the state: the hot path. What it owns is the order of the steps for an
 * event; prices, buckets and pools have files of their own.
 *
 *   key known? -> route -> quantity -> plan the draws -> meter and amount -> commit, remember the key, write the lines
 *
 * 1. Atomic: everything that can fail is worked out before anything changes. A suspended event leaves no trace.
 * 2. The parts of an event add up to the event.
 * 3. Cost does not depend on quantities, tiers passed, pool or book size; an in-bundle part touches no BigInt.
 */

import type { Cycle } from '../calendar.ts';
import type {
  LineRule,
  Money,
  Profile,
  RatedLine,
  RatedOutcome,
  SuspendedUsage,
  SuspenseCode,
  Tag,
} from '../contract.ts';
import { type GuidedEvents, OUTCOME_DUPLICATE, OUTCOME_RATED, OUTCOME_SUSPENDED } from '../contract.ts';
import type { Account } from './accounts.ts';
import { BlockParties } from './block-parties.ts';
import { Draws } from './draws.ts';
import { ABSENT, DIFFERENT, PRESENT } from './key-table.ts';
import { lineRule } from './line-rules.ts';
import { accountOwner, poolOwner } from './owners.ts';
import type { Route } from './plan-routes.ts';
import type { PoolCycle, Share } from './pools.ts';
import type { PriceItem } from './price-item.ts';
import type { PartitionState } from './state.ts';
import type { Subscription } from './subscription.ts';
import { countedQuantity, suspendedUsage } from './suspense.ts';
import type { Usage } from './usage.ts';

/** The meter that an event's uncovered part goes to; one object serves all events of a block. */
interface MeterMove {
  owner: number;
  /** Cycle index; -1 for a meter that lives for one event. */
  cycle: number;
  before: number;
  after: number;
  amount: Money;
}

export class BlockRater {
  readonly #state: PartitionState;
  readonly #events: GuidedEvents;
  readonly #parties: BlockParties;
  readonly #draws: Draws;
  readonly #lines: RatedLine[] = [];
  readonly #suspended: SuspendedUsage[] = [];
  readonly #move: MeterMove = { owner: 0, cycle: -1, before: 0, after: 0, amount: 0n };

  constructor(state: PartitionState, events: GuidedEvents) {
    this.#state = state;
    this.#events = events;
    this.#parties = new BlockParties(state, events);
    this.#draws = new Draws(state, this.#parties);
  }

  rate(): RatedOutcome {
    const { count, receivedAt } = this.#events;
    const outcomes = new Uint8Array(count);
    let receivedMax = 0;
    for (let index = 0; index < count; index += 1) {
      outcomes[index] = this.#rateEvent(index);
      const received = receivedAt[index] as number;
      if (received > receivedMax) receivedMax = received;
    }
    this.#state.duplicates.advance(receivedMax);
    return { lines: this.#lines, outcomes, suspended: this.#suspended };
  }

  #rateEvent(index: number): number {
    const events = this.#events;
    const time = events.eventTime[index] as number;
    const keys = this.#state.duplicates.table(time);
    const seen = keys === undefined ? ABSENT : keys.look(events, index);
    if (seen === PRESENT) return OUTCOME_DUPLICATE;
    const profile = this.#parties.profile(index);
    const subscription = this.#parties.subscription(index, profile);
    const route = this.#parties.route(index, subscription, profile, time);
    if (keys === undefined) return this.#suspend(index, profile, route, 'TIME_TOO_OLD');
    if (seen === DIFFERENT) return this.#suspend(index, profile, route, 'DUPLICATE_CONFLICT');
    if (route === undefined) return this.#suspend(index, profile, route, 'PLAN_NOT_EFFECTIVE');
    if (route.refusal !== undefined) return this.#suspend(index, profile, route, route.refusal);
    if (route.plan.currency !== profile.currency) return this.#suspend(index, profile, route, 'CURRENCY_MISMATCH');
    const quantity = route.service === undefined ? 0 : countedQuantity(route.service.counts, events, index);
    const usage = { index, time, quantity, profile, subscription, route };
    const refusal = route.price === undefined ? this.#rateFree(usage) : this.#ratePriced(usage, route.price);
    if (refusal !== undefined) return this.#suspend(index, profile, route, refusal);
    keys.add(events, index);
    return OUTCOME_RATED;
  }

  /** Zero-rated use: one line, before any allowance. */
  #rateFree(usage: Usage): undefined {
    const { index, subscription, quantity, time } = usage;
    const rule = this.#rule(usage, subscription.account, subscription.calendar.at(time).period, 'zero-rated');
    this.#push(index, 0, rule, quantity, quantity, 0n, 0, 0, '', '', 0);
  }

  #ratePriced(usage: Usage, price: PriceItem): SuspenseCode | undefined {
    const { subscription, profile, route, quantity } = usage;
    const sources = route.sources(subscription.pool === undefined ? '' : profile.poolRule);
    if (!sources.ruleKnown) return 'POOL_NOT_FOUND';
    const draws = this.#draws;
    if (!draws.plan(usage, sources.list)) return 'OVERFLOW';
    const uncovered = quantity - draws.covered;
    const metered = uncovered > 0 || draws.count === 0;
    if (metered && !this.#planMove(usage, price, uncovered)) return 'OVERFLOW';
    // From here on nothing can fail.
    const pool = price.scope === 'cycle' ? draws.poolCycle : undefined;
    const share = pool === undefined ? undefined : this.#noteShare(usage, price, pool, uncovered);
    this.#writeDraws(usage);
    if (metered) this.#writeMeter(usage, price, share?.meterId ?? this.#meterId(usage, price), uncovered);
    return undefined;
  }

  /** Works out where the uncovered part goes and what it costs; false where a sum would pass 2^53 - 1. */
  #planMove(usage: Usage, price: PriceItem, uncovered: number): boolean {
    const move = this.#move;
    move.owner = usage.subscription.owner;
    move.cycle = -1;
    move.before = 0;
    if (price.scope === 'cycle') {
      move.owner = meterOwner(usage.subscription, price);
      move.cycle = this.#meterCycle(usage, price).index;
      move.before = this.#state.meters.get(move.owner, price.number, move.cycle);
    }
    move.after = move.before + uncovered;
    if (move.after > Number.MAX_SAFE_INTEGER) return false;
    const amount = price.price.difference(move.before, move.after);
    if (amount === undefined) return false;
    move.amount = amount;
    return true;
  }

  /** A pool's meter runs by the pool's cycle, all others by the account's. */
  #meterCycle({ subscription, profile, time }: Usage, price: PriceItem): Cycle {
    return price.owner === 'pool' && subscription.pool !== undefined
      ? this.#parties.poolCycle(subscription, subscription.pool, profile, time).cycle
      : subscription.calendar.at(time);
  }

  #meterId(usage: Usage, price: PriceItem): string {
    const { subscription, profile } = usage;
    const period = price.scope === 'event' ? 'event' : this.#meterCycle(usage, price).period;
    if (price.owner === 'pool' && subscription.pool !== undefined)
      return price.meterId(`pool:${subscription.pool.name}`, period);
    if (price.owner === 'account') return price.meterId(`account:${subscription.account.name}`, period);
    return price.meterId(`subscription:${profile.subscription}`, period);
  }

  #writeDraws(usage: Usage): void {
    const { index, subscription, quantity, time } = usage;
    const draws = this.#draws;
    for (let part = 0; part < draws.count; part += 1) {
      const { poolCycle, quantity: drawn, before, size } = draws.at(part);
      const payer = poolCycle === undefined ? subscription.account : subscription.poolPayer;
      const period = (poolCycle?.cycle ?? subscription.calendar.at(time)).period;
      const rule = this.#rule(usage, payer, period, 'in-bundle');
      const bucket = draws.bucketId(usage, part);
      this.#push(index, part, rule, drawn, quantity, 0n, before, before + drawn, bucket, '', size);
    }
    draws.commit(usage);
  }

  #writeMeter(usage: Usage, price: PriceItem, id: string, uncovered: number): void {
    const { index, subscription, quantity, time } = usage;
    const { owner, cycle, before, after, amount } = this.#move;
    if (cycle >= 0 && after !== before) this.#state.meters.set(owner, price.number, cycle, after);
    const tag: Tag = this.#draws.eligible ? 'overage' : 'pay-per-use';
    const poolPays = tag === 'overage' && price.owner === 'pool' && subscription.pool !== undefined;
    const payer = poolPays ? subscription.poolPayer : subscription.account;
    const period = (poolPays ? this.#meterCycle(usage, price) : subscription.calendar.at(time)).period;
    const rule = this.#rule(usage, payer, period, tag);
    this.#push(index, this.#draws.count, rule, uncovered, quantity, amount, before, after, '', id, 0);
  }

  #rule({ subscription, route }: Usage, payer: Account, period: string, tag: Tag): LineRule {
    return lineRule(subscription, payer, period, route, tag);
  }

  /** Keeps the pool's record of what it covered and what went over on a meter, for when its size changes. */
  #noteShare(usage: Usage, price: PriceItem, cycle: PoolCycle, overage: number): Share {
    const owner = meterOwner(usage.subscription, price);
    const share = cycle.share(price.number, owner) ?? this.#openShare(usage, price, cycle, owner);
    share.covered += this.#draws.poolCovered;
    share.overage += overage;
    cycle.overage += overage;
    return share;
  }

  #openShare(usage: Usage, price: PriceItem, cycle: PoolCycle, owner: number): Share {
    const { subscription, profile } = usage;
    return cycle.addShare({
      item: price.number,
      owner,
      meterId: this.#meterId(usage, price),
      subscription: price.owner === 'subscription' ? profile.subscription : '',
      account: price.owner === 'pool' ? subscription.poolPayer.name : subscription.account.name,
      covered: 0,
      overage: 0,
    });
  }

  #push(
    event: number,
    part: number,
    rule: LineRule,
    quantity: number,
    eventQuantity: number,
    amount: Money,
    before: number,
    after: number,
    bucket: string,
    meter: string,
    bucketSize: number,
  ): void {
    this.#lines.push({ event, part, rule, bucket, meter, quantity, eventQuantity, amount, before, after, bucketSize });
  }

  #suspend(index: number, profile: Profile, route: Route | undefined, code: SuspenseCode): number {
    const context = this.#parties.context(index);
    this.#suspended.push(suspendedUsage(this.#state, this.#events, index, profile, context, route, code));
    return OUTCOME_SUSPENDED;
  }
}

function meterOwner(subscription: Subscription, price: PriceItem): number {
  if (price.owner === 'pool' && subscription.pool !== undefined) return poolOwner(subscription.pool.number);
  return price.owner === 'account' ? accountOwner(subscription.account.number) : subscription.owner;
}
