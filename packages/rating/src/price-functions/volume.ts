/**
 * Volume: the tier that the whole quantity lies in prices all of it, so the amount may fall where a cheaper tier begins and
 * the line that crosses is negative.
 */
import type { Tier } from '../price-book/price-book.ts';
import { type Pieces, piecesOfAll } from './piece.ts';
import { tierTerms } from './tier-terms.ts';

export function volumePieces(tiers: readonly Tier[]): Pieces {
  return piecesOfAll(tiers.map(tierTerms));
}
