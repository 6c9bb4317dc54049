/**
 * Rates the events of guided blocks against the state: the hot path. What it owns is the order of the steps for an event;
 * prices, buckets, meters and pools have files of their own.
 *
 *   key known? -> route -> parts and their prices -> plan the draws -> plan the meters -> the same for wholesale
 *              -> commit, remember the key, write the lines
 *
 * 1. Atomic: everything that can fail is worked out before anything changes. A suspended event leaves no trace.
 * 2. The parts of an event add up to the event, in each leg. Allowances cover its front; zero-rated parts draw nothing.
 * 3. Cost does not depend on quantities, tiers passed, pool or book size, and rating an event makes no object: what the
 *    steps need is made once and used again.
 */
import {
  type GuidedEvents,
  OUTCOME_DUPLICATE,
  OUTCOME_RATED,
  OUTCOME_SUSPENDED,
  PAYER_POOL_ACCOUNT,
  PAYER_USAGE_ACCOUNT,
  type RatedOutcome,
  type SuspendedUsage,
  type SuspenseCode,
} from '../contract.ts';
import { LineTable } from '../lines.ts';
import type { Account } from './accounts.ts';
import type { ContextInBook } from './book-in-force.ts';
import { Draws } from './draws.ts';
import { ABSENT, DIFFERENT, PRESENT } from './key-table.ts';
import { BLOCK_LINES_MAX, EVENT_LINES_MAX, EVENT_LINES_SURE } from './limits.ts';
import { type Move, Moves } from './moves.ts';
import { Parties, type Party } from './parties.ts';
import { notePoolShare, notePoolUse } from './pool-use.ts';
import { OWNED_BY_POOL, type Route } from './route.ts';
import type { RoutePrice } from './route-price.ts';
import { Segments } from './segments.ts';
import type { PartitionState } from './state.ts';
import type { Subscription } from './subscription.ts';
import { suspendedUsage } from './suspense.ts';
import { crossed, crossedBy } from './thresholds.ts';
import { Usage } from './usage.ts';
import { WayFinder } from './way-finder.ts';
import { Ways } from './ways.ts';

export class BlockRater {
  readonly #state: PartitionState;
  readonly #parties: Parties;
  readonly #lines = new LineTable();
  readonly #segments = new Segments();
  readonly #draws: Draws;
  readonly #retail: Moves;
  readonly #costSegments = new Segments();
  readonly #costs: Moves;
  readonly #ways: Ways;
  readonly #finder: WayFinder;
  #usage: Usage | undefined;

  constructor(state: PartitionState) {
    this.#state = state;
    this.#ways = new Ways(state, this.#lines);
    this.#finder = new WayFinder(state);
    this.#parties = new Parties(state);
    this.#draws = new Draws(state);
    this.#retail = new Moves(state);
    this.#costs = new Moves(state);
  }

  rate(events: GuidedEvents): RatedOutcome {
    const { count, receivedAt } = events;
    const outcomes = new Uint8Array(count);
    const suspended: SuspendedUsage[] = [];
    this.#lines.clear();
    this.#parties.begin(events);
    this.#usage = undefined;
    let receivedMax = 0;
    for (let index = 0; index < count; index += 1) {
      outcomes[index] = this.#rateEvent(events, index, suspended);
      const received = receivedAt[index] as number;
      if (received > receivedMax) receivedMax = received;
    }
    if (this.#state.duplicates.advance(receivedMax)) this.#state.meters.forgetBefore(this.#state.duplicates.firstDay);
    return { lines: this.#lines, outcomes, suspended };
  }

  #rateEvent(events: GuidedEvents, index: number, suspended: SuspendedUsage[]): number {
    const time = events.eventTime[index] as number;
    const keys = this.#state.duplicates.table(time);
    const seen = keys === undefined ? ABSENT : keys.look(events, index);
    if (seen === PRESENT) return OUTCOME_DUPLICATE;
    const party = this.#parties.party(events, index);
    const context = this.#parties.context(events, index);
    if (seen === ABSENT && keys !== undefined && this.#onWay(events, index, time, party, context)) {
      keys.add(events, index);
      return OUTCOME_RATED;
    }
    const route = this.#parties.route(events, index, party, context);
    const refusal =
      keys === undefined
        ? 'TIME_TOO_OLD'
        : seen === DIFFERENT
          ? 'DUPLICATE_CONFLICT'
          : this.#plan(events, index, party, route);
    if (keys === undefined || refusal !== undefined) {
      suspended.push(suspendedUsage(this.#state, events, index, route, refusal ?? 'TIME_TOO_OLD'));
      return OUTCOME_SUSPENDED;
    }
    this.#commit();
    keys.add(events, index);
    this.#findWay(party);
    return OUTCOME_RATED;
  }

  /** Rates an event that goes the same way as one before; false if it needs the steps below. */
  #onWay(events: GuidedEvents, index: number, time: number, party: Party, context: ContextInBook | undefined): boolean {
    if (context === undefined || party.way < 0) return false;
    const ways = this.#ways;
    if (!ways.leads(party.way, party, context, time)) {
      if (party.otherWay < 0 || !ways.leads(party.otherWay, party, context, time)) return false;
      [party.way, party.otherWay] = [party.otherWay, party.way];
    }
    return ways.rate(party.way, events, index);
  }

  /** Keeps the way of a party that uses the same a second time in a row, in place of the one gone longest ago. */
  #findWay(party: Party): void {
    const usage = this.#usage as Usage;
    const again = party.wayContext === usage.context;
    party.wayContext = usage.context;
    const parts = again ? this.#finder.find(usage) : undefined;
    if (parts === undefined) return;
    const stale = this.#ways.isOf(party.way, party, usage.context) ? party.way : party.otherWay;
    if (stale === party.otherWay) party.otherWay = party.way;
    party.way = this.#ways.keep(stale, this.#finder.row, parts);
  }

  /** Works out all that the event does. @returns why it cannot be rated, or undefined */
  #plan(events: GuidedEvents, index: number, party: Party, route: Route | undefined): SuspenseCode | undefined {
    const { context } = party;
    if (route === undefined || context === undefined) return 'PLAN_NOT_EFFECTIVE';
    const { refusal, plan, service } = route.offer;
    if (refusal !== undefined) return refusal;
    if (plan.currency !== party.currency) return 'CURRENCY_MISMATCH';
    if (service?.unit === 'money' && !isIn(events.amountCurrency(index), party.currency)) return 'CURRENCY_MISMATCH';
    this.#usage ??= new Usage(this.#parties, events, party, route, context);
    const usage = this.#usage;
    usage.set(index, party, route, context);
    return this.#planRetail(usage) ?? this.#planCosts(usage);
  }

  #planRetail(usage: Usage): SuspenseCode | undefined {
    const { party } = usage;
    const { offer } = usage.route;
    const segments = this.#segments;
    const draws = this.#draws;
    const refusal = segments.plan(usage, offer.retail);
    if (refusal !== undefined) return refusal;
    const free = freeQuantity(segments);
    draws.clear();
    if (free < segments.total || hasMeter(segments)) {
      const sources = offer.sources(party.poolRule);
      if (!sources.ruleKnown) return 'POOL_NOT_FOUND';
      if (!draws.plan(usage, sources, segments.total - free)) return 'OVERFLOW';
    }
    const moves = this.#retail;
    if (!addParts(moves, segments, draws.covered) || !moves.plan(usage)) return 'OVERFLOW';
    return this.#hasRoom(usage, draws.count + moves.count) ? undefined : 'OVERFLOW';
  }

  #planCosts(usage: Usage): SuspenseCode | undefined {
    const costs = this.#costs;
    costs.clear();
    const { wholesale, book } = usage.route.offer;
    const refusal = wholesale === undefined ? 'PRICE_NOT_FOUND' : this.#costSegments.plan(usage, wholesale);
    if (refusal !== undefined) {
      // Without a cost there is no wholesale line, unless the book asks for one.
      return refusal === 'PRICE_NOT_FOUND' ? (book.book.costs === 'required' ? 'COST_NOT_FOUND' : undefined) : refusal;
    }
    if (!addParts(costs, this.#costSegments, 0) || !costs.plan(usage)) return 'OVERFLOW';
    return this.#hasRoom(usage, this.#draws.count + this.#retail.count + costs.count) ? undefined : 'OVERFLOW';
  }

  /** True if the event may have so many lines: what others of the block may surely have is left to them. */
  #hasRoom({ events, index }: Usage, lines: number): boolean {
    if (lines <= EVENT_LINES_SURE) return true;
    const others = this.#lines.count + EVENT_LINES_SURE * (events.count - index - 1);
    return lines <= EVENT_LINES_MAX && lines + others <= BLOCK_LINES_MAX;
  }

  /** Nothing in here can fail. */
  #commit(): void {
    const usage = this.#usage as Usage;
    const draws = this.#draws;
    const { subscription, account, calendar } = usage.party;
    this.#noteAccount(subscription, account, calendar.timeZone);
    if (draws.poolCycle !== undefined) this.#notePool(usage);
    this.#writeDraws(usage);
    draws.commit(usage);
    this.#writeMoves(usage, this.#retail, this.#segments, draws.count);
    this.#retail.commit(usage);
    if (this.#costs.count === 0) return;
    this.#writeMoves(usage, this.#costs, this.#costSegments, draws.count + this.#retail.count);
    this.#costs.commit(usage);
  }

  /** Notes which account a subscription's last use named, and that account's zone; a way takes for granted that they stay. */
  #noteAccount(subscription: Subscription, account: Account, timeZone: string): void {
    if (subscription.account === account.number && account.seenZone === timeZone) return;
    if (subscription.account !== -1 || (account.seenZone !== '' && account.seenZone !== timeZone))
      this.#state.changes += 1;
    subscription.account = account.number;
    account.seenZone = timeZone;
  }

  #writeDraws(usage: Usage): void {
    const draws = this.#draws;
    const { thresholds } = usage.route.offer.book.book;
    for (let part = 0; part < draws.count; part += 1) {
      const draw = draws.at(part);
      const { poolCycle, covered, drawn, before, size } = draw;
      const payer = poolCycle === undefined ? PAYER_USAGE_ACCOUNT : PAYER_POOL_ACCOUNT;
      const lines = this.#lines;
      const line = lines.add(usage.index, part, draws.rule(usage, part), payer);
      lines.quantity[line] = covered;
      lines.eventQuantity[line] = this.#segments.total;
      lines.amount[line] = 0;
      lines.before[line] = before;
      lines.after[line] = before + drawn;
      lines.bucketSize[line] = size;
      lines.threshold[line] = crossedBy(thresholds, draw);
    }
  }

  #writeMoves(usage: Usage, moves: Moves, segments: Segments, firstPart: number): void {
    const draws = this.#draws;
    for (let index = 0; index < moves.count; index += 1) {
      const move = moves.at(index);
      const { price } = move;
      if (price === undefined) continue;
      const retail = price.price.leg === 'retail';
      const over = retail && draws.eligible && price.item !== undefined;
      const tag = price.item === undefined ? 'zero-rated' : over ? 'overage' : 'pay-per-use';
      // What runs over a pool on the pool's meter is the pool's account's to pay.
      const payer = over && move.ownedBy === OWNED_BY_POOL ? PAYER_POOL_ACCOUNT : PAYER_USAGE_ACCOUNT;
      const period = payer === PAYER_POOL_ACCOUNT ? move.period : usage.cycle.period;
      const rule = usage.route.priceRule(price, period, tag, move.ownedBy, over ? draws.stopped : '');
      const lines = this.#lines;
      const line = lines.add(usage.index, firstPart + index, rule, payer);
      lines.quantity[line] = move.quantity;
      lines.eventQuantity[line] = segments.total;
      lines.amount[line] = move.amount;
      lines.before[line] = move.before;
      lines.after[line] = move.after;
      if (over) lines.threshold[line] = this.#thresholdOver(usage, move);
      if (Number.isNaN(move.amount)) lines.setAmount(line, move.large);
    }
  }

  /** The threshold above all of the bucket that overage crosses: of the pool, else of the last bucket by its cycle's meter. */
  #thresholdOver(usage: Usage, move: Move): number {
    const { thresholds } = usage.route.offer.book.book;
    const draws = this.#draws;
    if ((thresholds.at(-1) ?? 0) <= 100) return 0;
    if (draws.poolCycle !== undefined) {
      const { used, overage, size } = draws.poolCycle;
      return crossed(thresholds, used + overage - move.quantity, used + overage, size);
    }
    if (move.price?.item?.scope !== 'cycle') return 0;
    return crossed(thresholds, draws.lastSize + move.before, draws.lastSize + move.after, draws.lastSize);
  }

  /** Keeps the pool's record of what it covered and what went over, by member and by meter. */
  #notePool(usage: Usage): void {
    const { poolCycle, poolCovered, poolBegins } = this.#draws;
    if (poolCycle === undefined) return;
    const moves = this.#retail;
    let over = 0;
    for (let index = 0; index < moves.count; index += 1) {
      const move = moves.at(index);
      const item = move.price?.item;
      if (item === undefined) continue;
      over += move.quantity;
      if (item.scope === 'cycle') notePoolShare(usage, poolCycle, item, 0, move.quantity);
    }
    poolCycle.overage += over;
    if (poolCovered + over > 0) notePoolUse(this.#state, usage, poolCycle, poolCovered + over);
    this.#notePoolCovered(usage, poolBegins, poolCovered);
  }

  /** Notes what the pool covered, [begins, begins + covered) of what is not free, on the meter that would have had it. */
  #notePoolCovered(usage: Usage, begins: number, covered: number): void {
    const { poolCycle } = this.#draws;
    if (poolCycle === undefined || covered === 0) return;
    const { count, prices, quantities } = this.#segments;
    let at = 0;
    for (let index = 0; index < count; index += 1) {
      const item = prices[index]?.item;
      if (item === undefined) continue;
      const end = at + (quantities[index] as number);
      const shared = Math.min(end, begins + covered) - Math.max(at, begins);
      if (shared > 0 && item.scope === 'cycle') notePoolShare(usage, poolCycle, item, shared, 0);
      at = end;
    }
  }
}

/** What of an event is zero-rated. */
function freeQuantity({ count, prices, quantities }: Segments): number {
  let free = 0;
  for (let index = 0; index < count; index += 1) {
    if (prices[index]?.item === undefined) free += quantities[index] as number;
  }
  return free;
}

function hasMeter({ count, prices }: Segments): boolean {
  for (let index = 0; index < count; index += 1) if (prices[index]?.item !== undefined) return true;
  return false;
}

/**
 * Hands what is left behind the covered front to its prices. An event of quantity 0 reaches its meter all the same; one that
 * is covered wholly does so only where the price at its start has `feesWhenCovered`.
 * @returns false if the event would meet more prices than it may have lines
 */
function addParts(moves: Moves, segments: Segments, covered: number): boolean {
  const { count, prices, quantities, total } = segments;
  moves.clear();
  let front = covered;
  let start: RoutePrice | undefined;
  let reached = false;
  for (let index = 0; index < count; index += 1) {
    const price = prices[index];
    const quantity = quantities[index] as number;
    if (price === undefined) continue;
    if (price.item !== undefined) start ??= price;
    const hidden = price.item === undefined ? 0 : Math.min(front, quantity);
    front -= hidden;
    if (quantity === hidden && total > 0) continue;
    if (!moves.add(price, quantity - hidden)) return false;
    reached ||= price.item !== undefined;
  }
  return reached || start?.item?.feesWhenCovered !== true || moves.add(start, 0);
}

/** True if an amount is in a currency: it names that one, or none. */
function isIn(amountCurrency: string, currency: string): boolean {
  return amountCurrency === '' || amountCurrency === currency;
}
