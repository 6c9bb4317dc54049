/** Reads what a meter's quantity costs: the model of a price and what is around it. */
import { MONEY_DECIMALS } from '../money.ts';
import { type DocumentObject, type DocumentReader, join } from './document-reader.ts';
import { type ModelName, PER_EVENT_FIELDS, ROUNDING_FIELDS } from './fields.ts';
import type { PerEventTerms, PriceFunctionDefinition, PriceModel, Rounding, RoundingMode } from './price-book.ts';
import type { Counted } from './quantity.ts';
import { readFee, readPercentTiers, readRate, readStairs, readTiers } from './read-tiers.ts';

export type MeteredModelName = Exclude<ModelName, 'zero-rated'>;

export const ROUNDING_MODES: readonly RoundingMode[] = ['up', 'down', 'half-up', 'half-even'];
const EVENTS_MAX = 1_000_000_000;

export function readPriceFunction(
  reader: DocumentReader,
  fields: DocumentObject,
  path: string,
  model: MeteredModelName,
  counted: Counted | undefined,
): PriceFunctionDefinition {
  const at = (field: string): string => join(path, field);
  const quantity = (field: string, otherwise: number): number =>
    fields[field] === undefined ? otherwise : reader.quantity(fields[field], at(field), counted, 0);
  const price = (field: string) => (fields[field] === undefined ? undefined : reader.price(fields[field], at(field)));
  checkUnit(reader, path, model, counted);
  const read: PriceFunctionDefinition = {
    model: readModel(reader, fields, path, model, counted),
    minimumQuantity: quantity('minimumQuantity', 0),
    increment: fields.increment === undefined ? 1 : reader.quantity(fields.increment, at('increment'), counted),
    incrementRounding: reader.choice(fields.incrementRounding, at('incrementRounding'), ROUNDING_MODES, 'up'),
    freeUnits: quantity('freeUnits', 0),
    connectFee: readFee(reader, fields, path, 'connectFee'),
    discountPercent:
      fields.discountPercent === undefined ? 0n : reader.percent(fields.discountPercent, at('discountPercent'), 100n),
    maximum: price('maximum'),
    minimum: price('minimum'),
    rounding: readRounding(reader, fields.rounding, at('rounding')),
  };
  if (fields.incrementRounding !== undefined && fields.increment === undefined) {
    reader.add(at('incrementRounding'), 'rounds to no increment', 'write increment, or leave it out');
  }
  return read;
}

function readModel(
  reader: DocumentReader,
  fields: DocumentObject,
  path: string,
  model: MeteredModelName,
  counted: Counted | undefined,
): PriceModel {
  const at = (field: string): string => join(path, field);
  const per = (): number => (fields.per === undefined ? 1 : reader.quantity(fields.per, at('per'), counted));
  const parts = 10 ** (counted?.decimals ?? 0);
  switch (model) {
    case 'per-unit':
      return { model, unitPrice: reader.price(fields.unitPrice, at('unitPrice')), per: per() };
    case 'flat':
      return { model, flatPrice: reader.price(fields.flatPrice, at('flatPrice')) };
    case 'package':
      return {
        model,
        packageSize: reader.quantity(fields.packageSize, at('packageSize'), counted),
        packagePrice: reader.price(fields.packagePrice, at('packagePrice')),
        packageRounding: reader.choice(fields.packageRounding, at('packageRounding'), ROUNDING_MODES, 'up'),
      };
    case 'graduated':
    case 'volume':
      return { model, tiers: readTiers(reader, fields.tiers, at('tiers'), counted, per()) };
    case 'stairstep':
      return { model, tiers: readStairs(reader, fields.tiers, at('tiers'), counted) };
    case 'percentage':
      return {
        model,
        ratePercent: readRate(reader, fields.ratePercent, at('ratePercent')),
        per: parts,
        perEvent: readPerEvent(reader, fields, path, counted),
      };
    case 'graduated-percentage':
      return { model, tiers: readPercentTiers(reader, fields.tiers, at('tiers'), counted), per: parts };
    default:
      return model satisfies never;
  }
}

function readPerEvent(
  reader: DocumentReader,
  around: DocumentObject,
  aroundPath: string,
  counted: Counted | undefined,
): PerEventTerms | undefined {
  if (around.perEvent === undefined) return undefined;
  const path = join(aroundPath, 'perEvent');
  const fields = reader.object(around.perEvent, path, PER_EVENT_FIELDS);
  if (fields === undefined) return undefined;
  const at = (field: string): string => join(path, field);
  if (Object.keys(fields).length === 0) reader.add(path, 'says nothing', 'name a term, or leave perEvent out');
  if (around.freeUnits !== undefined) {
    const cure = 'write perEvent.freeAmount instead';
    reader.add(join(aroundPath, 'freeUnits'), 'stands beside perEvent, which has its own free amount', cure);
  }
  const price = (field: string) => (fields[field] === undefined ? undefined : reader.price(fields[field], at(field)));
  return {
    freeEvents:
      fields.freeEvents === undefined
        ? undefined
        : reader.integer(fields.freeEvents, at('freeEvents'), 0, EVENTS_MAX, 0),
    freeAmount:
      fields.freeAmount === undefined ? undefined : reader.quantity(fields.freeAmount, at('freeAmount'), counted, 0),
    fixedPerEvent: readFee(reader, fields, path, 'fixed'),
    minimum: price('minimum'),
    maximum: price('maximum'),
  };
}

function readRounding(reader: DocumentReader, value: unknown, path: string): Rounding | undefined {
  if (value === undefined) return undefined;
  const fields = reader.object(value, path, ROUNDING_FIELDS) ?? {};
  return {
    digits: reader.integer(fields.digits, join(path, 'digits'), 0, MONEY_DECIMALS, MONEY_DECIMALS),
    mode: reader.choice(fields.mode, join(path, 'mode'), ROUNDING_MODES, 'half-up'),
  };
}

function checkUnit(reader: DocumentReader, path: string, model: MeteredModelName, counted: Counted | undefined): void {
  if (counted === undefined) return;
  const ofMoney = model === 'percentage' || model === 'graduated-percentage';
  if (ofMoney === (counted.unit === 'money')) return;
  reader.add(
    join(path, 'model'),
    ofMoney
      ? `'${model}' is a share of an amount, and the service counts ${counted.unit}`
      : `'${model}' is for what is counted, and the service's unit is money`,
    ofMoney ? 'name a service of unit money, or take another model' : 'take percentage or graduated-percentage',
  );
}
