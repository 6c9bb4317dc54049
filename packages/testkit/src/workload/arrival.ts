/**
 * When events happen: evenly over the window but for bursts at :00, :15 and :30 of each hour (5 to 12 times the usual
 * rate for a minute) and at midnight UTC (20 times), as devices that report by the clock do.
 */
import { hashNumbers } from '../random.ts';
import { WINDOW_DAYS, WINDOW_START_MS } from './scale.ts';

const MINUTES = WINDOW_DAYS * 24 * 60;

export class ArrivalClock {
  /** Share of all events before each minute. */
  readonly #before = new Float64Array(MINUTES + 1);
  #minute = 0;

  constructor(seed: number) {
    for (let minute = 0; minute < MINUTES; minute++) {
      this.#before[minute + 1] = (this.#before[minute] ?? 0) + minuteWeight(seed, minute);
    }
    const total = this.#before[MINUTES] ?? 1;
    for (let minute = 0; minute <= MINUTES; minute++) this.#before[minute] = (this.#before[minute] ?? 0) / total;
  }

  /** Milliseconds since 1970 at which this share (0 to 1) of all events has happened. Fast where shares rise. */
  timeAt(share: number): number {
    if (share < (this.#before[this.#minute] ?? 0)) this.#minute = 0;
    if (share - (this.#before[this.#minute] ?? 0) > 0.001) this.#minute = this.#search(share);
    while (this.#minute < MINUTES - 1 && share >= (this.#before[this.#minute + 1] ?? 1)) this.#minute++;
    const begin = this.#before[this.#minute] ?? 0;
    const width = (this.#before[this.#minute + 1] ?? 1) - begin;
    return WINDOW_START_MS + Math.floor((this.#minute + (share - begin) / width) * 60_000);
  }

  #search(share: number): number {
    let low = 0;
    let high = MINUTES - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#before[middle] ?? 0) <= share) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function minuteWeight(seed: number, minute: number): number {
  if (minute % 1440 === 0) return 20;
  const ofHour = minute % 60;
  return ofHour === 0 || ofHour === 15 || ofHour === 30 ? 5 + (hashNumbers(seed, minute, 3) % 8) : 1;
}
