/**
 * The buckets that an offer may draw, but for top-ups: an allowance's fresh quantity, what of it rolled over from the cycle
 * before, and the pool. Their order is the waterfall's (`waterfall.ts`) as far as it needs no event.
 */
import type { Allowance, BucketTerms, PoolRule, PriceBook } from '../price-book/price-book.ts';
import type { AllowanceItems } from './catalogue.ts';
import { type Claim, compareClaims, zoneCount } from './waterfall.ts';

/** Stands for the cycle of buckets that live once: no cycle has this index. */
export const ONCE = 0xffff_ffff;

export class BucketSource {
  readonly kind: 'fresh' | 'rolled-over' | 'pool';
  readonly terms: BucketTerms;
  readonly allowance: Allowance | undefined;
  readonly items: AllowanceItems | undefined;
  /** Of an allowance; empty for a pool. */
  readonly tariff: string;
  /** As in `LineRule.bucket`. */
  readonly name: string;
  readonly id: string;
  readonly boundToDevice: boolean;
  /** Microseconds; -Infinity where the bucket names no begin. */
  readonly begins: number;
  /** Microseconds; Infinity where it has no end, NaN where it ends with the event's cycle. */
  readonly ends: number;
  /** Tells it from all others of its offer. */
  readonly index: number;

  private constructor(base: Pick<BucketSource, 'kind' | 'terms' | 'items' | 'id' | 'name' | 'ends' | 'index'>) {
    const allowance = base.items?.allowance;
    this.kind = base.kind;
    this.terms = base.terms;
    this.allowance = allowance;
    this.items = base.items;
    this.tariff = allowance?.tariff ?? '';
    this.id = base.id;
    this.name = base.name;
    this.boundToDevice = allowance?.boundToDevice ?? false;
    this.begins = allowance?.validFrom ?? Number.NEGATIVE_INFINITY;
    this.ends = base.ends;
    this.index = base.index;
  }

  static ofAllowance(
    items: AllowanceItems,
    kind: 'fresh' | 'rolled-over',
    cycle: PriceBook['cycle'],
    index: number,
  ): BucketSource {
    const { allowance } = items;
    const { recurs, validTo = Number.POSITIVE_INFINITY, id } = allowance;
    const ends = recurs === 'once' || cycle === 'all' ? validTo : Number.NaN;
    return new BucketSource({ kind, terms: allowance, items, id, name: allowanceName(allowance, kind), ends, index });
  }

  static ofPool(rule: PoolRule, cycle: PriceBook['cycle'], index: number): BucketSource {
    const ends = cycle === 'all' ? Number.POSITIVE_INFINITY : Number.NaN;
    const { name: id } = rule;
    return new BucketSource({ kind: 'pool', terms: rule, items: undefined, id, name: `pool:${id}`, ends, index });
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

/** All cycles' ends are alike here: where a bucket has an end of its own, the order is worked out for the event. */
export function compareSources(left: BucketSource, right: BucketSource): number {
  return compareClaims(left.claim(0), right.claim(0));
}
