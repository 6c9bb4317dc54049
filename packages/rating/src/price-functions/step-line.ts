/**
 * One compiled piece with its rounding: F(u) = round((base + k(u) * slope) / denominator), in steps of the rounding.
 *
 * 1. F is rounded, a difference never is: a difference is exactly F(after) - F(before).
 * 2. F = floor((start + k * slope) / divisor) in lowest terms. So a difference needs only the remainder of that numerator at
 *    `before`, not the numerator itself; and with slope = whole * divisor + rest only the rest has to be divided at all.
 *    That makes it exact in doubles however large the meter has grown, as long as the difference itself fits.
 * 3. The fast ways never give a wrong number: where doubles would not be exact they give NaN.
 */
import type { Money } from '../contract.ts';
import { MONEY_LIMIT } from '../money.ts';
import type { Rounding, RoundingMode } from '../price-book/price-book.ts';
import { DIVISOR_MAX, floorDivide, greatestCommonDivisor, remainder, SAFE, wholeMultiples } from './integers.ts';
import type { Piece } from './piece.ts';
import { roundingStep, roundQuotient } from './rounding.ts';

/** Numbers that tell a whole straight line: what `lineTotal` and `lineDifference` read. */
export const LINE_NUMBERS = 6;
const DIVISOR = 0;
const SLOPE_WHOLE = 1;
const SLOPE_REST = 2;
const START_WHOLE = 3;
const START_REST = 4;
const UNIT = 5;

/** F(quantity) of the line at an index of `numbers`, as an exact safe integer, or NaN where only `StepLine` can tell. */
export function lineTotal(numbers: Float64Array, at: number, quantity: number): number {
  const divisor = numbers[at + DIVISOR] as number;
  let count = (numbers[at + START_WHOLE] as number) + quantity * (numbers[at + SLOPE_WHOLE] as number);
  if (divisor !== 1) {
    const numerator = quantity * (numbers[at + SLOPE_REST] as number) + (numbers[at + START_REST] as number);
    if (numerator > SAFE) return Number.NaN;
    count += floorDivide(numerator, divisor);
  }
  const amount = count * (numbers[at + UNIT] as number);
  return amount <= SAFE ? amount : Number.NaN;
}

/** F(after) - F(before), for after >= before, in the same way. */
export function lineDifference(numbers: Float64Array, at: number, before: number, after: number): number {
  const divisor = numbers[at + DIVISOR] as number;
  const more = after - before;
  let count = more * (numbers[at + SLOPE_WHOLE] as number);
  if (divisor !== 1) {
    const slope = numbers[at + SLOPE_REST] as number;
    const numerator = before * slope + (numbers[at + START_REST] as number);
    if (numerator > SAFE) return Number.NaN;
    const growth = more * slope + remainder(numerator, divisor);
    if (growth > SAFE) return Number.NaN;
    count += floorDivide(growth, divisor);
  }
  const amount = count * (numbers[at + UNIT] as number);
  return amount <= SAFE ? amount : Number.NaN;
}

export class StepLine {
  /** Raw units, both inclusive. */
  readonly from: number;
  readonly upTo: number;
  readonly #origin: number;
  readonly #step: number;
  readonly #stepRounding: RoundingMode;
  readonly #base: bigint;
  readonly #slope: bigint;
  readonly #denominator: bigint;
  readonly #mode: RoundingMode;
  readonly #unit: bigint;
  // F = (startWhole + k * slopeWhole + floor((startRest + k * slopeRest) / divisor)) * fastUnit, as numbers. `divisor` is 0
  // where that would not be exact; what alone is too large is Infinity, which no sum with it passes for exact.
  readonly #divisor: number;
  readonly #slopeWhole: number;
  readonly #slopeRest: number;
  readonly #startWhole: number;
  readonly #startRest: number;
  readonly #fastUnit: number;

  constructor(piece: Piece, denominator: bigint, { digits, mode }: Rounding) {
    this.from = piece.from;
    this.upTo = piece.upTo;
    this.#origin = piece.origin;
    this.#step = piece.step;
    this.#stepRounding = piece.rounding;
    this.#base = piece.base;
    this.#slope = piece.slope;
    this.#unit = roundingStep(digits);
    this.#denominator = denominator * this.#unit;
    this.#mode = mode;
    const { divisor, start, slope } = floorForm(piece, this.#denominator, mode);
    // Where the piece reaches amounts of more than 38 digits, only `total` says from where on.
    const bounded = this.total(piece.upTo) !== undefined;
    const exact = bounded && divisor > 0n && divisor <= BigInt(SAFE) && slope / divisor <= BigInt(SAFE);
    this.#divisor = exact ? Number(divisor) : 0;
    this.#slopeWhole = exact ? Number(slope / divisor) : 0;
    this.#slopeRest = exact ? Number(slope % divisor) : 0;
    this.#startWhole = exact && start / divisor <= BigInt(SAFE) ? Number(start / divisor) : Number.POSITIVE_INFINITY;
    this.#startRest = exact ? Number(start % divisor) : 0;
    this.#fastUnit = Number(this.#unit);
  }

  /**
   * Writes the line's numbers to an index of `numbers`.
   * @returns false, and writes nothing, if it is not one straight line from 0 on that doubles can follow
   */
  writeNumbers(numbers: Float64Array, at: number): boolean {
    if (this.#divisor === 0 || this.#step !== 1 || this.#origin !== 0 || this.from !== 0 || this.upTo < SAFE)
      return false;
    numbers[at + DIVISOR] = this.#divisor;
    numbers[at + SLOPE_WHOLE] = this.#slopeWhole;
    numbers[at + SLOPE_REST] = this.#slopeRest;
    numbers[at + START_WHOLE] = this.#startWhole;
    numbers[at + START_REST] = this.#startRest;
    numbers[at + UNIT] = this.#fastUnit;
    return true;
  }

  /** F(quantity), for a quantity on this piece; undefined if it has more than 38 digits. */
  total(quantity: number): Money | undefined {
    const numerator = this.#base + BigInt(this.#steps(quantity)) * this.#slope;
    const total = roundQuotient(numerator, this.#denominator, this.#mode) * this.#unit;
    return total < MONEY_LIMIT ? total : undefined;
  }

  /** F(quantity) as an exact safe integer, or NaN. */
  fastTotal(quantity: number): number {
    if (this.#divisor === 0) return Number.NaN;
    return this.#inUnits(this.#startWhole + this.#growth(this.#steps(quantity), this.#startRest));
  }

  /** F(after) - F(before), both on this piece, as an exact safe integer, or NaN. */
  fastDifference(before: number, after: number): number {
    if (after < before) return 0 - this.fastDifference(after, before);
    const divisor = this.#divisor;
    if (divisor === 0) return Number.NaN;
    const steps = this.#steps(before);
    const more = this.#steps(after) - steps;
    if (more === 0) return 0;
    if (divisor === 1) return this.#inUnits(more * this.#slopeWhole);
    let numerator = steps * this.#slopeRest + this.#startRest;
    if (numerator > SAFE) {
      if (divisor > DIVISOR_MAX) return Number.NaN;
      numerator = remainder(steps, divisor) * this.#slopeRest + this.#startRest;
    }
    return this.#inUnits(this.#growth(more, remainder(numerator, divisor)));
  }

  /** floor((rest + steps * slope) / divisor), for rest < divisor; above 2^53 - 1 or NaN where it would not be exact. */
  #growth(steps: number, rest: number): number {
    const divisor = this.#divisor;
    const whole = steps * this.#slopeWhole;
    if (divisor === 1) return whole;
    const numerator = steps * this.#slopeRest + rest;
    if (numerator <= SAFE) return whole + floorDivide(numerator, divisor);
    if (divisor > DIVISOR_MAX) return Number.NaN;
    const turns = floorDivide(steps, divisor);
    const over = steps - turns * divisor;
    return whole + turns * this.#slopeRest + floorDivide(over * this.#slopeRest + rest, divisor);
  }

  #steps(quantity: number): number {
    return this.#step === 1
      ? quantity - this.#origin
      : wholeMultiples(quantity - this.#origin, this.#step, this.#stepRounding);
  }

  #inUnits(count: number): number {
    const amount = count * this.#fastUnit;
    return amount <= SAFE ? amount : Number.NaN;
  }
}

/** round((base + k * slope) / denominator) as floor((start + k * slope) / divisor); divisor 0 if it has no such form. */
function floorForm(
  piece: Piece,
  wholeDenominator: bigint,
  mode: RoundingMode,
): { start: bigint; slope: bigint; divisor: bigint } {
  const common = greatestCommonDivisor(greatestCommonDivisor(piece.base, piece.slope), wholeDenominator);
  const [base, slope, denominator] = [piece.base / common, piece.slope / common, wholeDenominator / common];
  if (denominator === 1n || mode === 'down') return { start: base, slope, divisor: denominator };
  if (mode === 'up') return { start: base + denominator - 1n, slope, divisor: denominator };
  // A half to the even neighbour depends on the whole amount; over an odd denominator there are no halves.
  if (mode === 'half-even' && denominator % 2n === 0n) return { start: 0n, slope: 0n, divisor: 0n };
  return { start: 2n * base + denominator, slope: 2n * slope, divisor: 2n * denominator };
}
