/**
 * Prices as a product owner writes them down: decimal strings, quantities in the unit that the price speaks of. `definition`
 * turns one into the integers that the engine takes; the oracle reads it as it stands.
 */
import { parseMoney } from '../../src/money.ts';
import type {
  MeterScope,
  PerEventTerms,
  PriceFunctionDefinition,
  PriceModel,
  Rounding,
  RoundingMode,
} from '../../src/price-book/price-book.ts';

export interface CaseTier {
  /** Inclusive; absent for the last. */
  readonly upTo?: string;
  readonly unitPrice?: string;
  readonly flatPrice?: string;
  readonly ratePercent?: string;
  readonly increment?: string;
  readonly unitSize?: string;
}

export interface CasePrice {
  readonly model: PriceModel['model'];
  readonly scope?: MeterScope;
  readonly unitPrice?: string;
  readonly flatPrice?: string;
  readonly packageSize?: string;
  readonly packagePrice?: string;
  readonly packageRounding?: RoundingMode;
  readonly ratePercent?: string;
  readonly tiers?: readonly CaseTier[];
  readonly freeEvents?: number;
  readonly fixedPerEvent?: string;
  readonly perEventMinimum?: string;
  readonly perEventMaximum?: string;
  readonly minimumQuantity?: string;
  readonly increment?: string;
  readonly incrementRounding?: RoundingMode;
  readonly unitSize?: string;
  readonly freeUnits?: string;
  readonly connectFee?: string;
  readonly discountPercent?: string;
  readonly maximum?: string;
  readonly minimum?: string;
  readonly rounding?: Rounding;
}

/** Whether the price looks at each event. */
export function isPerEvent(price: CasePrice): boolean {
  return (
    price.freeEvents !== undefined ||
    price.fixedPerEvent !== undefined ||
    price.perEventMinimum !== undefined ||
    price.perEventMaximum !== undefined
  );
}

/** A decimal as a whole number of 10^-decimals. */
export function whole(decimal: string, decimals: number): number {
  const [units = '0', fraction = ''] = decimal.split('.');
  if (fraction.length > decimals) throw new RangeError(`${decimal} has more than ${decimals} decimals`);
  return Number(units + fraction.padEnd(decimals, '0'));
}

/** The definition in raw units, which are 10^-decimals of the case's. */
export function definition(price: CasePrice, decimals = 0): PriceFunctionDefinition {
  const unit = BigInt(price.unitSize ?? '1');
  /** Sizes and bounds are in units of the price. */
  const size = (decimal: string): number => Number(BigInt(whole(decimal, decimals)) * unit);
  const money = (decimal: string | undefined): bigint | undefined =>
    decimal === undefined ? undefined : parseMoney(decimal);
  return {
    model: modelOf(price, size),
    minimumQuantity: whole(price.minimumQuantity ?? '0', decimals),
    increment: price.increment === undefined ? 1 : whole(price.increment, decimals),
    incrementRounding: price.incrementRounding ?? 'up',
    freeUnits: isPerEvent(price) ? 0 : size(price.freeUnits ?? '0'),
    connectFee: money(price.connectFee) ?? 0n,
    discountPercent: money(price.discountPercent) ?? 0n,
    maximum: money(price.maximum),
    minimum: money(price.minimum),
    rounding: price.rounding,
  };
}

function modelOf(price: CasePrice, size: (decimal: string) => number): PriceModel {
  const money = (decimal: string | undefined): bigint => parseMoney(decimal ?? '0');
  const upTo = (tier: CaseTier): number | undefined => (tier.upTo === undefined ? undefined : size(tier.upTo));
  const tiers = price.tiers ?? [];
  switch (price.model) {
    case 'per-unit':
      return { model: 'per-unit', unitPrice: money(price.unitPrice), per: size('1') };
    case 'flat':
      return { model: 'flat', flatPrice: money(price.flatPrice) };
    case 'package':
      return {
        model: 'package',
        packageSize: size(price.packageSize ?? '1'),
        packagePrice: money(price.packagePrice),
        packageRounding: price.packageRounding ?? 'up',
      };
    case 'graduated':
    case 'volume':
      return {
        model: price.model,
        tiers: tiers.map((tier) => ({
          upTo: upTo(tier),
          unitPrice: money(tier.unitPrice),
          per: size(tier.unitSize ?? '1'),
          flatPrice: money(tier.flatPrice),
          increment: tier.increment === undefined ? 1 : size(tier.increment),
        })),
      };
    case 'stairstep':
      return {
        model: 'stairstep',
        tiers: tiers.map((tier) => ({ upTo: upTo(tier), flatPrice: money(tier.flatPrice) })),
      };
    case 'percentage':
      return {
        model: 'percentage',
        ratePercent: money(price.ratePercent),
        per: size('1'),
        perEvent: isPerEvent(price) ? perEventOf(price, size) : undefined,
      };
    case 'graduated-percentage':
      return {
        model: 'graduated-percentage',
        per: size('1'),
        tiers: tiers.map((tier) => ({
          upTo: upTo(tier),
          ratePercent: money(tier.ratePercent),
          flatPrice: money(tier.flatPrice),
        })),
      };
    default:
      return price.model satisfies never;
  }
}

function perEventOf(price: CasePrice, size: (decimal: string) => number): PerEventTerms {
  return {
    freeEvents: price.freeEvents,
    freeAmount: price.freeUnits === undefined ? undefined : size(price.freeUnits),
    fixedPerEvent: parseMoney(price.fixedPerEvent ?? '0'),
    minimum: price.perEventMinimum === undefined ? undefined : parseMoney(price.perEventMinimum),
    maximum: price.perEventMaximum === undefined ? undefined : parseMoney(price.perEventMaximum),
  };
}
