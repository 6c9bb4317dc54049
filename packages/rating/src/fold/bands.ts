/**
 * Bands: stretches of the local wall clock in which a price holds. A band holds from `from` (inclusive) to `to` (exclusive);
 * where `to` is at or below `from` it runs past midnight. Days and dates are those of the instant's own local day, so a band
 * from 18:00 to 08:00 on Mondays holds on Monday before 08:00 and from 18:00 on.
 */
import type { Band } from '../price-book/price-book.ts';
import { MICROS_PER_DAY, MICROS_PER_SECOND } from '../time.ts';

/** An instant of a local calendar. */
export interface LocalInstant {
  /** Days since 1970. */
  readonly day: number;
  /** Microseconds since the day's nominal midnight, by the wall clock. */
  readonly within: number;
}

export class Bands {
  readonly #bands: readonly Band[];

  constructor(bands: readonly Band[]) {
    this.#bands = bands;
  }

  holdAt({ day, within }: LocalInstant): boolean {
    for (const band of this.#bands) if (bandHolds(band, day, within)) return true;
    return false;
  }

  /** The next wall-clock time of the day, above `within`, at which any band may begin or end; the day's end if none. */
  nextChange(within: number): number {
    let next = MICROS_PER_DAY;
    for (const { from, to } of this.#bands) {
      const [begins, ends] = [from * MICROS_PER_SECOND, to * MICROS_PER_SECOND];
      if (begins > within && begins < next) next = begins;
      if (ends > within && ends < next) next = ends;
    }
    return next;
  }
}

function bandHolds({ days, dates, from, to }: Band, day: number, within: number): boolean {
  const [begins, ends] = [from * MICROS_PER_SECOND, to * MICROS_PER_SECOND];
  const inside = begins < ends ? within >= begins && within < ends : within >= begins || within < ends;
  if (!inside) return false;
  // 1 January 1970 was a Thursday.
  if (days !== undefined && !days.includes(((day + 3) % 7) + 1)) return false;
  if (dates === undefined) return true;
  const date = new Date((day * MICROS_PER_DAY) / 1000).toISOString().slice(0, 10);
  return dates.includes(date) || dates.includes(date.slice(5));
}
