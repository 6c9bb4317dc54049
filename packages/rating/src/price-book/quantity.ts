/**
 * How a quantity is written in a document: an integer of raw units, or a decimal with a unit. Of a money service it is a
 * decimal of the currency in quotes, and never an integer: whether 5 means 5.00 or five parts would be a guess.
 */
import type { Unit } from './price-book.ts';

/** What a quantity counts. */
export interface Counted {
  readonly unit: Unit;
  /** Of a money service; else 0. */
  readonly decimals: number;
}

/** Larger quantities than 2^50 raw units (1 PiB) in a book are taken for mistakes. */
export const QUANTITY_MAX = 2 ** 50;

const QUANTITY = /^(\d{1,16})(?:\.(\d{1,12}))? ?([A-Za-z]*)$/;

/** The raw units that a value writes, or undefined if it writes none or not a whole number of them. */
export function rawUnits(value: unknown, counted: Counted | undefined, kilobyte: number): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && counted?.unit !== 'money' ? value : undefined;
  const match = typeof value === 'string' ? QUANTITY.exec(value) : null;
  if (match === null) return undefined;
  const [, whole = '', fraction = '', suffix = ''] = match;
  const factor = factorOf(suffix, counted, kilobyte);
  if (factor === undefined) return undefined;
  const scaled = BigInt(whole + fraction) * BigInt(factor);
  const divisor = 10n ** BigInt(fraction.length);
  return scaled % divisor === 0n ? Number(scaled / divisor) : undefined;
}

/** The largest quantity that a book may name. */
export function quantityMax(counted: Counted | undefined): number {
  return counted?.unit === 'money' ? Number.MAX_SAFE_INTEGER : QUANTITY_MAX;
}

export function quantityExample(counted: Counted | undefined): string {
  switch (counted?.unit) {
    case 'seconds':
      return "90, '90 s' or '1.5 min'";
    case 'messages':
      return '100';
    case 'money':
      return `'2.50' (in quotes, in currency units, at most ${counted.decimals} decimals)`;
    default:
      return "500, '10 MB' or '0.5 GB'";
  }
}

function factorOf(suffix: string, counted: Counted | undefined, kilobyte: number): number | undefined {
  if (counted?.unit === 'money') return suffix === '' ? 10 ** counted.decimals : undefined;
  if (suffix === '') return 1;
  if (counted?.unit === 'seconds') return { s: 1, min: 60, h: 3600 }[suffix];
  if (counted?.unit === 'messages') return undefined;
  const power = ['B', 'KB', 'MB', 'GB', 'TB'].indexOf(suffix);
  return power < 0 ? undefined : kilobyte ** power;
}
