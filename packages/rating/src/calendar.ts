/**
 * A time zone's calendar: billing cycles (calendar months; a cycle begins at the first instant of its first local day) and
 * the wall clock (how far it is ahead of UTC, and until when).
 *
 * 1. Bounds are exact to the microsecond: [start, end), and a cycle ends where the next begins.
 * 2. Bounds come from the runtime's time zone data. Two machines with different data for a zone would disagree about the
 *    months in question, so all raters of a system run one version of Node.
 * 3. A clock is looked up by days, cached; no zone changes its clock twice within 24 hours.
 */
import { MICROS_PER_DAY } from './time.ts';

/** A calendar month of a zone, or all time. */
export interface Cycle {
  /** Months since year 0: year * 12 + month - 1; 0 for all time. */
  readonly index: number;
  /** For example 2026-11; `all` for all time. */
  readonly period: string;
  /** Microseconds, inclusive. */
  readonly start: number;
  /** Microseconds, exclusive. */
  readonly end: number;
}

/** The one cycle of a book whose cycle is `all`. */
export const ALL_TIME: Cycle = { index: 0, period: 'all', start: 0, end: Number.MAX_SAFE_INTEGER };

/** A stretch of time, [from, to) in microseconds, in which a zone's wall clock is UTC plus `offset` microseconds. */
export interface ClockStretch {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

const UTC_CLOCK: ClockStretch = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, offset: 0 };
/** Days of a zone whose clock is kept; past it all are forgotten. */
const CLOCK_DAYS_KEPT = 4096;
const MILLISECONDS_PER_DAY = 86_400_000;

/** The name of the cycle with an index. */
export function periodOf(index: number): string {
  if (index === ALL_TIME.index) return ALL_TIME.period;
  const year = String(Math.floor(index / 12)).padStart(4, '0');
  return `${year}-${String((index % 12) + 1).padStart(2, '0')}`;
}

/** The index of the month that a day (days since 1970 of the local calendar) lies in. */
export function monthOfDay(day: number): number {
  const date = new Date(day * MILLISECONDS_PER_DAY);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

const MILLISECONDS_PER_HOUR = 3_600_000;
/** No zone is further from UTC than this. */
const OFFSET_HOURS_MAX = 27;

export class Calendar {
  readonly timeZone: string;
  readonly #cycles = new Map<number, Cycle>();
  readonly #format: Intl.DateTimeFormat | undefined;
  #last: Cycle | undefined;
  /** By day since 1970 (UTC): the one or two stretches that it has. */
  readonly #clocks = new Map<number, readonly ClockStretch[]>();
  #lastClock: ClockStretch = { from: 0, to: 0, offset: 0 };

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
            hourCycle: 'h23',
            year: 'numeric',
            month: 'numeric',
            day: 'numeric',
            hour: 'numeric',
            minute: 'numeric',
            second: 'numeric',
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
      cycle = { index, period: periodOf(index), start: this.#start(index), end: this.#start(index + 1) };
      this.#cycles.set(index, cycle);
    }
    return cycle;
  }

  /** The wall clock at a time (microseconds), and for how long it runs like that. */
  clockAt(time: number): ClockStretch {
    const last = this.#lastClock;
    if (time >= last.from && time < last.to) return last;
    const clock = this.#format === undefined ? UTC_CLOCK : this.#clockOf(this.#format, time);
    this.#lastClock = clock;
    return clock;
  }

  /** The day of the local calendar, since 1970, that a time lies in. */
  dayAt(time: number): number {
    return Math.floor((time + this.clockAt(time).offset) / MICROS_PER_DAY);
  }

  #clockOf(format: Intl.DateTimeFormat, time: number): ClockStretch {
    const day = Math.floor(time / MICROS_PER_DAY);
    let stretches = this.#clocks.get(day);
    if (stretches === undefined) {
      if (this.#clocks.size === CLOCK_DAYS_KEPT) this.#clocks.clear();
      stretches = clockOfDay(format, day * MILLISECONDS_PER_DAY);
      this.#clocks.set(day, stretches);
    }
    const [first, second] = stretches;
    return second !== undefined && time >= second.from ? second : (first ?? UTC_CLOCK);
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

/** The stretches of the day of UTC that begins at `start` (milliseconds). */
function clockOfDay(format: Intl.DateTimeFormat, start: number): ClockStretch[] {
  const end = start + MILLISECONDS_PER_DAY;
  const [before, after] = [offsetAt(format, start), offsetAt(format, end)];
  if (before === after) return [{ from: start * 1000, to: end * 1000, offset: before }];
  // The change is found by halving: `unchanged` still has the old offset, `changed` no longer.
  let [unchanged, changed] = [start, end];
  while (changed - unchanged > 1) {
    const middle = Math.floor((unchanged + changed) / 2);
    if (offsetAt(format, middle) === before) unchanged = middle;
    else changed = middle;
  }
  return [
    { from: start * 1000, to: changed * 1000, offset: before },
    { from: changed * 1000, to: end * 1000, offset: after },
  ];
}

/** Microseconds that the wall clock is ahead of UTC at a time in milliseconds. */
function offsetAt(format: Intl.DateTimeFormat, milliseconds: number): number {
  const fields: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(milliseconds)) fields[type] = Number(value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
  const local = Date.UTC(year, month - 1, day, hour, minute, second);
  return (local - Math.floor(milliseconds / 1000) * 1000) * 1000;
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
