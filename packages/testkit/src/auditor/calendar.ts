/**
 * Billing cycles and days in a time zone, with their bounds in UTC, and what a wall clock shows. Found by asking the
 * platform's calendar.
 */

/** A month or a day. */
export interface Stretch {
  /** YYYY-MM or YYYY-MM-DD. */
  readonly name: string;
  /** Microseconds, inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** What a clock on the wall shows. */
export interface WallClock {
  /** 1 is Monday. */
  readonly weekday: number;
  readonly secondOfDay: number;
}

const DAY_MS = 86_400_000;
/** Clocks change, and days begin, at quarters of an hour. */
const QUARTER = 900_000_000;
const MONTH_LETTERS = 7;
const DAY_LETTERS = 10;

export class Calendar {
  readonly #formats = new Map<string, Intl.DateTimeFormat>();
  readonly #stretches = new Map<string, Stretch[]>();
  readonly #quarters = new Map<string, WallClock>();

  /** The month that a time (microseconds) lies in. */
  cycleOf(timeZone: string, time: number): Stretch {
    return this.#stretchOf(timeZone, time, MONTH_LETTERS, 33);
  }

  dayOf(timeZone: string, time: number): Stretch {
    return this.#stretchOf(timeZone, time, DAY_LETTERS, 2);
  }

  wallClock(timeZone: string, time: number): WallClock {
    const quarter = Math.floor(time / QUARTER);
    const key = `${timeZone} ${quarter}`;
    let begin = this.#quarters.get(key);
    if (begin === undefined) {
      begin = this.#readClock(timeZone, (quarter * QUARTER) / 1000);
      this.#quarters.set(key, begin);
    }
    const passed = Math.floor((time - quarter * QUARTER) / 1_000_000);
    return { weekday: begin.weekday, secondOfDay: begin.secondOfDay + passed };
  }

  #readClock(timeZone: string, ms: number): WallClock {
    const [date = '', clock = ''] = this.#local(timeZone, ms).split(' ');
    const [hours = 0, minutes = 0, seconds = 0] = clock.split(':').map(Number);
    const sunday = new Date(`${date}T00:00:00Z`).getUTCDay();
    return { weekday: sunday === 0 ? 7 : sunday, secondOfDay: hours * 3600 + minutes * 60 + seconds };
  }

  #stretchOf(timeZone: string, time: number, letters: number, reachDays: number): Stretch {
    const key = `${timeZone} ${letters}`;
    let known = this.#stretches.get(key);
    if (known === undefined) {
      known = [];
      this.#stretches.set(key, known);
    }
    for (const stretch of known) if (stretch.from <= time && time < stretch.to) return stretch;
    const stretch = this.#find(timeZone, Math.floor(time / 1000), letters, reachDays * DAY_MS);
    known.push(stretch);
    return stretch;
  }

  #find(timeZone: string, ms: number, letters: number, reachMs: number): Stretch {
    const nameAt = (at: number): string => this.#local(timeZone, at).slice(0, letters);
    const name = nameAt(ms);
    const from = firstAfter(ms - reachMs, ms, (at) => nameAt(at) >= name);
    const to = firstAfter(ms, ms + reachMs, (at) => nameAt(at) > name);
    return { name, from: from * 1000, to: to * 1000 };
  }

  /** YYYY-MM-DD HH:MM:SS, as the sorting of texts sorts times. */
  #local(timeZone: string, ms: number): string {
    let format = this.#formats.get(timeZone);
    if (format === undefined) {
      const date = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
      const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
      format = new Intl.DateTimeFormat('en-CA', { timeZone, ...date, ...clock });
      this.#formats.set(timeZone, format);
    }
    return format.format(ms).replace(', ', ' ');
  }
}

/** The first millisecond after `low` that fulfils the condition; `high` fulfils it. */
function firstAfter(low: number, high: number, fulfils: (ms: number) => boolean): number {
  let before = low;
  let after = high;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (fulfils(middle)) after = middle;
    else before = middle;
  }
  return after;
}
