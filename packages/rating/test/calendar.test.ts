import { describe, expect, it } from 'vitest';
import { Calendar } from '../src/calendar.ts';
import { formatTimeMicros, parseTimeMicros } from '../src/index.ts';

describe('billing cycles', () => {
  it.each([
    // zone, a time, period, start, end (exclusive)
    ['UTC', '2026-11-15T00:00:00Z', '2026-11', '2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z'],
    ['UTC', '2026-12-31T23:59:59.999999Z', '2026-12', '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['Europe/Berlin', '2026-10-31T23:30:00Z', '2026-11', '2026-10-31T23:00:00Z', '2026-11-30T23:00:00Z'],
    // Summer time begins inside March and ends inside October.
    ['Europe/Berlin', '2026-03-15T00:00:00Z', '2026-03', '2026-02-28T23:00:00Z', '2026-03-31T22:00:00Z'],
    ['Europe/Berlin', '2026-10-15T00:00:00Z', '2026-10', '2026-09-30T22:00:00Z', '2026-10-31T23:00:00Z'],
    ['America/New_York', '2026-11-01T03:59:59Z', '2026-10', '2026-10-01T04:00:00Z', '2026-11-01T04:00:00Z'],
    ['Asia/Kathmandu', '2026-10-31T18:15:00Z', '2026-11', '2026-10-31T18:15:00Z', '2026-11-30T18:15:00Z'],
    ['Pacific/Kiritimati', '2026-10-31T10:00:00Z', '2026-11', '2026-10-31T10:00:00Z', '2026-11-30T10:00:00Z'],
    // In 2018 Brazil's clocks went forward at midnight of 4 November, and in Paraguay of 1 October 2017.
    ['America/Asuncion', '2017-10-01T12:00:00Z', '2017-10', '2017-10-01T04:00:00Z', '2017-11-01T03:00:00Z'],
  ])('%s at %s is in %s, from %s to %s', (zone, time, period, start, end) => {
    const cycle = new Calendar(zone).at(parseTimeMicros(time));
    expect([cycle.period, formatTimeMicros(cycle.start), formatTimeMicros(cycle.end)]).toEqual([period, start, end]);
  });

  it('cycles follow each other without a gap', () => {
    const calendar = new Calendar('Australia/Lord_Howe');
    for (let index = 2025 * 12; index < 2028 * 12; index += 1) {
      expect(calendar.cycle(index).end).toBe(calendar.cycle(index + 1).start);
      expect(calendar.at(calendar.cycle(index).start).index).toBe(index);
      expect(calendar.at(calendar.cycle(index).end - 1).index).toBe(index);
    }
  });
});
