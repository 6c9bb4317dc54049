/** One subscription: what has state of its own beside the tables, kept together. */
import type { Grant } from './grants.ts';
import { subscriptionOwner } from './owners.ts';
import type { Session } from './sessions.ts';

export class Subscription {
  readonly number: number;
  readonly name: string;
  /** Number of the account that its last rated event named; -1 before any. */
  account = -1;
  grants: Grant[] | undefined = undefined;
  /** By the session's name; those that an event-day in the duplicate window touched. */
  sessions: Map<string, Session> | undefined = undefined;

  constructor(number: number, name: string) {
    this.number = number;
    this.name = name;
  }

  /** Owner number of the subscription's own meters and buckets. */
  get owner(): number {
    return subscriptionOwner(this.number);
  }
}
