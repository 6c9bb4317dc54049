/**
 * The names of all fields of a price book document, by the part they stand in. The readers know no others, and a test
 * holds the JSON Schema for editors (schemas/price-books/price-book.schema.json) to the same names.
 */

export const BOOK_FIELDS = [
  'format',
  'name',
  'version',
  'currency',
  'effectiveFrom',
  'author',
  'approver',
  'kilobyte',
  'cycle',
  'attribution',
  'completeness',
  'homeNetworks',
  'services',
  'zones',
  'pools',
  'addOns',
  'tariffs',
  'plans',
  'wholesale',
  'thresholds',
  'invoiceRounding',
] as const;

export const SERVICE_FIELDS = ['unit', 'counts', 'decimals'] as const;
export const ZONE_FIELDS = ['networks'] as const;
export const TARIFF_FIELDS = ['allowances', 'prices'] as const;
export const PLAN_FIELDS = ['currency', 'contributes', 'tariffs', 'allowances', 'prices'] as const;
export const WHOLESALE_FIELDS = ['currency', 'tariffs', 'costs'] as const;

/** Where a pool, an add-on, an allowance or a price applies. */
export const CRITERIA_FIELDS = ['service', 'services', 'zones', 'rats', 'apns', 'ratingGroups', 'roaming'] as const;
const BUCKET_FIELDS = [...CRITERIA_FIELDS, 'priority', 'step', 'limitPerSubscription', 'atEnd'] as const;

/** Beside those that every pool has. */
const POOL_FIELDS = ['kind', ...BUCKET_FIELDS, 'allocation'] as const;
export const STACKED_POOL_FIELDS = [...POOL_FIELDS, 'proration', 'contributors', 'suspension'] as const;
export const FIXED_POOL_FIELDS = [...POOL_FIELDS, 'quantity'] as const;
export const ADD_ON_FIELDS = [...BUCKET_FIELDS, 'quantity', 'boundToDevice'] as const;
export const ALLOWANCE_FIELDS = [
  'id',
  ...BUCKET_FIELDS,
  'quantity',
  'owner',
  'recurs',
  'validFrom',
  'validTo',
  'proration',
  'rollover',
  'boundToDevice',
] as const;
export const ROLLOVER_FIELDS = ['maximum', 'maximumPercent'] as const;

/** What every price has. */
export const PRICE_FIELDS = [
  'id',
  'leg',
  ...CRITERIA_FIELDS,
  'direction',
  'effectiveFrom',
  'priority',
  'when',
  'bandSplit',
  'model',
] as const;
/** What every metered price has beside them. */
const METERED_FIELDS = [
  'freeUnits',
  'connectFee',
  'discountPercent',
  'maximum',
  'minimum',
  'rounding',
  'feesWhenCovered',
  'meter',
] as const;
/** Of models that count: a percentage takes none of them. */
const QUANTITY_FIELDS = ['minimumQuantity', 'increment', 'incrementRounding'] as const;

/** The fields that each model has beside `PRICE_FIELDS`. */
export const MODEL_FIELDS = {
  'per-unit': ['unitPrice', 'per', ...QUANTITY_FIELDS, ...METERED_FIELDS],
  flat: ['flatPrice', ...QUANTITY_FIELDS, ...METERED_FIELDS],
  package: ['packageSize', 'packagePrice', 'packageRounding', ...QUANTITY_FIELDS, ...METERED_FIELDS],
  graduated: ['tiers', 'per', ...QUANTITY_FIELDS, ...METERED_FIELDS],
  volume: ['tiers', 'per', ...QUANTITY_FIELDS, ...METERED_FIELDS],
  stairstep: ['tiers', ...QUANTITY_FIELDS, ...METERED_FIELDS],
  percentage: ['ratePercent', 'perEvent', ...METERED_FIELDS],
  'graduated-percentage': ['tiers', ...METERED_FIELDS],
  'zero-rated': ['reason'],
} as const;

export type ModelName = keyof typeof MODEL_FIELDS;
export const MODEL_NAMES = Object.keys(MODEL_FIELDS) as readonly ModelName[];

export const TIER_FIELDS = ['upTo', 'below', 'unitPrice', 'flatPrice', 'per', 'increment'] as const;
export const STAIR_FIELDS = ['upTo', 'below', 'flatPrice'] as const;
export const PERCENT_TIER_FIELDS = ['upTo', 'below', 'ratePercent', 'flatPrice'] as const;
export const PER_EVENT_FIELDS = ['freeEvents', 'freeAmount', 'fixed', 'minimum', 'maximum'] as const;
export const ROUNDING_FIELDS = ['digits', 'mode'] as const;
export const METER_FIELDS = ['owner', 'scope'] as const;
export const BAND_FIELDS = ['days', 'dates', 'from', 'to'] as const;
