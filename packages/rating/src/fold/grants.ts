/**
 * Grants: the buckets that top-ups bought, by subscription. A grant covers use from its `validFrom` until before its
 * `validTo`, whatever the cycle, and never use outside.
 */

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

export class Grants {
  readonly byId = new Map<string, Grant>();
  readonly #bySubscription = new Map<number, Grant[]>();

  add(subscription: number, grant: Grant): void {
    this.byId.set(grant.id, grant);
    const others = this.#bySubscription.get(subscription);
    if (others === undefined) this.#bySubscription.set(subscription, [grant]);
    else others.push(grant);
  }

  of(subscription: number): readonly Grant[] | undefined {
    return this.#bySubscription.get(subscription);
  }
}
