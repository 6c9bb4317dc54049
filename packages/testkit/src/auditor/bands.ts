/** Bands of the wall clock: days of the week, and from when to when. */
import type { WallClock } from './calendar.ts';
import { type Json, knownFields, text } from './json.ts';

export interface Band {
  /** 1 is Monday; null: every day. */
  readonly days: readonly number[] | null;
  /** Seconds of the day, inclusive. */
  readonly from: number;
  /** Exclusive; at or below `from`: past midnight. */
  readonly to: number;
}

const DAY_SECONDS = 86_400;
const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

export function readBands(given: readonly Json[]): readonly Band[] {
  return given.map((band) => {
    knownFields(band, ['days', 'from', 'to']);
    const { days } = band;
    return {
      days: Array.isArray(days) ? days.map(dayOfWeek) : null,
      from: band.from === undefined ? 0 : secondOfDay(text(band.from)),
      to: band.to === undefined ? DAY_SECONDS : secondOfDay(text(band.to)),
    };
  });
}

/** The clock is inside of any of them. The day is that of the instant itself, also past midnight. */
export function isInside(bands: readonly Band[], { weekday, secondOfDay: second }: WallClock): boolean {
  return bands.some(({ days, from, to }) => {
    if (days !== null && !days.includes(weekday)) return false;
    return from < to ? from <= second && second < to : from <= second || second < to;
  });
}

function dayOfWeek(day: unknown): number {
  return typeof day === 'number' ? day : dayNames.indexOf(text(day)) + 1;
}

function secondOfDay(clock: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(':').map(Number);
  return hours * 3600 + minutes * 60 + seconds;
}
