/**
 * What is around a model, worked into its pieces once and for all, in the order of the price function:
 * free units -> model -> connect fee -> discount -> maximum -> minimum (scope event). A limit cuts a piece in two where the
 * amount passes it, so that at rating time nothing is left but to find a piece.
 */
import type { Money } from '../contract.ts';
import type { MeterScope, PriceFunctionDefinition } from '../price-book/price-book.ts';
import { greatestCommonDivisor, greatestOfMultiples, SAFE } from './integers.ts';
import { modelPieces } from './model-pieces.ts';
import { type Piece, type Pieces, stepsOn } from './piece.ts';

/** 100 % in the unit of rates, 1e-12 per cent. */
const WHOLE = 100n * 10n ** 12n;

/** The terms that look at a sum only: also what a percentage with per-event terms has around it. */
export type AmountTerms = Pick<PriceFunctionDefinition, 'connectFee' | 'discountPercent' | 'maximum' | 'minimum'>;

/** The price function before its one rounding. */
export function pricePieces(definition: PriceFunctionDefinition, scope: MeterScope): Pieces {
  const model = modelPieces(definition.model);
  const { multiplier, divisor } = discount(definition.discountPercent);
  const denominator = model.denominator * divisor;
  const charged = afterFreeUnits(model.pieces, definition.freeUnits).map((piece) => ({
    ...piece,
    base: (piece.base + definition.connectFee * model.denominator) * multiplier,
    slope: piece.slope * multiplier,
  }));
  const capped = atMost(charged, definition.maximum, denominator);
  return { denominator, pieces: scope === 'event' ? atLeast(capped, definition.minimum, denominator) : capped };
}

/** A sum numerator / denominator with the fee, the discount and the limits; the result is over denominator * divisor. */
export function amountAround(
  terms: AmountTerms,
  scope: MeterScope,
  numerator: bigint,
  denominator: bigint,
): { numerator: bigint; denominator: bigint } {
  const { multiplier, divisor } = discount(terms.discountPercent);
  const over = denominator * divisor;
  const discounted = (numerator + terms.connectFee * denominator) * multiplier;
  const capped = terms.maximum === undefined || discounted <= terms.maximum * over ? discounted : terms.maximum * over;
  const least = scope === 'event' && terms.minimum !== undefined ? terms.minimum * over : 0n;
  return { numerator: capped < least ? least : capped, denominator: over };
}

/** What is left after the discount, as a fraction in lowest terms. */
function discount(percent: bigint): { multiplier: bigint; divisor: bigint } {
  const left = WHOLE - percent;
  const common = greatestCommonDivisor(left, WHOLE);
  return { multiplier: left / common, divisor: WHOLE / common };
}

/** Free units cost what a quantity of 0 costs; all else is as much further on. */
function afterFreeUnits(pieces: readonly Piece[], free: number): readonly Piece[] {
  const [first] = pieces;
  if (free === 0 || first === undefined) return pieces;
  const moved = pieces
    .map((piece, index) => ({
      ...piece,
      from: piece.from + free + (index === 0 ? 1 : 0),
      upTo: Math.min(SAFE, piece.upTo + free),
      origin: piece.origin + free,
    }))
    .filter((piece) => piece.from <= piece.upTo);
  return [constant({ ...first, upTo: free }, first.base), ...moved];
}

function atMost(pieces: readonly Piece[], limit: Money | undefined, denominator: bigint): readonly Piece[] {
  if (limit === undefined) return pieces;
  const most = limit * denominator;
  return pieces.flatMap((piece) => {
    const [within, above] = split(piece, most);
    return [...within, ...above.map((part) => constant(part, most))];
  });
}

function atLeast(pieces: readonly Piece[], limit: Money | undefined, denominator: bigint): readonly Piece[] {
  if (limit === undefined) return pieces;
  const least = limit * denominator;
  return pieces.flatMap((piece) => {
    const [below, above] = split(piece, least);
    return [...below.map((part) => constant(part, least)), ...above];
  });
}

function constant(piece: Piece, base: bigint): Piece {
  return { ...piece, origin: piece.from, step: 1, rounding: 'up', base, slope: 0n };
}

/** The part of a piece on which the amount is at most the limit, and the part on which it is above. Either may be empty. */
function split(piece: Piece, limit: bigint): [within: Piece[], above: Piece[]] {
  if (piece.base > limit) return [[], [piece]];
  if (piece.slope === 0n) return [[piece], []];
  const steps = (limit - piece.base) / piece.slope;
  if (steps >= BigInt(stepsOn(piece, piece.upTo))) return [[piece], []];
  const last = piece.origin + greatestOfMultiples(Number(steps), piece.step, piece.rounding);
  if (last < piece.from) return [[], [piece]];
  return [[{ ...piece, upTo: last }], [{ ...piece, from: last + 1 }]];
}
