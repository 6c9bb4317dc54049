/** Reads the tiers of graduated, volume, stairstep and graduated percentage prices. */
import type { Money } from '../contract.ts';
import { type DocumentObject, type DocumentReader, join } from './document-reader.ts';
import { PERCENT_TIER_FIELDS, STAIR_FIELDS, TIER_FIELDS } from './fields.ts';
import type { PercentTier, StairTier, Tier } from './price-book.ts';
import type { Counted } from './quantity.ts';

const RATE_MAX = 1_000_000n;

export function readTiers(
  reader: DocumentReader,
  value: unknown,
  path: string,
  counted: Counted | undefined,
  per: number,
): readonly Tier[] {
  return readRows(reader, value, path, counted, TIER_FIELDS, (fields, tierPath, upTo): Tier => {
    const at = (field: string): string => join(tierPath, field);
    if (fields.unitPrice === undefined && fields.flatPrice === undefined) {
      reader.add(tierPath, 'has no price', "write unitPrice, flatPrice or both; unitPrice: '0' if it is free");
    }
    return {
      upTo,
      unitPrice: readFee(reader, fields, tierPath, 'unitPrice'),
      per: fields.per === undefined ? per : reader.quantity(fields.per, at('per'), counted),
      flatPrice: readFee(reader, fields, tierPath, 'flatPrice'),
      increment: fields.increment === undefined ? 1 : reader.quantity(fields.increment, at('increment'), counted),
    };
  });
}

export function readStairs(
  reader: DocumentReader,
  value: unknown,
  path: string,
  counted: Counted | undefined,
): readonly StairTier[] {
  return readRows(reader, value, path, counted, STAIR_FIELDS, (fields, tierPath, upTo) => ({
    upTo,
    flatPrice: reader.price(fields.flatPrice, join(tierPath, 'flatPrice')),
  }));
}

export function readPercentTiers(
  reader: DocumentReader,
  value: unknown,
  path: string,
  counted: Counted | undefined,
): readonly PercentTier[] {
  return readRows(reader, value, path, counted, PERCENT_TIER_FIELDS, (fields, tierPath, upTo) => ({
    upTo,
    ratePercent: readRate(reader, fields.ratePercent, join(tierPath, 'ratePercent')),
    flatPrice: readFee(reader, fields, tierPath, 'flatPrice'),
  }));
}

/** A percentage as 1e-12 per cent. */
export function readRate(reader: DocumentReader, value: unknown, path: string): bigint {
  return reader.percent(value, path, RATE_MAX);
}

/** A price that is 0 where it is absent. */
export function readFee(reader: DocumentReader, fields: DocumentObject, path: string, field: string): Money {
  return fields[field] === undefined ? 0n : reader.price(fields[field], join(path, field));
}

/**
 * Tiers rise, and the last, and only the last, has no bound: so they neither overlap nor leave a quantity out. The first may
 * end at 0: its flat price is due once the meter is reached, whatever it counts.
 */
function readRows<Row>(
  reader: DocumentReader,
  value: unknown,
  path: string,
  counted: Counted | undefined,
  names: readonly string[],
  read: (fields: DocumentObject, path: string, upTo: number | undefined) => Row,
): readonly Row[] {
  const entries = reader.list(value, path);
  if (Array.isArray(value) && entries.length === 0) {
    reader.add(path, 'there is no tier', 'write at least one tier; the last has no upTo');
  }
  const rows: Row[] = [];
  let before = -1;
  entries.forEach((entry, index) => {
    const tierPath = `${path}[${index}]`;
    const fields = reader.object(entry, tierPath, names);
    if (fields === undefined) return;
    const last = index === entries.length - 1;
    const upTo = readBound(reader, fields, tierPath, counted, index === 0 ? 0 : 1);
    if (upTo === undefined) {
      const cure = 'give it an upTo, or make it the last';
      if (!last) reader.add(tierPath, 'has no upTo, so no later tier is ever reached', cure);
    } else {
      if (upTo <= before) {
        const bound = fields.upTo === undefined ? 'below' : 'upTo';
        const problem = `${upTo} is not above ${before}, the tier before: they overlap`;
        reader.add(join(tierPath, bound), problem, 'let the bounds rise');
      }
      if (last) reader.add(path, `quantities above ${upTo} are in no tier`, 'add a last tier without upTo');
      before = upTo;
    }
    rows.push(read(fields, tierPath, upTo));
  });
  return rows;
}

/** The greatest quantity that is still in the tier: `upTo` itself, or what is just below `below`. */
function readBound(
  reader: DocumentReader,
  fields: DocumentObject,
  path: string,
  counted: Counted | undefined,
  least: 0 | 1,
): number | undefined {
  if (fields.upTo !== undefined) {
    if (fields.below !== undefined) {
      reader.add(join(path, 'below'), 'stands beside upTo', 'write one: upTo includes its bound, below does not');
    }
    return reader.quantity(fields.upTo, join(path, 'upTo'), counted, least);
  }
  return fields.below === undefined ? undefined : reader.quantity(fields.below, join(path, 'below'), counted) - 1;
}
