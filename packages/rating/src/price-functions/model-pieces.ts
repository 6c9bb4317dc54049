/**
 * A price model in pieces: what a quantity costs before anything around it. One model a file; this one picks.
 *
 * 1. The amount depends on the quantity alone, so a meter's lines F(after) - F(before) add up to F(total) in any order.
 * 2. It is exact: numerators over one denominator, prefix sums of the tiers below each tier, nothing rounded yet.
 */
import type { PriceModel } from '../price-book/price-book.ts';
import { flatPieces } from './flat.ts';
import { graduatedPieces } from './graduated.ts';
import { graduatedPercentagePieces } from './graduated-percentage.ts';
import { packagePieces } from './package.ts';
import { perUnitPieces } from './per-unit.ts';
import { percentagePieces } from './percentage.ts';
import type { Pieces } from './piece.ts';
import { stairstepPieces } from './stairstep.ts';
import { volumePieces } from './volume.ts';

export function modelPieces(model: PriceModel): Pieces {
  switch (model.model) {
    case 'per-unit':
      return perUnitPieces(model.unitPrice, model.per);
    case 'flat':
      return flatPieces(model.flatPrice);
    case 'package':
      return packagePieces(model.packagePrice, model.packageSize, model.packageRounding);
    case 'graduated':
      return graduatedPieces(model.tiers);
    case 'volume':
      return volumePieces(model.tiers);
    case 'stairstep':
      return stairstepPieces(model.tiers);
    case 'percentage':
      return percentagePieces(model.ratePercent, model.per);
    case 'graduated-percentage':
      return graduatedPercentagePieces(model.tiers, model.per);
    default:
      return model satisfies never;
  }
}
