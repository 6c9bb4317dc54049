/**
 * What a quantity costs: F(q) of design section 3, in exact fractions, rounded once to 1e-12 half up. Written from the
 * rules: minimum quantity, then increment, then the model, then the connection fee.
 */
import { parseAmount, roundHalfUp, roundUpTo } from './amounts.ts';
import { type Json, knownFields, list, object, optionalQuantity, quantity, text } from './json.ts';

interface Tier {
  /** Inclusive, in raw units; null for the last. */
  readonly upTo: bigint | null;
  readonly unitPrice: bigint;
}

/** A share of amounts of money, event by event. */
export interface Percentage {
  readonly kind: 'percentage';
  /** Count of 1e-12 per cent. */
  readonly rate: bigint;
  /** Parts in one currency unit. */
  readonly parts: bigint;
  readonly freeEvents: number;
  readonly fixed: bigint;
  readonly minimum: bigint | null;
  readonly maximum: bigint | null;
}

type Model =
  | { readonly kind: 'per-unit'; readonly unitPrice: bigint; readonly per: bigint }
  | { readonly kind: 'package'; readonly size: bigint; readonly price: bigint }
  | { readonly kind: 'graduated' | 'volume'; readonly tiers: readonly Tier[]; readonly per: bigint }
  | Percentage;

export interface PriceFunction {
  readonly minimumQuantity: bigint;
  readonly increment: bigint;
  readonly connectFee: bigint;
  readonly model: Model;
}

/** Fields of a price that make its function; which of them a model may have is checked by model. */
export const functionFields = [
  ...[
    'model',
    'minimumQuantity',
    'increment',
    'connectFee',
    'unitPrice',
    'per',
    'packageSize',
    'packagePrice',
    'tiers',
  ],
  ...['ratePercent', 'perEvent'],
];

/** @param kilobyte 1024 or 1000. @param decimals of a service that counts money */
export function readPriceFunction(price: Json, kilobyte: bigint, decimals: number): PriceFunction {
  return {
    minimumQuantity: optionalQuantity(price.minimumQuantity, kilobyte, 0n),
    increment: optionalQuantity(price.increment, kilobyte, 1n),
    connectFee: price.connectFee === undefined ? 0n : parseAmount(text(price.connectFee)),
    model: readModel(price, kilobyte, decimals),
  };
}

function readModel(price: Json, kilobyte: bigint, decimals: number): Model {
  const per = optionalQuantity(price.per, kilobyte, 1n);
  const only = (...fields: readonly string[]): void => {
    const others = functionFields.filter((field) => !fields.includes(field));
    const wrong = others.find((field) => price[field] !== undefined && !common.includes(field));
    if (wrong !== undefined) throw new Error(`The auditor does not know "${wrong}" of ${String(price.model)}.`);
  };
  switch (price.model) {
    case 'per-unit':
      only('unitPrice', 'per');
      return { kind: 'per-unit', unitPrice: parseAmount(text(price.unitPrice)), per };
    case 'package':
      only('packageSize', 'packagePrice');
      return {
        kind: 'package',
        size: quantity(price.packageSize, kilobyte),
        price: parseAmount(text(price.packagePrice)),
      };
    case 'graduated':
    case 'volume':
      only('tiers', 'per');
      return { kind: price.model, tiers: list(price.tiers).map((tier) => readTier(tier, kilobyte)), per };
    case 'percentage':
      only('ratePercent', 'perEvent');
      return readPercentage(price, decimals);
    default:
      throw new Error(`The auditor does not know the model ${String(price.model)}.`);
  }
}

const common = ['model', 'minimumQuantity', 'increment', 'connectFee'];

function readTier(tier: Json, kilobyte: bigint): Tier {
  knownFields(tier, ['upTo', 'unitPrice']);
  return {
    upTo: tier.upTo === undefined || tier.upTo === null ? null : quantity(tier.upTo, kilobyte),
    unitPrice: parseAmount(text(tier.unitPrice)),
  };
}

function readPercentage(price: Json, decimals: number): Percentage {
  const perEvent = object(price.perEvent ?? {});
  knownFields(perEvent, ['freeEvents', 'fixed', 'minimum', 'maximum']);
  const optional = (value: unknown): bigint | null => (value === undefined ? null : parseAmount(text(value)));
  return {
    kind: 'percentage',
    rate: parseAmount(text(price.ratePercent)),
    parts: 10n ** BigInt(decimals),
    freeEvents: Number(perEvent.freeEvents ?? 0),
    fixed: optional(perEvent.fixed) ?? 0n,
    minimum: optional(perEvent.minimum),
    maximum: optional(perEvent.maximum),
  };
}

/** @returns count of 1e-12 currency units for a meter that was reached and stands at `total` raw units (>= 0) */
export function priceOf({ minimumQuantity, increment, connectFee, model }: PriceFunction, total: bigint): bigint {
  const least = total > 0n && total < minimumQuantity ? minimumQuantity : total;
  return amountOf(model, roundUpTo(least, increment)) + connectFee;
}

function amountOf(model: Model, billed: bigint): bigint {
  switch (model.kind) {
    case 'per-unit':
      return roundHalfUp(billed * model.unitPrice, model.per);
    case 'package':
      return (roundUpTo(billed, model.size) / model.size) * model.price;
    case 'graduated':
      return roundHalfUp(graduated(model.tiers, billed), model.per);
    case 'volume':
      return roundHalfUp(billed * tierOf(model.tiers, billed).unitPrice, model.per);
    case 'percentage':
      throw new Error('A percentage is told of each event.');
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

function tierOf(tiers: readonly Tier[], billed: bigint): Tier {
  const tier = tiers.find(({ upTo }) => upTo === null || billed <= upTo);
  if (tier === undefined) throw new Error('The last tier has an end.');
  return tier;
}

/**
 * What the next event of a meter costs, in counts of 1e-12 of a hundredth of a part: to be divided by `parts` and 100
 * once all are summed up.
 * @param earlier events of the meter before it
 */
export function percentageOf(model: Percentage, earlier: number, quantity: bigint): bigint {
  if (earlier < model.freeEvents) return 0n;
  const whole = model.parts * 100n;
  let amount = quantity * model.rate + model.fixed * whole;
  if (model.minimum !== null && amount < model.minimum * whole) amount = model.minimum * whole;
  if (model.maximum !== null && amount > model.maximum * whole) amount = model.maximum * whole;
  return amount;
}

/** Sum of `percentageOf`, as an amount. */
export function percentageTotal(model: Percentage, sum: bigint): bigint {
  return roundHalfUp(sum, model.parts * 100n);
}
