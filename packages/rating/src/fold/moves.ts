/**
 * What one event does to meters: for each price that its uncovered parts meet, how far the meter moves and what that costs.
 * Worked out first (`plan`), made true later (`commit`). One object serves all events.
 *
 * 1. A line is F(after) - F(before) of its meter; a meter that nothing has reached costs 0 before, whatever F says of 0.
 * 2. The connection fee is due once an event (or once a session and service), by the first meter reached.
 * 3. A zero-rated part is a move without a meter.
 */
import type { Money } from '../contract.ts';
import { hexOf } from '../digest.ts';
import type { PerEventState } from '../price-functions/metered-price.ts';
import { MICROS_PER_DAY } from '../time.ts';
import { EVENT_LINES_MAX, EVENT_LINES_SURE } from './limits.ts';
import { MeterTable } from './meter-tables.ts';
import { accountOwner, poolOwner } from './owners.ts';
import type { PriceItem } from './price-item.ts';
import { OWNED_BY_ACCOUNT, OWNED_BY_POOL, OWNED_BY_SUBSCRIPTION } from './route.ts';
import type { RoutePrice } from './route-price.ts';
import { Session, type SessionMeter } from './sessions.ts';
import type { PartitionState } from './state.ts';
import type { Usage } from './usage.ts';

/** One price that the event meets. */
export class Move {
  price: RoutePrice | undefined = undefined;
  quantity = 0;
  /** Who owns the meter, as `RoutePrice.rule` takes it and as counters do. */
  ownedBy = OWNED_BY_SUBSCRIPTION;
  owner = 0;
  /** Index of the cycle or day; -1 for a meter that lives for one event or session. */
  instance = -1;
  /** Name of the cycle. */
  period = '';
  session: Session | undefined = undefined;
  sessionMeter: SessionMeter | undefined = undefined;
  /** How many times the meter takes the connection fee, before and after. */
  feesBefore = 1;
  fees = 1;
  reached = false;
  before = 0;
  after = 0;
  /** A safe integer of 1e-12 units, or NaN where `large` has it. */
  amount = 0;
  large: Money = 0n;
  perEventBefore: PerEventState | undefined = undefined;
  perEventAfter: PerEventState | undefined = undefined;
}

export class Moves {
  /** Prices met by the event planned last. */
  count = 0;
  readonly #state: PartitionState;
  readonly #moves: Move[] = Array.from({ length: EVENT_LINES_SURE }, () => new Move());

  constructor(state: PartitionState) {
    this.#state = state;
  }

  at(index: number): Move {
    return this.#moves[index] as Move;
  }

  clear(): void {
    this.count = 0;
  }

  /** Adds a quantity to what goes to a price. False if the event would meet more prices than it may have lines. */
  add(price: RoutePrice, quantity: number): boolean {
    for (let index = 0; index < this.count; index += 1) {
      const move = this.at(index);
      if (move.price !== price) continue;
      move.quantity += quantity;
      return true;
    }
    if (this.count === EVENT_LINES_MAX) return false;
    if (this.count === this.#moves.length) this.#moves.push(new Move());
    const move = this.at(this.count);
    move.price = price;
    move.quantity = quantity;
    move.session = undefined;
    this.count += 1;
    return true;
  }

  /** Works out where the quantities go and what they cost; false where a sum overflows. */
  plan(usage: Usage): boolean {
    let feeDue = true;
    for (let index = 0; index < this.count; index += 1) {
      const move = this.at(index);
      const item = move.price?.item;
      if (item === undefined) {
        this.#planFree(usage, move);
        continue;
      }
      if (!this.#planMeter(usage, move, item, feeDue)) return false;
      feeDue = false;
    }
    return true;
  }

  commit(usage: Usage): void {
    for (let index = 0; index < this.count; index += 1) {
      const move = this.at(index);
      const item = move.price?.item;
      if (item === undefined || item.scope === 'event') continue;
      if (move.session !== undefined) this.#commitSession(usage, move, move.session, item);
      else if (move.instance >= 0) this.#commitCounter(move, item);
    }
  }

  #planFree(usage: Usage, move: Move): void {
    move.ownedBy = OWNED_BY_SUBSCRIPTION;
    move.period = usage.cycle.period;
    move.before = 0;
    move.after = 0;
    move.amount = 0;
  }

  #planMeter(usage: Usage, move: Move, item: PriceItem, feeDue: boolean): boolean {
    this.#findOwner(usage, move, item);
    move.sessionMeter = undefined;
    move.instance = -1;
    move.fees = feeDue ? 1 : 0;
    move.reached = false;
    move.before = 0;
    move.perEventBefore = undefined;
    if (item.scope === 'cycle') {
      const cycle = meterCycle(usage, move);
      move.period = cycle.period;
      this.#findCounter(move, item, cycle.index);
    } else {
      move.period = usage.cycle.period;
      if (item.scope === 'day') this.#findCounter(move, item, usage.party.calendar.dayAt(usage.cycleTime));
      else if (item.scope === 'session') this.#findSession(usage, move, item);
    }
    move.after = move.before + move.quantity;
    if (move.after > Number.MAX_SAFE_INTEGER) return false;
    if (!move.reached) move.feesBefore = move.fees;
    return item.price.perEvent ? planPerEvent(move, item) : planAmount(move, item);
  }

  #findOwner({ party }: Usage, move: Move, item: PriceItem): void {
    if (item.owner === 'pool' && party.pool !== undefined) {
      move.ownedBy = OWNED_BY_POOL;
      move.owner = poolOwner(party.pool.number);
    } else if (item.owner === 'account') {
      move.ownedBy = OWNED_BY_ACCOUNT;
      move.owner = accountOwner(party.account.number);
    } else {
      move.ownedBy = OWNED_BY_SUBSCRIPTION;
      move.owner = party.owner;
    }
  }

  #findCounter(move: Move, item: PriceItem, instance: number): void {
    move.instance = instance;
    // Cycles and days take no connection fee.
    move.fees = 1;
    move.feesBefore = 1;
    const table = this.#state.meters.find(item, instance);
    if (table === undefined) return;
    const slot = table.counters.slot(move.owner, item.number, instance);
    if (slot < 0) return;
    move.reached = true;
    move.before = table.counters.valueAt(slot);
    if (item.price.perEvent) {
      move.perEventBefore = table.perEvent.get(MeterTable.keyOf(move.owner, item.number, instance));
    }
  }

  #findSession(usage: Usage, move: Move, item: PriceItem): void {
    const name = sessionName(usage, item);
    if (name === '') return;
    const { subscription } = usage.party;
    const session = subscription.sessions?.get(name) ?? this.#plannedSession(name) ?? new Session(subscription, name);
    move.session = session;
    const meter = session.meter(item.number, usage.cycle.index);
    move.sessionMeter = meter;
    if (session.fees.includes(feeName(usage, item))) move.fees = 0;
    if (meter === undefined) return;
    move.feesBefore = meter.fees;
    move.fees += meter.fees;
    move.reached = true;
    move.before = meter.used;
    move.perEventBefore = meter.perEvent;
  }

  /** A new session that another move of the same event has. */
  #plannedSession(name: string): Session | undefined {
    for (let index = 0; index < this.count; index += 1) {
      const { session } = this.at(index);
      if (session?.name === name) return session;
    }
    return undefined;
  }

  #commitCounter(move: Move, item: PriceItem): void {
    if (move.reached && move.before === move.after && move.perEventAfter === undefined) return;
    const table = this.#state.meters.open(item, move.instance);
    table.counters.set(move.owner, item.number, move.instance, move.after);
    if (move.perEventAfter !== undefined) {
      table.perEvent.set(MeterTable.keyOf(move.owner, item.number, move.instance), move.perEventAfter);
    }
  }

  #commitSession(usage: Usage, move: Move, planned: Session, item: PriceItem): void {
    // The event's other leg may have opened the session since this one was planned.
    const known = usage.party.subscription.sessions?.get(planned.name);
    const session = known ?? planned;
    if (known === undefined) this.#state.meters.sessions.add(session);
    const fee = feeName(usage, item);
    if (!session.fees.includes(fee)) session.fees.push(fee);
    session.lastDay = Math.max(session.lastDay, Math.floor(usage.time / MICROS_PER_DAY));
    session.lasting ||= item.minimum !== undefined;
    const meter = move.sessionMeter;
    if (meter !== undefined) {
      meter.used = move.after;
      meter.fees = move.fees;
      meter.perEvent = move.perEventAfter;
      return;
    }
    session.meters.push({
      item: item.number,
      owner: move.owner,
      cycle: usage.cycle.index,
      fees: move.fees,
      used: move.after,
      perEvent: move.perEventAfter,
    });
  }
}

/** A pool's meter runs by the pool's cycle, all others by the account's. */
function meterCycle(usage: Usage, move: Move): { readonly index: number; readonly period: string } {
  const { pool } = usage.party;
  return move.ownedBy === OWNED_BY_POOL && pool !== undefined ? usage.poolCycle(pool).cycle : usage.cycle;
}

function feeName(usage: Usage, item: PriceItem): string {
  return `${item.leg}/${usage.context.service}`;
}

/**
 * Without a session the event is one of its own. It needs to be kept only where a commitment is due at the close; its name
 * is one that no session of the network has.
 */
function sessionName({ events, index }: Usage, item: PriceItem): string {
  const name = events.session(index);
  return name !== '' || item.minimum === undefined ? name : `\u0000${hexOf(events.eventKey, index * 4)}`;
}

function planAmount(move: Move, item: PriceItem): boolean {
  const { reached, before, after, fees, feesBefore } = move;
  move.perEventAfter = undefined;
  const price = item.withFees(fees);
  if (fees !== feesBefore)
    return setLarge(move, difference(item.withFees(feesBefore).total(before), price.total(after)));
  move.amount = reached ? price.fastDifference(before, after) : price.fastFirst(after);
  return !Number.isNaN(move.amount) || setLarge(move, reached ? price.difference(before, after) : price.first(after));
}

function planPerEvent(move: Move, item: PriceItem): boolean {
  const price = item.withFees(move.fees);
  const before = move.perEventBefore ?? price.perEventStart();
  const after = price.perEventNext(before, move.quantity);
  move.perEventAfter = after;
  const costBefore = item.withFees(move.feesBefore).perEventTotal(before);
  return setLarge(move, difference(costBefore, price.perEventTotal(after)));
}

function difference(before: Money | undefined, after: Money | undefined): Money | undefined {
  return before === undefined || after === undefined ? undefined : after - before;
}

/** Sets an amount of any size; false if there is none. */
function setLarge(move: Move, amount: Money | undefined): boolean {
  if (amount === undefined) return false;
  move.amount = Number.NaN;
  move.large = amount;
  return true;
}
