/**
 * Grants: the buckets that top-ups bought, by subscription. A grant covers use from its `validFrom` until before its
 * `validTo`, whatever the cycle, and never use outside.
 */

import type { Subscription } from './subscription.ts';

export interface Grant {
  readonly id: string;
  readonly subscription: string;
  /** Name in the price book; what it grants is what the book in force at `validFrom` says. */
  readonly addOn: string;
  /** Microseconds, inclusive. */
  readonly validFrom: number;
  /** Microseconds, exclusive. */
  readonly validTo: number;
  used: number;
}

/** How lines name a grant's bucket. */
export function grantName(grant: Grant): string {
  return `grant:${grant.id}`;
}

export class Grants {
  /** In the order of the facts. */
  readonly byId = new Map<string, Grant>();

  add(subscription: Subscription, grant: Grant): void {
    this.byId.set(grant.id, grant);
    if (subscription.grants === undefined) subscription.grants = [grant];
    else subscription.grants.push(grant);
  }
}
