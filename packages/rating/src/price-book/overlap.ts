/** Whether the criteria of two prices, place and hours aside, can hold for one event. */
import type { Price } from './price-book.ts';

export type Criteria = Pick<Price, 'rats' | 'apns' | 'ratingGroups' | 'direction'>;

export function criteriaMeet(left: Criteria, right: Criteria): boolean {
  return (
    share(left.rats, right.rats) &&
    share(left.apns, right.apns) &&
    share(left.ratingGroups, right.ratingGroups) &&
    (left.direction === undefined || right.direction === undefined || left.direction === right.direction)
  );
}

function share<Value>(left: readonly Value[] | undefined, right: readonly Value[] | undefined): boolean {
  return left === undefined || right === undefined || left.some((value) => right.includes(value));
}
