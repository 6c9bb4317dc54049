/** The tiers of graduated and volume prices, and those by percentage, as terms that pieces are made of. */
import type { PercentTier, Tier } from '../price-book/price-book.ts';
import type { TierTerms } from './piece.ts';

/** One step is one increment: what a tier prices is rounded up to it, so the started increment counts whole. */
export function tierTerms({ upTo, unitPrice, per, flatPrice, increment }: Tier): TierTerms {
  return { upTo, step: increment, slope: unitPrice * BigInt(increment), per: BigInt(per), flatPrice };
}

/** A rate in 1e-12 per cent of parts, `per` of which are one currency unit, is rate / (100 * per) in 1e-12 for each part. */
export function percentTerms({ upTo, ratePercent, flatPrice }: PercentTier, per: number): TierTerms {
  return { upTo, step: 1, slope: ratePercent, per: 100n * BigInt(per), flatPrice };
}
