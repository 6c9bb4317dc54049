/** The part of a cycle's quantity that belongs to a stretch of it. */
import { divideHalfUp } from '../price-functions/integers.ts';
import { MICROS_PER_SECOND } from '../time.ts';

/** `quantity * stretch / cycle` rounded half up to whole raw units; all in microseconds, exact. */
export function prorate(quantity: number, stretch: number, cycle: number): number {
  if (stretch === cycle) return quantity;
  const seconds = stretch / MICROS_PER_SECOND;
  const cycleSeconds = cycle / MICROS_PER_SECOND;
  const whole = Number.isInteger(seconds) && Number.isInteger(cycleSeconds);
  const [part, all] = whole ? [seconds, cycleSeconds] : [stretch, cycle];
  return Number(divideHalfUp(BigInt(quantity) * BigInt(part), BigInt(all)));
}
