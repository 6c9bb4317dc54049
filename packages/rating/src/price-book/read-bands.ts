/** Reads the bands of a price: at what local times it holds. */
import { type DocumentReader, join, shown } from './document-reader.ts';
import { BAND_FIELDS } from './fields.ts';
import type { Band } from './price-book.ts';
import { weekdayOf } from './week-time.ts';

export const DAY_NAMES: readonly string[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const DAY_SECONDS = 86_400;

const TIME_OF_DAY = /^(\d{2}):(\d{2})(?::(\d{2}))?$/;
const DATE = /^(?:(\d{4})-)?(\d{2})-(\d{2})$/;

export function readBands(reader: DocumentReader, value: unknown, path: string): readonly Band[] | undefined {
  if (value === undefined) return undefined;
  const entries = reader.list(value, path);
  if (Array.isArray(value) && entries.length === 0) {
    reader.add(path, 'names no band, so the price never holds', 'write a band, or leave when out');
  }
  return entries.map((entry, index) => readBand(reader, entry, `${path}[${index}]`));
}

function readBand(reader: DocumentReader, value: unknown, path: string): Band {
  const fields = reader.object(value, path, BAND_FIELDS) ?? {};
  const at = (field: string): string => join(path, field);
  const from = fields.from === undefined ? 0 : readTimeOfDay(reader, fields.from, at('from'));
  if (from === DAY_SECONDS) reader.add(at('from'), 'is the end of the day', "write '00:00'");
  const band: Band = {
    days: reader.distinct(fields.days, at('days'), 'day', (day, dayPath) => readDay(reader, day, dayPath)),
    dates: reader.distinct(fields.dates, at('dates'), 'date', (date, datePath) => readDate(reader, date, datePath)),
    from,
    to: fields.to === undefined ? DAY_SECONDS : readTimeOfDay(reader, fields.to, at('to')),
  };
  const { days, dates } = band;
  if (days !== undefined && days.length > 0 && dates !== undefined && dates.length > 0) {
    const meets = dates.some((date) => date.length === 5 || days.includes(weekdayOf(date)));
    if (!meets) reader.add(path, 'holds never: none of its dates is on one of its days', 'take out days or dates');
  }
  return band;
}

/** 1 is Monday. */
function readDay(reader: DocumentReader, value: unknown, path: string): number | undefined {
  const named = typeof value === 'string' ? DAY_NAMES.indexOf(value) : -1;
  if (named >= 0) return named + 1;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 7) return value;
  reader.add(path, `${shown(value)} is not a day`, `write ${DAY_NAMES.join(', ')}, or 1 (Monday) to 7`);
  return undefined;
}

function readDate(reader: DocumentReader, value: unknown, path: string): string | undefined {
  const match = typeof value === 'string' ? DATE.exec(value) : null;
  if (match !== null) {
    // A leap year stands in for a date without a year, so that 02-29 is one.
    const [, year = '2024', month = '', day = ''] = match;
    const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
    if (date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)) return match[0];
  }
  reader.add(path, `${shown(value)} is not a date`, "write '12-25' (each year) or '2026-12-25'");
  return undefined;
}

function readTimeOfDay(reader: DocumentReader, value: unknown, path: string): number {
  const match = typeof value === 'string' ? TIME_OF_DAY.exec(value) : null;
  if (match !== null) {
    const [, hour = '', minute = '', second = '0'] = match;
    const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
    if (Number(minute) < 60 && Number(second) < 60 && seconds <= DAY_SECONDS) return seconds;
  }
  reader.add(path, `${shown(value)} is not a time of day`, "write '18:00' or '18:00:00', from '00:00' to '24:00'");
  return 0;
}
