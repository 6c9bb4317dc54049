/** Billing periods, and how far before one a settlement has to look. Pure. */
import type { PriceBook } from '@headrace/rating';

/** Months of any time zone begin and end within a day of UTC's. */
const DAY_MICROS = 86_400_000_000;
/** The one cycle of a book with `cycle: all`. */
const ALL = 'all';

/** Microseconds: from (inclusive) to (exclusive). */
export interface PeriodBounds {
  readonly from: number;
  readonly to: number;
}

/** Whether a text names a period: YYYY-MM, or all. */
export function isPeriod(text: string): boolean {
  return text === ALL || /^\d{4}-(0[1-9]|1[0-2])$/.test(text);
}

/** Between which times events of a period lie, whatever the account's time zone; undefined: anywhere. */
export function periodBounds(period: string): PeriodBounds | undefined {
  if (period === ALL) return undefined;
  const year = Number(period.slice(0, 4));
  const month = Number(period.slice(5));
  return {
    from: Date.UTC(year, month - 1) * 1000 - DAY_MICROS,
    to: Date.UTC(year, month) * 1000 + DAY_MICROS,
  };
}

/** A top-up's validity, in microseconds. */
export interface Validity {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/**
 * Whether what happened before a time can show in what comes after: something can be left over from the month before (and
 * in that month from the one before it), or a bucket lives on across the time.
 */
export function needsHistory(books: Iterable<PriceBook>, grants: Iterable<Validity>, time: number): boolean {
  for (const { cycle, tariffs } of books) {
    if (cycle === ALL) return true;
    for (const { allowances } of tariffs.values()) {
      if (allowances.some(({ recurs, rollover }) => recurs === 'once' || rollover !== undefined)) return true;
    }
  }
  // The bounds are a day wider than the month, on either side.
  for (const { from, to } of grants) if (from < time + 2 * DAY_MICROS && to > time) return true;
  return false;
}
