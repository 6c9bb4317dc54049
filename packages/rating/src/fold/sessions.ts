/**
 * Session-scoped meters, by subscription and session: a list of a few for each session, with what the session was charged as
 * connection fee. A meter belongs to a price and a cycle; the fee is due once a session, leg and service.
 *
 * 1. A session goes when the day (UTC) of its latest event leaves the duplicate window: an event that continues it after
 *    that long a silence starts it anew. Sessions with a commitment stay, since it is due at the close.
 */
import type { PerEventState } from '../price-functions/metered-price.ts';
import type { Subscription } from './subscription.ts';

export interface SessionMeter {
  /** Number of the price. */
  readonly item: number;
  /** Who owns the meter: see `owners.ts`. */
  readonly owner: number;
  /** Index of the cycle. */
  readonly cycle: number;
  /** How many times it takes the connection fee: once for each service whose first use in the session reached it. */
  fees: number;
  used: number;
  /** Where the price has per-event terms. */
  perEvent: PerEventState | undefined;
}

export class Session {
  readonly subscription: Subscription;
  readonly name: string;
  /** Day (UTC) of its latest event. */
  lastDay = 0;
  /** True if a meter of it has a commitment. */
  lasting = false;
  /** Legs and services, as `leg/service`, for which the fee was due. */
  readonly fees: string[] = [];
  readonly meters: SessionMeter[] = [];

  constructor(subscription: Subscription, name: string) {
    this.subscription = subscription;
    this.name = name;
  }

  meter(item: number, cycle: number): SessionMeter | undefined {
    for (const meter of this.meters) if (meter.item === item && meter.cycle === cycle) return meter;
    return undefined;
  }
}

export class Sessions {
  readonly #all = new Set<Session>();

  get count(): number {
    return this.#all.size;
  }

  add(session: Session): void {
    const { subscription, name } = session;
    subscription.sessions ??= new Map();
    subscription.sessions.set(name, session);
    this.#all.add(session);
  }

  /** Lets sessions go whose latest event was before a day. */
  forgetBefore(day: number): void {
    for (const session of this.#all) {
      if (session.lasting || session.lastDay >= day) continue;
      this.#all.delete(session);
      session.subscription.sessions?.delete(session.name);
    }
  }

  /** By subscription and name, whatever order they came in. */
  sorted(): Session[] {
    return [...this.#all].sort(
      (a, b) => a.subscription.number - b.subscription.number || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
    );
  }
}
