/**
 * What a quantity costs: F(q) of design section 3, in exact fractions, rounded once to 1e-12 half up. Written from the
 * rules: minimum quantity, then increment, then the model.
 */
import { parseAmount, roundHalfUp, roundUpTo } from './amounts.ts';
import { type Json, knownFields, list, optionalQuantity, quantity, text } from './json.ts';

interface Tier {
  /** Inclusive, in raw units; null for the last. */
  readonly upTo: bigint | null;
  readonly unitPrice: bigint;
}

type Model =
  | { readonly kind: 'per-unit'; readonly unitPrice: bigint; readonly per: bigint }
  | { readonly kind: 'package'; readonly size: bigint; readonly price: bigint }
  | { readonly kind: 'graduated'; readonly tiers: readonly Tier[]; readonly per: bigint };

export interface PriceFunction {
  readonly minimumQuantity: bigint;
  readonly increment: bigint;
  readonly model: Model;
}

/** Fields of a price that are not part of its function. */
const scopeFields = ['id', 'service', 'zones', 'effectiveFrom', 'model', 'meter', 'minimumQuantity', 'increment'];

/** @param kilobyte 1024 or 1000 */
export function readPriceFunction(price: Json, kilobyte: bigint): PriceFunction {
  return {
    minimumQuantity: optionalQuantity(price.minimumQuantity, kilobyte, 0n),
    increment: optionalQuantity(price.increment, kilobyte, 1n),
    model: readModel(price, kilobyte),
  };
}

function readModel(price: Json, kilobyte: bigint): Model {
  const per = optionalQuantity(price.per, kilobyte, 1n);
  switch (price.model) {
    case 'per-unit':
      knownFields(price, [...scopeFields, 'unitPrice', 'per']);
      return { kind: 'per-unit', unitPrice: parseAmount(text(price.unitPrice)), per };
    case 'package':
      knownFields(price, [...scopeFields, 'packageSize', 'packagePrice']);
      return {
        kind: 'package',
        size: quantity(price.packageSize, kilobyte),
        price: parseAmount(text(price.packagePrice)),
      };
    case 'graduated':
      knownFields(price, [...scopeFields, 'tiers', 'per']);
      return { kind: 'graduated', tiers: list(price.tiers).map((tier) => readTier(tier, kilobyte)), per };
    default:
      throw new Error(`The auditor does not know the model ${String(price.model)}.`);
  }
}

function readTier(tier: Json, kilobyte: bigint): Tier {
  knownFields(tier, ['upTo', 'unitPrice']);
  return {
    upTo: tier.upTo === undefined || tier.upTo === null ? null : quantity(tier.upTo, kilobyte),
    unitPrice: parseAmount(text(tier.unitPrice)),
  };
}

/** @returns count of 1e-12 currency units for a meter that stands at `total` raw units (>= 0) */
export function priceOf({ minimumQuantity, increment, model }: PriceFunction, total: bigint): bigint {
  const least = total > 0n && total < minimumQuantity ? minimumQuantity : total;
  const billed = roundUpTo(least, increment);
  switch (model.kind) {
    case 'per-unit':
      return roundHalfUp(billed * model.unitPrice, model.per);
    case 'package':
      return (roundUpTo(billed, model.size) / model.size) * model.price;
    case 'graduated':
      return roundHalfUp(graduated(model.tiers, billed), model.per);
    default:
      return model satisfies never;
  }
}

/** Each tier prices the part of the quantity inside it. Not yet divided by `per`. */
function graduated(tiers: readonly Tier[], billed: bigint): bigint {
  let sum = 0n;
  let below = 0n;
  for (const { upTo, unitPrice } of tiers) {
    if (upTo === null || billed <= upTo) return sum + (billed - below) * unitPrice;
    sum += (upTo - below) * unitPrice;
    below = upTo;
  }
  throw new Error('The last tier has an end.');
}
