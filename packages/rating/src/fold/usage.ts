/** One event in hand: what the steps of rating it share. One object serves all events of a block. */
import { ALL_TIME, type Cycle } from '../calendar.ts';
import type { GuidedEvents } from '../contract.ts';
import type { ContextInBook } from './book-in-force.ts';
import type { Parties, Party } from './parties.ts';
import type { PoolCycle, PoolState } from './pools.ts';
import type { Route } from './route.ts';

/** An event that has a route. */
export class Usage {
  readonly events: GuidedEvents;
  readonly parties: Parties;
  party: Party;
  route: Route;
  context: ContextInBook;
  /** Index in the block. */
  index = 0;
  /** Microseconds since 1970: what prices and buckets are chosen by. */
  time = 0;
  /** The instant that says in what cycle and day the event is. */
  cycleTime = 0;
  /** The account's cycle. */
  cycle: Cycle = ALL_TIME;

  constructor(parties: Parties, events: GuidedEvents, party: Party, route: Route, context: ContextInBook) {
    this.parties = parties;
    this.events = events;
    this.party = party;
    this.route = route;
    this.context = context;
  }

  set(index: number, party: Party, route: Route, context: ContextInBook): void {
    const { book } = route.offer.book;
    const time = this.events.eventTime[index] as number;
    this.index = index;
    this.time = time;
    this.party = party;
    this.route = route;
    this.context = context;
    this.cycleTime = book.attribution === 'start' ? time : (this.events.endTime[index] as number);
    this.cycle = book.cycle === 'all' ? ALL_TIME : party.calendar.at(this.cycleTime);
  }

  /** The bucket of the party's pool, opened if need be. */
  poolCycle(pool: PoolState): PoolCycle {
    return this.parties.poolCycle(this.party, pool, this.route.offer.book.book.cycle === 'all', this.cycleTime);
  }
}
