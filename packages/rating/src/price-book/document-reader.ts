/**
 * Reads fields of an untrusted document and collects what is wrong with them. It owns the forms of single values
 * (names, quantities, prices, times); what the values mean together is for the readers of each part.
 *
 * 1. A wrong value never stops the reading: the problem is noted and a harmless value is returned, so that one run shows
 *    all problems. Whoever reads must not use the result if there is any problem.
 * 2. Every problem has a path and a cure.
 */
import type { Money } from '../contract.ts';
import { MONEY_UNIT, moneyOf } from '../money.ts';
import { timeMicrosOf } from '../time.ts';
import { nearestName } from './nearest.ts';
import type { BookProblem } from './price-book.ts';
import { type Counted, quantityExample, quantityMax, rawUnits } from './quantity.ts';

/** Prices are below 10^15 currency units; a meter whose amount passes 38 digits says so itself (OVERFLOW). */
const PRICE_LIMIT: Money = 10n ** 27n;

export type DocumentObject = Readonly<Record<string, unknown>>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export class DocumentReader {
  readonly problems: BookProblem[] = [];
  /** Set once the book's own field is read; quantities in KB, MB, GB and TB need it. */
  kilobyte: 1000 | 1024 = 1024;

  add(path: string, problem: string, cure: string): void {
    this.problems.push({ path, problem, cure });
  }

  /** An object with no other fields than `fields` (none given: any). */
  object(value: unknown, path: string, fields?: readonly string[]): DocumentObject | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.add(path, value === undefined ? 'is missing' : 'is not a set of fields', 'write it as fields with values');
      return undefined;
    }
    if (fields !== undefined) {
      for (const field of Object.keys(value)) {
        if (!fields.includes(field)) this.unknownName(join(path, field), 'field', field, fields);
      }
    }
    return value as DocumentObject;
  }

  /** The entries of an object whose keys are names; absent counts as empty. */
  named(value: unknown, path: string): [name: string, value: unknown, path: string][] {
    if (value === undefined) return [];
    const object = this.object(value, path);
    if (object === undefined) return [];
    return Object.entries(object).map(([name, entry]) => {
      const entryPath = join(path, name);
      this.name(name, entryPath);
      return [name, entry, entryPath];
    });
  }

  list(value: unknown, path: string): readonly unknown[] {
    if (Array.isArray(value)) return value;
    this.add(path, value === undefined ? 'is missing' : 'is not a list', 'write a list, [] if it has no entries');
    return [];
  }

  name(value: unknown, path: string): string {
    if (typeof value === 'string' && NAME.test(value)) return value;
    this.add(
      path,
      value === undefined ? 'is missing' : `${shown(value)} is not a name`,
      'use letters, digits, dots, hyphens and underscores, at most 128',
    );
    return '';
  }

  text(value: unknown, path: string): string {
    if (typeof value === 'string' && value.trim().length > 0 && value.length <= 500) return value;
    this.add(path, value === undefined ? 'is missing' : `${shown(value)} is not a text`, 'write 1 to 500 characters');
    return '';
  }

  oneOf<Name extends string>(value: unknown, path: string, names: readonly Name[], otherwise: Name): Name {
    const found = names.find((name) => name === value);
    if (found !== undefined) return found;
    if (typeof value === 'string') this.unknownName(path, 'value', value, names);
    else
      this.add(
        path,
        value === undefined ? 'is missing' : `${shown(value)} is not known`,
        `write ${names.join(' or ')}`,
      );
    return otherwise;
  }

  /** One of the names, or `otherwise` where the field is absent. */
  choice<Name extends string>(value: unknown, path: string, names: readonly Name[], otherwise: Name): Name {
    return value === undefined ? otherwise : this.oneOf(value, path, names, otherwise);
  }

  flag(value: unknown, path: string): boolean {
    if (value === undefined || typeof value === 'boolean') return value === true;
    this.add(path, `${shown(value)} is neither true nor false`, 'write true or false');
    return false;
  }

  integer(value: unknown, path: string, minimum: number, maximum: number, otherwise: number): number {
    if (typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum) return value;
    this.add(
      path,
      value === undefined ? 'is missing' : `${shown(value)} is not an integer from ${minimum} to ${maximum}`,
      `write an integer from ${minimum} to ${maximum}`,
    );
    return otherwise;
  }

  currency(value: unknown, path: string): string {
    if (typeof value === 'string' && /^[A-Z]{3}$/.test(value)) return value;
    this.add(
      path,
      value === undefined ? 'is missing' : `${shown(value)} is not a currency`,
      'write an ISO 4217 code such as EUR',
    );
    return '';
  }

  time(value: unknown, path: string): number {
    const micros = typeof value === 'string' ? timeMicrosOf(value) : undefined;
    if (micros !== undefined) return micros;
    this.add(
      path,
      value === undefined ? 'is missing' : `${shown(value)} is not a time in UTC`,
      'write a time such as 2026-11-01T00:00:00Z',
    );
    return 0;
  }

  /** A price: a decimal string, not negative, at most 12 decimals. */
  price(value: unknown, path: string): Money {
    if (typeof value === 'number') {
      this.add(path, `${value} is a number, which may lose digits`, `write it in quotes: '${value}'`);
      return 0n;
    }
    const amount = typeof value === 'string' ? moneyOf(value) : undefined;
    if (amount === undefined) {
      const cure = "write a decimal number in quotes with at most 12 decimals, such as '0.0025'";
      this.add(path, value === undefined ? 'is missing' : `${shown(value)} is not a price`, cure);
      return 0n;
    }
    if (amount < 0n) this.add(path, `the price ${shown(value)} is negative`, 'write a price of 0 or more');
    if (amount >= PRICE_LIMIT) this.add(path, `the price ${shown(value)} is too large`, 'write a price below 10^15');
    return amount;
  }

  /** Per cent as 1e-12 per cent: a decimal string from 0 to `maximum`. */
  percent(value: unknown, path: string, maximum: bigint): bigint {
    if (typeof value === 'number') {
      this.add(path, `${value} is a number, which may lose digits`, `write it in quotes: '${value}'`);
      return 0n;
    }
    const percent = typeof value === 'string' ? moneyOf(value) : undefined;
    if (percent !== undefined && percent >= 0n && percent <= maximum * MONEY_UNIT) return percent;
    this.add(
      path,
      value === undefined ? 'is missing' : `${shown(value)} is not a per cent from 0 to ${maximum}`,
      `write a decimal number in quotes from 0 to ${maximum} with at most 12 decimals, such as '12.5'`,
    );
    return 0n;
  }

  /** A quantity as raw units: an integer, or a decimal with a unit of the service (10 MB, 90 min). */
  quantity(value: unknown, path: string, counted: Counted | undefined, least: 0 | 1 = 1): number {
    const raw = rawUnits(value, counted, this.kilobyte);
    const most = quantityMax(counted);
    if (raw !== undefined && raw >= least && raw <= most) return raw;
    const limit = most === Number.MAX_SAFE_INTEGER ? '2^53 - 1' : '2^50';
    const unit = counted === undefined ? '' : ` ${counted.unit === 'money' ? 'parts' : counted.unit}`;
    this.add(
      path,
      value === undefined ? 'is missing' : `${shown(value)} is not a whole quantity from ${least} to ${limit}${unit}`,
      `write a quantity such as ${quantityExample(counted)}`,
    );
    return 1;
  }

  /** A list without repetitions, read entry by entry; undefined if the field is absent. */
  distinct<Value>(
    value: unknown,
    path: string,
    what: string,
    read: (entry: unknown, path: string) => Value | undefined,
  ): readonly Value[] | undefined {
    if (value === undefined) return undefined;
    const entries = this.list(value, path);
    if (Array.isArray(value) && entries.length === 0) {
      this.add(path, `names no ${what}, so nothing ever fits`, `name a ${what}, or leave the field out`);
    }
    const values: Value[] = [];
    const seen = new Set<Value>();
    entries.forEach((entry, index) => {
      const entryPath = `${path}[${index}]`;
      const entryValue = read(entry, entryPath);
      if (entryValue === undefined) return;
      if (seen.has(entryValue)) this.add(entryPath, `${what} '${entryValue}' is named twice`, `name each ${what} once`);
      seen.add(entryValue);
      values.push(entryValue);
    });
    return values;
  }

  /** A name that must be among the known ones. */
  reference(value: unknown, path: string, what: string, known: ReadonlyMap<string, unknown>): string {
    if (typeof value === 'string' && known.has(value)) return value;
    if (typeof value === 'string') this.unknownName(path, what, value, [...known.keys()]);
    else
      this.add(
        path,
        value === undefined ? 'is missing' : `${shown(value)} is not a name`,
        `write the name of a ${what}`,
      );
    return '';
  }

  unknownName(path: string, what: string, name: string, known: readonly string[]): void {
    const nearest = nearestName(name, known);
    const listed = known.slice(0, 12).join(', ') + (known.length > 12 ? ', ...' : '');
    const choices = known.length === 0 ? `the book has no ${what}` : `known are ${listed}`;
    this.add(
      path,
      `'${name}' is no known ${what}`,
      nearest === undefined ? choices : `did you mean '${nearest}'? ${choices}`,
    );
  }
}

export function join(path: string, field: string): string {
  return path === '' ? field : `${path}.${field}`;
}

export function shown(value: unknown): string {
  if (typeof value === 'string') return value.length > 60 ? `'${value.slice(0, 57)}...'` : `'${value}'`;
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}
