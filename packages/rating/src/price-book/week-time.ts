/**
 * The local time of bands as sets: whether two prices' bands can hold at one instant, and what of the week bands leave out.
 *
 * Bands with dates hold on few days, so they are no help in covering the week: an ordinary day is one that no band names.
 */
import type { Band } from './price-book.ts';

/** Of a day, in seconds: from inclusive, to exclusive. */
type Stretch = readonly [from: number, to: number];

/** Hours that nothing covers. */
export interface WeekGap {
  /** 1 is Monday. */
  readonly day: number;
  /** The date, if the hours are of one. */
  readonly date: string | undefined;
  /** Seconds of the day, inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

const DAY_SECONDS = 86_400;
const ALL_DAYS = [1, 2, 3, 4, 5, 6, 7];
const ALWAYS: Band = { days: undefined, dates: undefined, from: 0, to: DAY_SECONDS };

/** 1 is Monday. @param date YYYY-MM-DD, a date that exists */
export function weekdayOf(date: string): number {
  return ((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7) + 1;
}

/** Whether both can hold at one instant; undefined holds always. */
export function bandsMeet(left: readonly Band[] | undefined, right: readonly Band[] | undefined): boolean {
  return (left ?? [ALWAYS]).some((one) => (right ?? [ALWAYS]).some((other) => meet(one, other)));
}

/**
 * The first hours at which some of the wanted bands holds (undefined: at all hours) and none of the given lists of bands
 * does.
 */
export function uncoveredHours(
  wanted: readonly Band[] | undefined,
  given: readonly (readonly Band[] | undefined)[],
): WeekGap | undefined {
  const bands = given.flatMap((list) => list ?? [ALWAYS]);
  for (const band of wanted ?? [ALWAYS]) {
    for (const date of band.dates ?? [undefined]) {
      for (const day of daysOf(band, date)) {
        const holding = bands.filter((other) => holdsOn(other, day, date)).flatMap(stretches);
        const left = firstUncovered(stretches(band), holding);
        if (left !== undefined) return { day, date, from: left[0], to: left[1] };
      }
    }
  }
  return undefined;
}

/** The weekdays of a band, on a date of it or, if undefined, at all. A date without a year is on every weekday in time. */
function daysOf(band: Band, date: string | undefined): readonly number[] {
  const days = band.days ?? ALL_DAYS;
  return date === undefined || date.length === 5 ? days : days.filter((day) => day === weekdayOf(date));
}

/** Whether a band holds on every such day. */
function holdsOn(band: Band, day: number, date: string | undefined): boolean {
  if (band.days !== undefined && !band.days.includes(day)) return false;
  if (band.dates === undefined) return true;
  return date !== undefined && band.dates.some((own) => own === date || own === date.slice(-5));
}

function meet(left: Band, right: Band): boolean {
  const days = daysOf(left, undefined).filter((day) => right.days === undefined || right.days.includes(day));
  if (days.length === 0 || !datesMeet(left.dates, right.dates, days)) return false;
  return stretches(left).some(([from, to]) => stretches(right).some((other) => from < other[1] && other[0] < to));
}

function datesMeet(
  left: readonly string[] | undefined,
  right: readonly string[] | undefined,
  days: readonly number[],
): boolean {
  const possible = (date: string): boolean => date.length === 5 || days.includes(weekdayOf(date));
  if (left === undefined || right === undefined) return (left ?? right)?.some(possible) ?? true;
  return left.some((one) =>
    right.some((other) => {
      if (one === other) return possible(one);
      if (one.length === other.length || one.slice(-5) !== other.slice(-5)) return false;
      return possible(one.length > other.length ? one : other);
    }),
  );
}

function stretches(band: Band): readonly Stretch[] {
  if (band.to > band.from) return [[band.from, band.to]];
  const late: Stretch = [band.from, DAY_SECONDS];
  return band.to === 0 ? [late] : [[0, band.to], late];
}

function firstUncovered(wanted: readonly Stretch[], given: readonly Stretch[]): Stretch | undefined {
  const sorted = [...given].sort((left, right) => left[0] - right[0]);
  for (const [from, to] of wanted) {
    let covered = from;
    for (const [start, end] of sorted) {
      if (start > covered) {
        if (start >= to) break;
        return [covered, start];
      }
      covered = Math.max(covered, end);
    }
    if (covered < to) return [covered, to];
  }
  return undefined;
}
