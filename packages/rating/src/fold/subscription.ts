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
  /** The latest cycle in which an allowance that rolls over was drawn, and how often one was in an earlier one; no state. */
  latestRolling = 0;
  lateRolling = 0;

  constructor(number: number, name: string) {
    this.number = number;
    this.name = name;
  }

  /** Owner number of the subscription's own meters and buckets. */
  get owner(): number {
    return subscriptionOwner(this.number);
  }

  /** Notes use of an allowance that rolls over: late use changes what had rolled over into a cycle that began since. */
  noteRollingUse(cycle: number): void {
    if (cycle < this.latestRolling) this.lateRolling += 1;
    else this.latestRolling = cycle;
  }
}
