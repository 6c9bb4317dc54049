/**
 * A price function in words, for people who ask why a line costs what it costs. The first phrase is the model; the others
 * are what is around it, in the order in which it is applied. Phrases have no full stop, so that they can stand in a list
 * or a sentence.
 */
import type { Money } from '../contract.ts';
import { formatMoney, MONEY_UNIT } from '../money.ts';
import type {
  MeterScope,
  PercentTier,
  PerEventTerms,
  PriceFunctionDefinition,
  PriceModel,
  StairTier,
  Tier,
} from '../price-book/price-book.ts';

/** A price function; with the scope, if it is known, its minimum can be told from a commitment. */
export type Described = PriceFunctionDefinition & { readonly scope?: MeterScope };

/** How the words for amounts and quantities are made. */
interface Words {
  readonly money: (amount: Money) => string;
  /** A quantity of the meter; of a percentage an amount of money. */
  readonly quantity: (raw: number) => string;
  /** The same after "for each": `message`, `1,000 bytes`. */
  readonly each: (raw: number) => string;
}

export function modelInWords(definition: Described, unit: string, currency: string): string[] {
  const money = (amount: Money): string => `${formatMoney(amount)} ${currency}`;
  const { model } = definition;
  const isPercentage = model.model === 'percentage' || model.model === 'graduated-percentage';
  const parts = isPercentage ? model.per : 0;
  const quantity = (raw: number): string =>
    isPercentage ? money((BigInt(raw) * MONEY_UNIT) / BigInt(parts)) : quantityInWords(raw, unit);
  const each = (raw: number): string => (raw === 1 ? singular(unit) : quantity(raw));
  const words = { money, quantity, each };
  const perEvent =
    model.model === 'percentage' && model.perEvent !== undefined ? perEventInWords(model.perEvent, words) : [];
  return [priced(model, words), ...perEvent, ...before(definition, words), ...after(definition, words)];
}

/** A quantity with its unit, digits grouped by commas: `1,048,576 bytes`, `1 message`. */
export function quantityInWords(quantity: number | bigint | string, unit: string): string {
  const digits = String(quantity);
  return `${digits.replace(/\B(?=(\d{3})+$)/g, ',')} ${digits === '1' ? singular(unit) : unit}`;
}

function singular(unit: string): string {
  return unit.replace(/s$/, '');
}

function priced(model: PriceModel, words: Words): string {
  const { money, each } = words;
  switch (model.model) {
    case 'per-unit':
      return `${money(model.unitPrice)} for each ${each(model.per)}`;
    case 'flat':
      return `${money(model.flatPrice)}, whatever the quantity`;
    case 'package':
      return model.packageRounding === 'up'
        ? `${money(model.packagePrice)} for each started ${each(model.packageSize)}`
        : `${money(model.packagePrice)} for each ${each(model.packageSize)}, their number rounded ${model.packageRounding}`;
    case 'graduated':
      return `graduated, each tier for the part inside it: ${tiers(model.tiers, words)}`;
    case 'volume':
      return `by volume, one tier for all of it: ${tiers(model.tiers, words)}`;
    case 'stairstep':
      return `by the tier that all of it lies in: ${stairs(model.tiers, words)}`;
    case 'percentage':
      return `${percent(model.ratePercent)} of the amount`;
    case 'graduated-percentage':
      return `graduated, each tier for the part inside it: ${percentTiers(model.tiers, words)}`;
    default:
      return model satisfies never;
  }
}

function tiers(list: readonly Tier[], words: Words): string {
  const tier = ({ upTo, unitPrice, per, flatPrice, increment }: Tier): string =>
    bound(upTo, words) +
    (flatPrice === 0n ? '' : `${words.money(flatPrice)} plus `) +
    `${words.money(unitPrice)} for each ${words.each(per)}` +
    (increment === 1 ? '' : `, counted by started ${words.quantity(increment)}`);
  return list.map(tier).join('; ');
}

function stairs(list: readonly StairTier[], words: Words): string {
  return list.map(({ upTo, flatPrice }) => bound(upTo, words) + words.money(flatPrice)).join('; ');
}

function percentTiers(list: readonly PercentTier[], words: Words): string {
  const tier = ({ upTo, ratePercent, flatPrice }: PercentTier): string =>
    bound(upTo, words) + (flatPrice === 0n ? '' : `${words.money(flatPrice)} plus `) + percent(ratePercent);
  return list.map(tier).join('; ');
}

function bound(upTo: number | undefined, { quantity }: Words): string {
  return upTo === undefined ? 'above ' : `up to ${quantity(upTo)} `;
}

/** Rates have the same 12 decimals as money. */
function percent(rate: bigint): string {
  return `${formatMoney(rate)} %`;
}

function perEventInWords(terms: PerEventTerms, { money, quantity }: Words): string[] {
  const { freeEvents, freeAmount, fixedPerEvent, minimum, maximum } = terms;
  const most = freeAmount === undefined ? '' : quantity(freeAmount);
  const free =
    freeEvents === undefined
      ? `the first ${most} are free`
      : `the first ${freeEvents} events are free${most === '' ? '' : `, up to ${most} in all`}`;
  return [
    ...(freeEvents === undefined && freeAmount === undefined ? [] : [free]),
    ...(fixedPerEvent === 0n ? [] : [`each event that is not free costs ${money(fixedPerEvent)} more`]),
    ...(minimum === undefined ? [] : [`such an event costs at least ${money(minimum)}`]),
    ...(maximum === undefined ? [] : [`such an event costs at most ${money(maximum)}`]),
  ];
}

/** What is done to the quantity. */
function before(definition: Described, { quantity }: Words): string[] {
  const { minimumQuantity, increment, incrementRounding, freeUnits } = definition;
  return [
    ...(minimumQuantity === 0 ? [] : [`a quantity above 0 counts as at least ${quantity(minimumQuantity)}`]),
    ...(increment === 1
      ? []
      : [`the quantity is rounded ${incrementRounding} to a multiple of ${quantity(increment)}`]),
    ...(freeUnits === 0 ? [] : [`the first ${quantity(freeUnits)} are free`]),
  ];
}

/** What is done to the amount. */
function after(definition: Described, { money }: Words): string[] {
  const { connectFee, discountPercent, maximum, minimum, rounding, scope } = definition;
  const least = scope === 'event' ? 'it is at least' : 'what is missing to a commitment of';
  return [
    ...(connectFee === 0n ? [] : [`a connect fee of ${money(connectFee)} is added`]),
    ...(discountPercent === 0n ? [] : [`a discount of ${percent(discountPercent)} is taken off`]),
    ...(maximum === undefined ? [] : [`it is at most ${money(maximum)}`]),
    ...(minimum === undefined
      ? []
      : [`${least} ${money(minimum)}${scope === 'event' ? '' : ' is added at the close of the meter'}`]),
    ...(rounding === undefined
      ? []
      : [`the running total is rounded ${rounding.mode} to ${decimals(rounding.digits)}`]),
  ];
}

function decimals(digits: number): string {
  return digits === 0 ? 'whole units' : digits === 1 ? '1 decimal' : `${digits} decimals`;
}
