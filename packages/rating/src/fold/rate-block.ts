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

import type { LineRule, Money, RatedLine, RatedOutcome, SuspendedUsage, SuspenseCode, Tag } from '../contract.ts';
import { type GuidedEvents, OUTCOME_DUPLICATE, OUTCOME_RATED, OUTCOME_SUSPENDED } from '../contract.ts';
import { BlockCells, type ProfileCell } from './block-cells.ts';
import { Draws } from './draws.ts';
import { ABSENT, DIFFERENT } from './key-table.ts';
import { lineRule } from './line-rules.ts';
import { accountOwner, poolOwner } from './owners.ts';
import type { Route } from './plan-routes.ts';
import type { PoolCycle, Share } from './pools.ts';
import type { PriceItem } from './price-item.ts';
import type { PartitionState } from './state.ts';
import { countedQuantity, suspendedUsage } from './suspense.ts';

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
  readonly #cells: BlockCells;
  readonly #draws: Draws;
  readonly #lines: RatedLine[] = [];
  readonly #suspended: SuspendedUsage[] = [];
  readonly #move: MeterMove = { owner: 0, cycle: -1, before: 0, after: 0, amount: 0n };

  constructor(state: PartitionState, events: GuidedEvents) {
    this.#state = state;
    this.#events = events;
    this.#cells = new BlockCells(state, events);
    this.#draws = new Draws(state, this.#cells);
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
    if (seen !== ABSENT && seen !== DIFFERENT) return OUTCOME_DUPLICATE;
    const cell = this.#cells.profile(events.profile[index] as number, time);
    const route = this.#cells.route(cell, events.context[index] as number, time);
    if (keys === undefined) return this.#suspend(index, cell, route, 'TIME_TOO_OLD');
    if (seen === DIFFERENT) return this.#suspend(index, cell, route, 'DUPLICATE_CONFLICT');
    if (route === undefined) return this.#suspend(index, cell, route, 'PLAN_NOT_EFFECTIVE');
    if (route.refusal !== undefined) return this.#suspend(index, cell, route, route.refusal);
    if (route.plan.currency !== cell.profile.currency) return this.#suspend(index, cell, route, 'CURRENCY_MISMATCH');
    const quantity = route.service === undefined ? 0 : countedQuantity(route.service.counts, events, index);
    const refusal =
      route.price === undefined
        ? this.#rateFree(index, cell, route, quantity, time)
        : this.#ratePriced(index, cell, route, route.price, quantity, time);
    if (refusal !== undefined) return this.#suspend(index, cell, route, refusal);
    keys.add(events, index);
    return OUTCOME_RATED;
  }

  /** Zero-rated use: one line, before any allowance. */
  #rateFree(index: number, cell: ProfileCell, route: Route, quantity: number, time: number): undefined {
    const rule = lineRule(this.#state.accounts, cell.account, cell.cycleAt(time).period, route, 'zero-rated');
    this.#push(index, 0, rule, quantity, quantity, 0n, 0, 0, '', '', 0);
  }

  #ratePriced(
    index: number,
    cell: ProfileCell,
    route: Route,
    price: PriceItem,
    quantity: number,
    time: number,
  ): SuspenseCode | undefined {
    const sources = route.sources(cell.pool === undefined ? '' : cell.profile.poolRule);
    if (!sources.ruleKnown) return 'POOL_NOT_FOUND';
    const draws = this.#draws;
    if (!draws.plan(cell, route, sources.list, quantity, time)) return 'OVERFLOW';
    const uncovered = quantity - draws.covered;
    const metered = uncovered > 0 || draws.count === 0;
    if (metered && !this.#planMove(cell, price, uncovered, time)) return 'OVERFLOW';
    // From here on nothing can fail.
    const pool = price.scope === 'cycle' ? draws.poolCycle : undefined;
    const share = pool === undefined ? undefined : this.#noteShare(cell, price, pool, uncovered, time);
    this.#writeDraws(index, cell, route, quantity, time);
    if (metered) {
      const id = share?.meterId ?? this.#meterId(cell, price, time);
      this.#writeMeter(index, cell, route, price, id, uncovered, quantity, time);
    }
    return undefined;
  }

  /** Works out where the uncovered part goes and what it costs; false where a sum would pass 2^53 - 1. */
  #planMove(cell: ProfileCell, price: PriceItem, uncovered: number, time: number): boolean {
    const move = this.#move;
    move.owner = cell.owner;
    move.cycle = -1;
    move.before = 0;
    if (price.scope === 'cycle') {
      move.owner = this.#meterOwner(cell, price);
      move.cycle = this.#meterCycle(cell, price, time).index;
      move.before = this.#state.meters.get(move.owner, price.number, move.cycle);
    }
    move.after = move.before + uncovered;
    if (move.after > Number.MAX_SAFE_INTEGER) return false;
    const amount = price.price.difference(move.before, move.after);
    if (amount === undefined) return false;
    move.amount = amount;
    return true;
  }

  #meterOwner(cell: ProfileCell, price: PriceItem): number {
    if (price.owner === 'pool' && cell.pool !== undefined) return poolOwner(cell.pool.number);
    return price.owner === 'account' ? accountOwner(cell.account.number) : cell.owner;
  }

  /** A pool's meter runs by the pool's cycle, all others by the account's. */
  #meterCycle(cell: ProfileCell, price: PriceItem, time: number): { readonly index: number; readonly period: string } {
    return price.owner === 'pool' && cell.pool !== undefined
      ? this.#cells.poolCycle(cell, cell.pool, time).cycle
      : cell.cycleAt(time);
  }

  #meterId(cell: ProfileCell, price: PriceItem, time: number): string {
    const period = price.scope === 'event' ? 'event' : this.#meterCycle(cell, price, time).period;
    if (price.owner === 'pool' && cell.pool !== undefined) return price.meterId(`pool:${cell.pool.name}`, period);
    if (price.owner === 'account') return price.meterId(`account:${cell.account.name}`, period);
    return price.meterId(`subscription:${cell.profile.subscription}`, period);
  }

  #writeDraws(index: number, cell: ProfileCell, route: Route, quantity: number, time: number): void {
    const { accounts } = this.#state;
    const draws = this.#draws;
    for (let part = 0; part < draws.count; part += 1) {
      const draw = draws.at(part);
      const payer = draw.poolCycle === undefined ? cell.account : cell.poolPayer;
      const period = (draw.poolCycle?.cycle ?? cell.cycleAt(time)).period;
      const rule = lineRule(accounts, payer, period, route, 'in-bundle');
      const after = draw.before + draw.quantity;
      this.#push(
        index,
        part,
        rule,
        draw.quantity,
        quantity,
        0n,
        draw.before,
        after,
        draws.bucketId(cell, part, time),
        '',
        draw.size,
      );
    }
    draws.commit(cell, time);
  }

  #writeMeter(
    index: number,
    cell: ProfileCell,
    route: Route,
    price: PriceItem,
    id: string,
    uncovered: number,
    quantity: number,
    time: number,
  ): void {
    const { accounts, meters } = this.#state;
    const meter = this.#move;
    if (meter.cycle >= 0 && meter.after !== meter.before)
      meters.set(meter.owner, price.number, meter.cycle, meter.after);
    const tag: Tag = this.#draws.eligible ? 'overage' : 'pay-per-use';
    const poolPays = tag === 'overage' && price.owner === 'pool' && cell.pool !== undefined;
    const payer = poolPays ? cell.poolPayer : cell.account;
    const period = poolPays ? this.#meterCycle(cell, price, time).period : cell.cycleAt(time).period;
    const rule = lineRule(accounts, payer, period, route, tag);
    this.#push(index, this.#draws.count, rule, uncovered, quantity, meter.amount, meter.before, meter.after, '', id, 0);
  }

  /** Keeps the pool's record of what it covered and what went over on a meter, for when its size changes. */
  #noteShare(cell: ProfileCell, price: PriceItem, cycle: PoolCycle, overage: number, time: number): Share {
    const owner = this.#meterOwner(cell, price);
    const share = cycle.share(price.number, owner) ?? this.#openShare(cell, price, cycle, owner, time);
    share.covered += this.#draws.poolCovered;
    share.overage += overage;
    cycle.overage += overage;
    return share;
  }

  #openShare(cell: ProfileCell, price: PriceItem, cycle: PoolCycle, owner: number, time: number): Share {
    const pooled = price.owner === 'pool';
    return cycle.addShare({
      item: price.number,
      owner,
      meterId: this.#meterId(cell, price, time),
      subscription: price.owner === 'subscription' ? cell.profile.subscription : '',
      account: pooled ? cell.profile.poolAccount : cell.profile.usageAccount,
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

  #suspend(index: number, cell: ProfileCell, route: Route | undefined, code: SuspenseCode): number {
    const events = this.#events;
    const context = events.contexts[events.context[index] as number];
    if (context === undefined) throw new RangeError('a guided event names a context that its block does not have');
    this.#suspended.push(suspendedUsage(this.#state, events, index, cell.profile, context, route, code));
    return OUTCOME_SUSPENDED;
  }
}
