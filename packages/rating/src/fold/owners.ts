/** Owners of meters and buckets as one number: which kind, and its number among its kind. */

const KINDS = 3;

export const subscriptionOwner = (number: number): number => number * KINDS;
export const poolOwner = (number: number): number => number * KINDS + 1;
export const accountOwner = (number: number): number => number * KINDS + 2;
