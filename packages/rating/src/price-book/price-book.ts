/**
 * A price book as the domain holds it after validation: quantities in raw units (bytes, seconds, messages, or the parts
 * that a money service counts in), prices as money, times in microseconds. `validate.ts` is the only way to make one;
 * everything here may be trusted.
 *
 * Two words that the rest of the room leans on:
 * - a **tariff** is a named set of prices and allowances that any number of plans use. A plan's own prices and allowances
 *   are the tariff of the plan's name. What has state (a meter, a bucket) belongs to (tariff, id, effectiveFrom), so plans
 *   that share a tariff share an account's meters and buckets, and a move between such plans continues them.
 * - a **criterion** that is undefined holds for everything.
 */
import type { Money } from '../contract.ts';

export type Unit = 'bytes' | 'seconds' | 'messages' | 'money';
/**
 * What is counted of an event: octets up, down, both or the greater of the two; its seconds; its units; the third party's
 * amount. A service of seconds that counts units counts time that is reported and does not last: nothing cuts it.
 */
export type Counts = 'up' | 'down' | 'both' | 'greater' | 'seconds' | 'units' | 'amount';

export interface ServiceDefinition {
  readonly name: string;
  readonly unit: Unit;
  readonly counts: Counts;
  /** Of a money service: it counts in 10^-decimals currency units (0 to 12). 0 for all others. */
  readonly decimals: number;
}

export type RoundingMode = 'up' | 'down' | 'half-up' | 'half-even';

/** Where a price or an allowance applies. An event fits if every criterion that is given holds. */
export interface Scope {
  readonly services: readonly string[] | undefined;
  /** Undefined: everywhere, also where no zone is known. */
  readonly zones: readonly string[] | undefined;
  readonly rats: readonly string[] | undefined;
  readonly apns: readonly string[] | undefined;
  readonly ratingGroups: readonly number[] | undefined;
  /** True: only networks that are not among the book's `homeNetworks`; false: only those. */
  readonly roaming: boolean | undefined;
}

export type Proration = 'none' | 'second';

/** What every bucket has, whoever owns it. */
export interface BucketTerms extends Scope {
  /** Raw units. Of a stacked pool 0: its size is the sum of the contributions. */
  readonly quantity: number;
  /** Lower is drawn first. */
  readonly priority: number;
  /** Only whole steps are drawn, and a started step is used up: covered = min(wanted, floor(free / step) * step). 1: none. */
  readonly step: number;
  /** What one subscription may draw in a cycle (or in the bucket's life); undefined: all of it. */
  readonly limitPerSubscription: number | undefined;
  /** `stop`: lines past its end say that the network should have stopped; they are charged all the same. */
  readonly atEnd: 'overage' | 'stop';
}

export interface Rollover {
  /** Raw units at most; undefined: no such limit. */
  readonly maximum: number | undefined;
  /** Of the bucket's fresh size, in 1e-12 per cent (100 % is 100 * 10^12); undefined: no such limit. */
  readonly maximumPercent: bigint | undefined;
}

/** A bucket that a tariff grants to each subscription, or once to each account. */
export interface Allowance extends BucketTerms {
  readonly tariff: string;
  readonly id: string;
  readonly owner: 'subscription' | 'account';
  /** `cycle`: full again at each cycle's start; `once`: one bucket for all time. */
  readonly recurs: 'cycle' | 'once';
  /** Microseconds, inclusive; undefined: from ever. */
  readonly validFrom: number | undefined;
  /** Microseconds, exclusive; undefined: for ever. */
  readonly validTo: number | undefined;
  readonly proration: Proration;
  /** Unused fresh quantity of a cycle can be drawn in the one that follows, before that one's own. */
  readonly rollover: Rollover | undefined;
  /** Only for use with the device of the subscription's fact. */
  readonly boundToDevice: boolean;
}

/** Who adds to a stacked pool. */
export type Contributors = 'active' | 'billed' | 'peak';
/** How overage of a pool is shared out among its members at settlement. */
export type OverageAllocation = 'usage' | 'excess' | 'chronological' | 'pool';

/** How a pool that names this rule gets its size. */
export interface PoolRule extends BucketTerms {
  readonly name: string;
  readonly kind: 'stacked' | 'fixed';
  readonly proration: Proration;
  readonly contributors: Contributors;
  /** Whether a suspended member still contributes. */
  readonly suspension: 'keeps' | 'shrinks';
  readonly allocation: OverageAllocation;
}

/** What a top-up of this name grants. */
export interface AddOn extends BucketTerms {
  readonly name: string;
  readonly boundToDevice: boolean;
}

export type MeterOwner = 'subscription' | 'pool' | 'account';
export type MeterScope = 'event' | 'session' | 'day' | 'cycle';

/** A tier of a graduated or volume price. */
export interface Tier {
  /** Raw units, inclusive; undefined for the last. */
  readonly upTo: number | undefined;
  /** For each `per` raw units. */
  readonly unitPrice: Money;
  readonly per: number;
  /** Due once the tier is reached (graduated), or if the quantity lies in it (volume). */
  readonly flatPrice: Money;
  /** What the tier prices is rounded up to a multiple of it; 1 changes nothing. */
  readonly increment: number;
}

export interface StairTier {
  readonly upTo: number | undefined;
  readonly flatPrice: Money;
}

export interface PercentTier {
  /** In the service's parts of a currency unit, inclusive. */
  readonly upTo: number | undefined;
  /** In 1e-12 per cent. */
  readonly ratePercent: bigint;
  readonly flatPrice: Money;
}

/** What looks at each event of a percentage's meter, in order (cases: per-event terms). */
export interface PerEventTerms {
  /** The amounts of the first so many events are free; undefined: no such limit. */
  readonly freeEvents: number | undefined;
  /** In parts: at most so much is free; undefined: no such limit. One of the two is given, or nothing is free. */
  readonly freeAmount: number | undefined;
  readonly fixedPerEvent: Money;
  readonly minimum: Money | undefined;
  readonly maximum: Money | undefined;
}

/** How a meter's quantity becomes an amount. Rates are in 1e-12 per cent; `per` of a percentage is the parts of one unit. */
export type PriceModel =
  | { readonly model: 'per-unit'; readonly unitPrice: Money; readonly per: number }
  | { readonly model: 'flat'; readonly flatPrice: Money }
  | {
      readonly model: 'package';
      readonly packageSize: number;
      readonly packagePrice: Money;
      readonly packageRounding: RoundingMode;
    }
  | { readonly model: 'graduated'; readonly tiers: readonly Tier[] }
  | { readonly model: 'volume'; readonly tiers: readonly Tier[] }
  | { readonly model: 'stairstep'; readonly tiers: readonly StairTier[] }
  | {
      readonly model: 'percentage';
      readonly ratePercent: bigint;
      readonly per: number;
      readonly perEvent: PerEventTerms | undefined;
    }
  | { readonly model: 'graduated-percentage'; readonly tiers: readonly PercentTier[]; readonly per: number };

export interface Rounding {
  /** 0 to 12. */
  readonly digits: number;
  readonly mode: RoundingMode;
}

/**
 * A price function with what is around its model, in this order (cases/README of the peers' cases, step 8):
 * minimumQuantity (if above 0) -> increment -> freeUnits -> model -> connectFee -> discount -> maximum -> minimum (scope
 * event only; else it is a commitment, trued up at the close of the scope) -> one rounding.
 */
export interface PriceFunctionDefinition {
  readonly model: PriceModel;
  /** A quantity above 0 counts as at least this; 0 changes nothing. */
  readonly minimumQuantity: number;
  /** Quantities are rounded to a multiple of it; 1 changes nothing. */
  readonly increment: number;
  readonly incrementRounding: RoundingMode;
  /** Raw units that cost nothing, after the increment. */
  readonly freeUnits: number;
  /** Once for each instance of the meter (scope event or session) that anything reached. */
  readonly connectFee: Money;
  /** In 1e-12 per cent. */
  readonly discountPercent: bigint;
  readonly maximum: Money | undefined;
  readonly minimum: Money | undefined;
  /** Undefined: 12 digits, half-up. */
  readonly rounding: Rounding | undefined;
}

export interface MeteredPrice extends PriceFunctionDefinition {
  readonly kind: 'metered';
  readonly owner: MeterOwner;
  readonly scope: MeterScope;
  /** An event that allowances cover wholly still reaches the meter, with quantity 0: fees and flat prices are due. */
  readonly feesWhenCovered: boolean;
}

export interface ZeroRatedPrice {
  readonly kind: 'zero-rated';
  readonly reason: string;
}

/** A stretch of the local wall clock. Days and dates are those of the local calendar day of the instant itself. */
export interface Band {
  /** 1 is Monday; undefined: every day. */
  readonly days: readonly number[] | undefined;
  /** MM-DD or YYYY-MM-DD; undefined: every date. */
  readonly dates: readonly string[] | undefined;
  /** Seconds of the day, inclusive. */
  readonly from: number;
  /** Seconds of the day, exclusive, at most 86400; at or below `from`: past midnight. */
  readonly to: number;
}

export type Leg = 'retail' | 'wholesale';

/**
 * One version of a price. Its identity is (tariff, id, effectiveFrom); a book may not change what that stands for.
 *
 * Of the prices of a leg that fit: the lowest `priority`, then one that names zones before one that does not, then the
 * latest `effectiveFrom`. Of versions with one id only the latest that is not after the event is looked at.
 */
export interface Price extends Scope {
  readonly tariff: string;
  readonly id: string;
  readonly leg: Leg;
  /** Microseconds, inclusive; undefined: in force from the start. */
  readonly effectiveFrom: number | undefined;
  /** Lower wins; 0 unless given. */
  readonly priority: number;
  /** Octets of one direction only; undefined: what the service counts. A service is priced whole or by direction. */
  readonly direction: 'up' | 'down' | undefined;
  /** Any of them has to hold; undefined: always. */
  readonly bands: readonly Band[] | undefined;
  /** What happens to an event that lasts past the end of its band: cut there, or priced whole as it began. */
  readonly bandSplit: 'cut' | 'start';
  readonly rule: MeteredPrice | ZeroRatedPrice;
}

/** A named set of prices and allowances that plans use. */
export interface Tariff {
  readonly name: string;
  readonly allowances: readonly Allowance[];
  readonly prices: readonly Price[];
}

export interface Plan {
  readonly id: string;
  readonly currency: string;
  /** Raw units that each member adds to a stacked pool, by the pool's rule. */
  readonly contributes: ReadonlyMap<string, number>;
  /** Names of the tariffs it uses; its own, of its own name, is the first. */
  readonly tariffs: readonly string[];
  /** Of all its tariffs. */
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
  /** `month`: calendar months of the account's time zone; `all`: one cycle for all time. */
  readonly cycle: 'month' | 'all';
  /** Which instant of an event that crosses a boundary says in what cycle and day it is. */
  readonly attribution: 'start' | 'end';
  readonly services: ReadonlyMap<string, ServiceDefinition>;
  /** PLMN codes of the own network; empty: nothing is known of roaming. */
  readonly homeNetworks: ReadonlySet<string>;
  /** Zone to its networks (PLMN codes). */
  readonly zones: ReadonlyMap<string, readonly string[]>;
  readonly pools: ReadonlyMap<string, PoolRule>;
  readonly addOns: ReadonlyMap<string, AddOn>;
  /** All tariffs, those of plans (named like the plan) included. */
  readonly tariffs: ReadonlyMap<string, Tariff>;
  readonly plans: ReadonlyMap<string, Plan>;
  /** Tariffs whose wholesale prices hold for every plan. */
  readonly wholesale: readonly string[];
  /** Currency of wholesale prices: what partners charge us in. */
  readonly wholesaleCurrency: string;
  /** `required`: an event without a wholesale price waits in suspense (COST_NOT_FOUND). */
  readonly costs: 'optional' | 'required';
  /** Per cents of a bucket's size, rising, at which a line says so; for example 50, 75, 80, 90, 100. */
  readonly thresholds: readonly number[];
  /** Invoice lines: to the currency's minor unit, half-up by default. */
  readonly invoiceRounding: RoundingMode;
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
