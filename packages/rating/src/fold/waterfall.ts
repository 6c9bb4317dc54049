/**
 * The order in which buckets are drawn: explicit priority (lower first), then the narrower zone list, then rolled-over
 * before fresh, then the earliest end, then the earliest begin, then the id. A total order, so the draw is the same
 * everywhere.
 */
import type { Scope } from '../price-book/price-book.ts';

/** What the order looks at. */
export interface Claim {
  readonly priority: number;
  /** Number of zones; Infinity where the bucket covers everything. */
  readonly zoneCount: number;
  readonly rolledOver: boolean;
  /** Microseconds, exclusive; Infinity where it has no end. */
  readonly expires: number;
  /** Microseconds; -Infinity where it has no begin. */
  readonly granted: number;
  readonly id: string;
  /** Tells buckets of one id apart. */
  readonly name: string;
}

/** Negative if `left` is drawn before `right`. */
export function compareClaims(left: Claim, right: Claim): number {
  if (left.priority !== right.priority) return left.priority - right.priority;
  if (left.zoneCount !== right.zoneCount) return left.zoneCount < right.zoneCount ? -1 : 1;
  if (left.rolledOver !== right.rolledOver) return left.rolledOver ? -1 : 1;
  if (left.expires !== right.expires) return left.expires < right.expires ? -1 : 1;
  if (left.granted !== right.granted) return left.granted < right.granted ? -1 : 1;
  if (left.id !== right.id) return left.id < right.id ? -1 : 1;
  if (left.name === right.name) return 0;
  return left.name < right.name ? -1 : 1;
}

export function zoneCount(scope: Scope): number {
  return scope.zones?.length ?? Number.POSITIVE_INFINITY;
}
