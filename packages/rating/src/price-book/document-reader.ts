/**
 * Reads fields of an untrusted document and collects what is wrong with them. It owns the forms of single values
 * (names, quantities, prices, times); what the values mean together is for the readers of each part.
 *
 * 1. A wrong value never stops the reading: the problem is noted and a harmless value is returned, so that one run shows
 *    all problems. Whoever reads must not use the result if there is any problem.
 * 2. Every problem has a path and a cure.
 */
import type { Money } from '../contract.ts';
import { moneyOf } from '../money.ts';
import { timeMicrosOf } from '../time.ts';
import { nearestName } from './nearest.ts';
import type { BookProblem, Unit } from './price-book.ts';

/** Larger quantities than 2^50 raw units (1 PiB) in a book are taken for mistakes. */
export const QUANTITY_MAX = 2 ** 50;
/** Prices are below 10^9 currency units, so that no meter (at most 2^53 raw units) can cost more than 38 digits. */
const PRICE_LIMIT: Money = 10n ** 21n;

export type DocumentObject = Readonly<Record<string, unknown>>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const QUANTITY = /^(\d{1,16})(?:\.(\d{1,12}))? ?([A-Za-z]*)$/;

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
    if (amount >= PRICE_LIMIT) this.add(path, `the price ${shown(value)} is too large`, 'write a price below 10^9');
    return amount;
  }

  /** A quantity above 0 as raw units: an integer, or a decimal with a unit of the service (10 MB, 90 min). */
  quantity(value: unknown, path: string, unit: Unit | undefined): number {
    const raw = this.#rawUnits(value, unit);
    if (raw !== undefined && raw >= 1 && raw <= QUANTITY_MAX) return raw;
    const examples = { bytes: "500, '10 MB' or '0.5 GB'", seconds: "90, '90 s' or '1.5 min'", messages: '100' };
    this.add(
      path,
      value === undefined
        ? 'is missing'
        : `${shown(value)} is not a whole quantity from 1 to 2^50${unit === undefined ? '' : ` ${unit}`}`,
      `write a quantity such as ${examples[unit ?? 'bytes']}`,
    );
    return 1;
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

  #rawUnits(value: unknown, unit: Unit | undefined): number | undefined {
    if (typeof value === 'number') return Number.isInteger(value) ? value : undefined;
    const match = typeof value === 'string' ? QUANTITY.exec(value) : null;
    if (match === null) return undefined;
    const [, whole = '', fraction = '', suffix = ''] = match;
    const factor = this.#factor(suffix, unit);
    if (factor === undefined) return undefined;
    const scaled = BigInt(whole + fraction) * BigInt(factor);
    const divisor = 10n ** BigInt(fraction.length);
    return scaled % divisor === 0n ? Number(scaled / divisor) : undefined;
  }

  #factor(suffix: string, unit: Unit | undefined): number | undefined {
    if (suffix === '') return 1;
    if (unit !== 'seconds') {
      const power = ['B', 'KB', 'MB', 'GB', 'TB'].indexOf(suffix);
      if (power >= 0 && unit !== 'messages') return this.kilobyte ** power;
    }
    if (unit === 'seconds') return { s: 1, min: 60, h: 3600 }[suffix];
    return undefined;
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
