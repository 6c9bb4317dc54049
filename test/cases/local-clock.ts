/** The wall clock of a time zone, asked for every quarter of an hour: no zone changes its offset in between. */

export interface LocalTime {
  /** YYYY-MM-DD. */
  readonly date: string;
  /** 1 is Monday. */
  readonly weekday: number;
  /** Of the day. */
  readonly second: number;
}

const QUARTER = 900_000;

export class LocalClock {
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  at(millis: number): LocalTime {
    const wall = new Date(millis + this.#offset(millis));
    return {
      date: wall.toISOString().slice(0, 10),
      weekday: ((wall.getUTCDay() + 6) % 7) + 1,
      second: wall.getUTCHours() * 3600 + wall.getUTCMinutes() * 60 + wall.getUTCSeconds(),
    };
  }

  /** YYYY-MM. */
  month(millis: number): string {
    return this.at(millis).date.slice(0, 7);
  }

  /** The first quarter of an hour that is in a later month: for ordering only, so the scan may be coarse. */
  monthEnd(millis: number): number {
    const month = this.month(millis);
    let at = Math.floor(millis / QUARTER) * QUARTER;
    for (const step of [86_400_000, 3_600_000, QUARTER]) {
      while (this.month(at + step) === month) at += step;
    }
    return at + QUARTER;
  }

  #offset(millis: number): number {
    const quarter = Math.floor(millis / QUARTER);
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      offset = this.#wall(quarter * QUARTER) - quarter * QUARTER;
      this.#offsets.set(quarter, offset);
    }
    return offset;
  }

  #wall(millis: number): number {
    const fields = new Map<string, number>();
    for (const { type, value } of this.#format.formatToParts(millis)) fields.set(type, Number(value));
    const of = (name: string): number => fields.get(name) ?? 0;
    return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  }
}
