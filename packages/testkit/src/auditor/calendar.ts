/** Billing cycles: calendar months in a time zone, with their bounds in UTC. Found by asking the platform's calendar. */

export interface Cycle {
  /** YYYY-MM */
  readonly period: string;
  /** Microseconds, inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

const DAY_MS = 86_400_000;

export class Calendar {
  readonly #formats = new Map<string, Intl.DateTimeFormat>();
  readonly #cycles = new Map<string, Cycle[]>();

  /** The cycle that a time (microseconds) lies in. */
  cycleOf(timeZone: string, time: number): Cycle {
    let cycles = this.#cycles.get(timeZone);
    if (cycles === undefined) {
      cycles = [];
      this.#cycles.set(timeZone, cycles);
    }
    for (const cycle of cycles) if (cycle.from <= time && time < cycle.to) return cycle;
    const cycle = this.#find(timeZone, Math.floor(time / 1000));
    cycles.push(cycle);
    return cycle;
  }

  #find(timeZone: string, ms: number): Cycle {
    const period = this.#month(timeZone, ms);
    // A month has at most 31 days, and zones are less than a day off: the bounds lie within 33 days.
    const from = this.#firstAfter(timeZone, ms - 33 * DAY_MS, ms, (month) => month >= period);
    const to = this.#firstAfter(timeZone, ms, ms + 33 * DAY_MS, (month) => month > period);
    return { period, from: from * 1000, to: to * 1000 };
  }

  /** The first millisecond after `low` for which the month fulfils the condition; `high` fulfils it. */
  #firstAfter(timeZone: string, low: number, high: number, fulfils: (month: string) => boolean): number {
    let before = low;
    let after = high;
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (fulfils(this.#month(timeZone, middle))) after = middle;
      else before = middle;
    }
    return after;
  }

  #month(timeZone: string, ms: number): string {
    let format = this.#formats.get(timeZone);
    if (format === undefined) {
      format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit' });
      this.#formats.set(timeZone, format);
    }
    const parts = format.formatToParts(ms);
    const part = (type: string): string => parts.find((candidate) => candidate.type === type)?.value ?? '';
    return `${part('year')}-${part('month')}`;
  }
}
