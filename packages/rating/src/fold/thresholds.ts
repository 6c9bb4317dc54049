/**
 * Thresholds: per cents of a bucket's size that a line says it crossed. They come from use before and after and the size
 * alone, so each fires once, and again when the bucket has grown.
 */

/** The highest per cent that is above `before / size` and not above `after / size`; 0 if none. @param percents rising */
export function crossed(percents: readonly number[], before: number, after: number, size: number): number {
  if (size <= 0 || after <= before) return 0;
  for (let index = percents.length - 1; index >= 0; index -= 1) {
    const percent = percents[index] as number;
    const point = pointOf(percent, size);
    if (point <= before) return 0;
    if (point <= after) return percent;
  }
  return 0;
}

/** The same for what a bucket's use does. */
export function crossedBy(
  percents: readonly number[],
  bucket: { readonly before: number; readonly drawn: number; readonly size: number },
): number {
  return percents.length === 0 ? 0 : crossed(percents, bucket.before, bucket.before + bucket.drawn, bucket.size);
}

/** The smallest use that is at least so many per cent of a size. */
function pointOf(percent: number, size: number): number {
  const product = percent * size;
  if (product <= Number.MAX_SAFE_INTEGER) return Math.ceil(product / 100);
  const exact = (BigInt(percent) * BigInt(size) + 99n) / 100n;
  return Number(exact);
}
