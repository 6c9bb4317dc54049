/** Owners of meters and buckets as one number: which kind, and its number among its kind. */

const KINDS = 3;

export const subscriptionOwner = (number: number): number => number * KINDS;
export const poolOwner = (number: number): number => number * KINDS + 1;
export const accountOwner = (number: number): number => number * KINDS + 2;

export type OwnerKind = 'subscription' | 'pool' | 'account';

/** The kind of an owner, and its number among its kind. */
export function ownerOf(owner: number): { readonly kind: OwnerKind; readonly number: number } {
  const kind = owner % KINDS;
  const number = (owner - kind) / KINDS;
  return { kind: kind === 0 ? 'subscription' : kind === 1 ? 'pool' : 'account', number };
}
