/** Finds prices whose cap is below their least price: the least price would always be due, and the cap mean nothing. */
import { type DocumentReader, join } from './document-reader.ts';
import type { PriceBook } from './price-book.ts';
import type { Places } from './read-tariff.ts';

export function checkLimits(reader: DocumentReader, book: PriceBook, places: Places): void {
  for (const tariff of book.tariffs.values()) {
    if (places.broken.has(tariff.name)) continue;
    for (const price of tariff.prices) {
      if (price.rule.kind === 'zero-rated') continue;
      const path = places.paths.get(price) ?? '';
      const { model } = price.rule;
      checkLimit(reader, price.rule, path);
      if (model.model === 'percentage' && model.perEvent !== undefined) {
        checkLimit(reader, model.perEvent, join(path, 'perEvent'));
      }
    }
  }
}

function checkLimit(
  reader: DocumentReader,
  { minimum, maximum }: { readonly minimum: bigint | undefined; readonly maximum: bigint | undefined },
  path: string,
): void {
  if (maximum === undefined || minimum === undefined || maximum >= minimum) return;
  reader.add(join(path, 'maximum'), 'is below minimum', 'let maximum be at least minimum');
}
