/** Whether a price or a bucket is for one kind of use: every criterion that it gives has to hold. */
import type { Scope } from '../price-book/price-book.ts';

/** What is used, as one book sees it. */
export interface Use {
  readonly service: string;
  /** Undefined where the network is absent or in no zone. */
  readonly zone: string | undefined;
  /** Empty where absent, or where no criterion of the book names the value; so are apn and (-1) ratingGroup. */
  readonly rat: string;
  readonly apn: string;
  readonly ratingGroup: number;
  /** Undefined where the network is absent or the book knows no home networks. */
  readonly roaming: boolean | undefined;
}

export function fits(scope: Scope, use: Use): boolean {
  if (scope.zones !== undefined && (use.zone === undefined || !scope.zones.includes(use.zone))) return false;
  return fitsBesideZone(scope, use);
}

/** True if everything but the zone holds. */
export function fitsBesideZone(scope: Scope, use: Use): boolean {
  return (
    (scope.services === undefined || scope.services.includes(use.service)) &&
    (scope.rats === undefined || scope.rats.includes(use.rat)) &&
    (scope.apns === undefined || scope.apns.includes(use.apn)) &&
    (scope.ratingGroups === undefined || scope.ratingGroups.includes(use.ratingGroup)) &&
    (scope.roaming === undefined || scope.roaming === use.roaming)
  );
}
