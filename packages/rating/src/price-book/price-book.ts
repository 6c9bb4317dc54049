/**
 * A price book as the domain holds it after validation: quantities in raw units (bytes, seconds, messages), prices as
 * money, times in microseconds. `validate.ts` is the only way to make one; everything here may be trusted.
 */
import type { Money } from '../contract.ts';

export type Unit = 'bytes' | 'seconds' | 'messages';
/** What is counted of an event: octets up, down, both or the greater of the two; its seconds; its units. */
export type Counts = 'up' | 'down' | 'both' | 'greater' | 'seconds' | 'units';

export interface ServiceDefinition {
  readonly name: string;
  readonly unit: Unit;
  readonly counts: Counts;
}

/** Where an allowance or a price applies. `zones` undefined: everywhere, also where no zone is known. */
export interface Scope {
  readonly service: string;
  readonly zones: readonly string[] | undefined;
}

export type Proration = 'none' | 'second';

/** An individual bucket of a plan, full at the start of each cycle. */
export interface Allowance extends Scope {
  readonly id: string;
  readonly quantity: number;
  /** Lower is drawn first. */
  readonly priority: number;
  readonly proration: Proration;
}

/** How a pool that names this rule gets its size. */
export interface PoolRule extends Scope {
  readonly name: string;
  readonly kind: 'stacked' | 'fixed';
  /** Size of a fixed pool; 0 for a stacked one. */
  readonly quantity: number;
  readonly priority: number;
  readonly proration: Proration;
}

/** What a top-up of this name grants. */
export interface AddOn extends Scope {
  readonly name: string;
  readonly quantity: number;
  readonly priority: number;
}

export type MeterOwner = 'subscription' | 'pool' | 'account';
export type MeterScope = 'event' | 'cycle';

export interface Tier {
  /** Inclusive; undefined for the last. */
  readonly upTo: number | undefined;
  /** For each `per` raw units. */
  readonly unitPrice: Money;
}

/** How a meter's quantity becomes an amount. */
export type PriceModel =
  | { readonly model: 'per-unit'; readonly unitPrice: Money; readonly per: number }
  | { readonly model: 'package'; readonly packageSize: number; readonly packagePrice: Money }
  | { readonly model: 'graduated'; readonly tiers: readonly Tier[]; readonly per: number }
  | { readonly model: 'volume'; readonly tiers: readonly Tier[]; readonly per: number };

export interface MeteredPrice {
  readonly kind: 'metered';
  readonly function: PriceModel;
  /** A quantity above 0 counts as at least this. */
  readonly minimumQuantity: number;
  /** Quantities are rounded up to a multiple of it; 1 changes nothing. */
  readonly increment: number;
  readonly owner: MeterOwner;
  readonly scope: MeterScope;
}

export interface ZeroRatedPrice {
  readonly kind: 'zero-rated';
  readonly reason: string;
}

/** One version of a price. Its identity is (plan, id, effectiveFrom); a book may not change what that stands for. */
export interface Price extends Scope {
  readonly id: string;
  /** Undefined: in force from the start. */
  readonly effectiveFrom: number | undefined;
  readonly rule: MeteredPrice | ZeroRatedPrice;
}

export interface Plan {
  readonly id: string;
  readonly currency: string;
  /** Raw units that each member adds to a stacked pool, by the pool's rule. */
  readonly contributes: ReadonlyMap<string, number>;
  readonly allowances: readonly Allowance[];
  readonly prices: readonly Price[];
}

export interface PriceBook {
  readonly name: string;
  readonly version: number;
  readonly currency: string;
  /** Microseconds since 1970; in force for events from this time on. */
  readonly effectiveFrom: number;
  readonly author: string;
  readonly approver: string;
  readonly kilobyte: 1000 | 1024;
  readonly services: ReadonlyMap<string, ServiceDefinition>;
  /** Zone to its networks (PLMN codes). */
  readonly zones: ReadonlyMap<string, readonly string[]>;
  readonly pools: ReadonlyMap<string, PoolRule>;
  readonly addOns: ReadonlyMap<string, AddOn>;
  readonly plans: ReadonlyMap<string, Plan>;
}

/** `name@version`: how lines name a book. */
export function bookLabel(book: PriceBook): string {
  return `${book.name}@${book.version}`;
}

/** What is wrong in a price book, where, and what would mend it. */
export interface BookProblem {
  /** For example `plans.iot-stacked.prices[2].zones[0]`; empty for the document as a whole. */
  readonly path: string;
  readonly problem: string;
  readonly cure: string;
}
