/**
 * Billing cycles: calendar months in a time zone. A cycle begins at the first instant of its first local day.
 *
 * 1. Bounds are exact to the microsecond: [start, end), and a cycle ends where the next begins.
 * 2. Bounds come from the runtime's time zone data. Two machines with different data for a zone would disagree about the
 *    months in question, so all raters of a system run one version of Node.
 */

/** A calendar month of a zone. */
export interface Cycle {
  /** Months since year 0: year * 12 + month - 1. */
  readonly index: number;
  /** For example 2026-11. */
  readonly period: string;
  /** Microseconds, inclusive. */
  readonly start: number;
  /** Microseconds, exclusive. */
  readonly end: number;
}

const MILLISECONDS_PER_HOUR = 3_600_000;
/** No zone is further from UTC than this. */
const OFFSET_HOURS_MAX = 27;

export class Calendar {
  readonly timeZone: string;
  readonly #cycles = new Map<number, Cycle>();
  readonly #format: Intl.DateTimeFormat | undefined;
  #last: Cycle | undefined;

  /** @throws RangeError if the time zone is unknown; facts with such a zone are refused before. */
  constructor(timeZone: string) {
    this.timeZone = timeZone;
    this.#format =
      timeZone === 'UTC'
        ? undefined
        : new Intl.DateTimeFormat('en-US', {
            timeZone,
            calendar: 'gregory',
            numberingSystem: 'latn',
            year: 'numeric',
            month: 'numeric',
          });
  }

  /** The cycle that a time (microseconds) lies in. */
  at(time: number): Cycle {
    const last = this.#last;
    if (last !== undefined && time >= last.start && time < last.end) return last;
    const cycle = this.cycle(this.#monthIndex(Math.floor(time / 1000)));
    this.#last = cycle;
    return cycle;
  }

  /** The cycle with an index (year * 12 + month - 1). */
  cycle(index: number): Cycle {
    let cycle = this.#cycles.get(index);
    if (cycle === undefined) {
      const year = String(Math.floor(index / 12)).padStart(4, '0');
      const month = String((index % 12) + 1).padStart(2, '0');
      cycle = { index, period: `${year}-${month}`, start: this.#start(index), end: this.#start(index + 1) };
      this.#cycles.set(index, cycle);
    }
    return cycle;
  }

  /** First instant (microseconds) whose local month is `index`: found by halving, so a skipped midnight does no harm. */
  #start(index: number): number {
    const nominal = Date.UTC(Math.floor(index / 12), index % 12, 1);
    if (this.#format === undefined) return nominal * 1000;
    let before = nominal - OFFSET_HOURS_MAX * MILLISECONDS_PER_HOUR;
    let from = nominal + OFFSET_HOURS_MAX * MILLISECONDS_PER_HOUR;
    while (from - before > 1) {
      const middle = Math.floor((before + from) / 2);
      if (this.#monthIndex(middle) >= index) from = middle;
      else before = middle;
    }
    return from * 1000;
  }

  #monthIndex(milliseconds: number): number {
    if (this.#format === undefined) {
      const date = new Date(milliseconds);
      return date.getUTCFullYear() * 12 + date.getUTCMonth();
    }
    let year = 0;
    let month = 0;
    for (const part of this.#format.formatToParts(milliseconds)) {
      if (part.type === 'year') year = Number(part.value);
      else if (part.type === 'month') month = Number(part.value);
    }
    return year * 12 + month - 1;
  }
}

/** Calendars by time zone; one for each, so that their cached months are shared. */
export class Calendars {
  readonly #calendars = new Map<string, Calendar>();

  of(timeZone: string): Calendar {
    let calendar = this.#calendars.get(timeZone);
    if (calendar === undefined) {
      calendar = new Calendar(timeZone);
      this.#calendars.set(timeZone, calendar);
    }
    return calendar;
  }
}
