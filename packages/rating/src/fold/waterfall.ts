/**
 * The order in which buckets are drawn: explicit priority (lower first), then the narrower zone list, then rolled-over
 * before fresh, then the earliest expiry, then the earliest grant, then the id. A total order, so the draw is the same
 * everywhere.
 */
import type { Scope } from '../price-book/price-book.ts';

/** What the order looks at. */
export interface Claim {
  readonly priority: number;
  /** Number of zones; Infinity where the bucket covers everything. */
  readonly zoneCount: number;
  readonly rolledOver: boolean;
  /** Microseconds, exclusive. */
  readonly expires: number;
  readonly granted: number;
  /** Bucket id, or what tells the buckets of one event apart in the same order. */
  readonly id: string;
}

/** Negative if `left` is drawn before `right`. */
export function compareClaims(left: Claim, right: Claim): number {
  if (left.priority !== right.priority) return left.priority - right.priority;
  if (left.zoneCount !== right.zoneCount) return left.zoneCount < right.zoneCount ? -1 : 1;
  if (left.rolledOver !== right.rolledOver) return left.rolledOver ? -1 : 1;
  if (left.expires !== right.expires) return left.expires - right.expires;
  if (left.granted !== right.granted) return left.granted - right.granted;
  if (left.id === right.id) return 0;
  return left.id < right.id ? -1 : 1;
}

export function zoneCount(scope: Scope): number {
  return scope.zones?.length ?? Number.POSITIVE_INFINITY;
}

/** True if a bucket or price covers a service in a zone ('' where no zone is known). */
export function covers(scope: Scope, service: string, zone: string): boolean {
  return scope.service === service && (scope.zones === undefined || scope.zones.includes(zone));
}
