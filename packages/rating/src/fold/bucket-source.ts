/**
 * The buckets that a route may draw, but for top-ups: an allowance's fresh quantity, what of it rolled over from the cycle
 * before, and the pool. Their order is the waterfall's (`waterfall.ts`) as far as it needs no event.
 */
import type { LineRule } from '../contract.ts';
import type { Allowance, BucketTerms, PoolRule } from '../price-book/price-book.ts';
import type { AllowanceItems } from './catalogue.ts';
import type { Route } from './route.ts';
import { type Claim, compareClaims, zoneCount } from './waterfall.ts';

/** Stands for the cycle of buckets that live once: no cycle has this index. */
export const ONCE = 0xffff_ffff;

export class BucketSource {
  readonly kind: 'fresh' | 'rolled-over' | 'pool';
  readonly terms: BucketTerms;
  readonly allowance: Allowance | undefined;
  readonly items: AllowanceItems | undefined;
  /** As in `LineRule.bucket`. */
  readonly name: string;
  readonly id: string;
  readonly boundToDevice: boolean;
  /** Microseconds; -Infinity where the bucket names no begin. */
  readonly begins: number;
  /** Microseconds; Infinity where it has no end, NaN where it ends with the event's cycle. */
  readonly ends: number;
  readonly #route: Route;
  #rule: LineRule | undefined;

  private constructor(
    route: Route,
    kind: BucketSource['kind'],
    terms: BucketTerms,
    id: string,
    name: string,
    items: AllowanceItems | undefined,
    ends: number,
  ) {
    const allowance = items?.allowance;
    this.#route = route;
    this.kind = kind;
    this.terms = terms;
    this.allowance = allowance;
    this.items = items;
    this.id = id;
    this.name = name;
    this.boundToDevice = allowance?.boundToDevice ?? false;
    this.begins = allowance?.validFrom ?? Number.NEGATIVE_INFINITY;
    this.ends = ends;
  }

  static ofAllowance(route: Route, items: AllowanceItems, kind: 'fresh' | 'rolled-over'): BucketSource {
    const { allowance } = items;
    const once = allowance.recurs === 'once' || route.book.book.cycle === 'all';
    const ends = once ? (allowance.validTo ?? Number.POSITIVE_INFINITY) : Number.NaN;
    return new BucketSource(route, kind, allowance, allowance.id, allowanceName(allowance, kind), items, ends);
  }

  static ofPool(route: Route, rule: PoolRule): BucketSource {
    const ends = route.book.book.cycle === 'all' ? Number.POSITIVE_INFINITY : Number.NaN;
    return new BucketSource(route, 'pool', rule, rule.name, `pool:${rule.name}`, undefined, ends);
  }

  rule(period: string): LineRule {
    const last = this.#rule;
    if (last !== undefined && last.period === period) return last;
    const rule = bucketRule(this.#route, period, this.name);
    this.#rule = rule;
    return rule;
  }

  /** The claim for an event whose cycle ends at a time. */
  claim(cycleEnd: number): Claim {
    return {
      priority: this.terms.priority,
      zoneCount: zoneCount(this.terms),
      rolledOver: this.kind === 'rolled-over',
      expires: Number.isNaN(this.ends) ? cycleEnd : this.ends,
      granted: this.begins,
      id: this.id,
      name: this.name,
    };
  }
}

/** How lines name an allowance's bucket. */
export function allowanceName({ tariff, id, owner }: Allowance, kind: 'fresh' | 'rolled-over'): string {
  const word = kind === 'fresh' ? 'allowance' : 'rollover';
  return `${owner === 'account' ? 'account-' : ''}${word}:${tariff}/${id}`;
}

/** The rule of lines that a bucket covers. */
export function bucketRule(route: Route, period: string, bucket: string): LineRule {
  return route.catalogue.rules.of({
    period,
    zone: route.zone,
    tag: 'in-bundle',
    leg: 'retail',
    unit: route.service?.unit ?? '',
    currency: route.plan.currency,
    priceBook: route.book.label,
    price: '',
    reason: '',
    bucket,
    meter: '',
  });
}

/** All cycles' ends are alike here: where a bucket has an end of its own, the order is worked out for the event. */
export function compareSources(left: BucketSource, right: BucketSource): number {
  return compareClaims(left.claim(0), right.claim(0));
}
