/** Reads one price of a plan: where it applies, when, what it meters and what that costs. */
import type { Money } from '../contract.ts';
import { type DocumentObject, type DocumentReader, join } from './document-reader.ts';
import type { MeteredPrice, Price, PriceModel, ServiceDefinition, Tier, Unit } from './price-book.ts';
import { readScope } from './read-scope.ts';

const COMMON = ['id', 'service', 'zones', 'effectiveFrom', 'model'] as const;
const METERED = ['minimumQuantity', 'increment', 'meter'] as const;

/** The fields that each model has beside the common ones. */
const MODEL_FIELDS = {
  'per-unit': ['unitPrice', 'per', ...METERED],
  package: ['packageSize', 'packagePrice', ...METERED],
  graduated: ['tiers', 'per', ...METERED],
  volume: ['tiers', 'per', ...METERED],
  'zero-rated': ['reason'],
} as const;

type ModelName = keyof typeof MODEL_FIELDS;
const MODEL_NAMES = Object.keys(MODEL_FIELDS) as readonly ModelName[];

export interface KnownNames {
  readonly services: ReadonlyMap<string, ServiceDefinition>;
  readonly zones: ReadonlyMap<string, readonly string[]>;
}

export function readPrice(reader: DocumentReader, value: unknown, path: string, known: KnownNames): Price | undefined {
  const fields = reader.object(value, path);
  if (fields === undefined) return undefined;
  if (!MODEL_NAMES.includes(fields.model as ModelName)) {
    reader.oneOf(fields.model, join(path, 'model'), MODEL_NAMES, 'per-unit');
    return undefined;
  }
  const model = fields.model as ModelName;
  reader.object(fields, path, [...COMMON, ...MODEL_FIELDS[model]]);
  const scope = readScope(reader, fields, path, known);
  const unit = known.services.get(scope.service)?.unit;
  return {
    id: reader.name(fields.id, join(path, 'id')),
    ...scope,
    effectiveFrom:
      fields.effectiveFrom === undefined ? undefined : reader.time(fields.effectiveFrom, join(path, 'effectiveFrom')),
    rule:
      model === 'zero-rated'
        ? { kind: 'zero-rated', reason: reader.text(fields.reason, join(path, 'reason')) }
        : readMetered(reader, fields, path, model, unit),
  };
}

function readMetered(
  reader: DocumentReader,
  fields: DocumentObject,
  path: string,
  model: Exclude<ModelName, 'zero-rated'>,
  unit: Unit | undefined,
): MeteredPrice {
  const optional = (field: string, otherwise: number): number =>
    fields[field] === undefined ? otherwise : reader.quantity(fields[field], join(path, field), unit);
  const meterPath = join(path, 'meter');
  const meter = reader.object(fields.meter, meterPath, ['owner', 'scope']) ?? { owner: 'subscription', scope: 'cycle' };
  return {
    kind: 'metered',
    function: readModel(reader, fields, path, model, unit),
    minimumQuantity: optional('minimumQuantity', 0),
    increment: optional('increment', 1),
    owner: reader.oneOf(meter.owner, join(meterPath, 'owner'), ['subscription', 'pool', 'account'], 'subscription'),
    scope: reader.oneOf(meter.scope, join(meterPath, 'scope'), ['event', 'cycle'], 'cycle'),
  };
}

function readModel(
  reader: DocumentReader,
  fields: DocumentObject,
  path: string,
  model: Exclude<ModelName, 'zero-rated'>,
  unit: Unit | undefined,
): PriceModel {
  const per = (): number => (fields.per === undefined ? 1 : reader.quantity(fields.per, join(path, 'per'), unit));
  switch (model) {
    case 'per-unit':
      return { model, unitPrice: reader.price(fields.unitPrice, join(path, 'unitPrice')), per: per() };
    case 'package':
      return {
        model,
        packageSize: reader.quantity(fields.packageSize, join(path, 'packageSize'), unit),
        packagePrice: reader.price(fields.packagePrice, join(path, 'packagePrice')),
      };
    case 'graduated':
    case 'volume':
      return { model, tiers: readTiers(reader, fields.tiers, join(path, 'tiers'), unit), per: per() };
  }
}

/** Tiers rise, and the last, and only the last, has no bound: so they neither overlap nor leave a quantity out. */
function readTiers(reader: DocumentReader, value: unknown, path: string, unit: Unit | undefined): readonly Tier[] {
  const entries = reader.list(value, path);
  if (Array.isArray(value) && entries.length === 0) {
    reader.add(path, 'there is no tier', 'write at least one tier; the last has no upTo');
  }
  const tiers: Tier[] = [];
  let below = 0;
  entries.forEach((entry, index) => {
    const tierPath = `${path}[${index}]`;
    const fields = reader.object(entry, tierPath, ['upTo', 'unitPrice']);
    if (fields === undefined) return;
    const unitPrice: Money = reader.price(fields.unitPrice, join(tierPath, 'unitPrice'));
    const last = index === entries.length - 1;
    if (fields.upTo === undefined) {
      if (!last)
        reader.add(tierPath, 'has no upTo, so no later tier is ever reached', 'give it an upTo, or make it the last');
      tiers.push({ upTo: undefined, unitPrice });
      return;
    }
    const upTo = reader.quantity(fields.upTo, join(tierPath, 'upTo'), unit);
    if (upTo <= below) {
      reader.add(
        join(tierPath, 'upTo'),
        `${upTo} is not above ${below}, the tier before: they overlap`,
        'let the bounds rise',
      );
    }
    if (last) reader.add(path, `quantities above ${upTo} are in no tier`, 'add a last tier without upTo');
    below = upTo;
    tiers.push({ upTo, unitPrice });
  });
  return tiers.length === 0 ? [{ upTo: undefined, unitPrice: 0n }] : tiers;
}
