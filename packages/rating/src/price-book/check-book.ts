/** What the parts of a book mean together, in the order in which a person would look at them. */
import { CoverageCheck } from './check-coverage.ts';
import { checkLimits } from './check-limits.ts';
import { checkReach } from './check-reach.ts';
import { checkRoundings } from './check-rounding.ts';
import { checkTies } from './check-ties.ts';
import { checkUses } from './check-uses.ts';
import type { DocumentReader } from './document-reader.ts';
import { BookPlaces } from './places.ts';
import type { PriceBook } from './price-book.ts';
import { PriceIndex } from './price-index.ts';
import type { Places } from './read-tariff.ts';

/** @param whole whether the book has to price all that it admits, and to have no rule that nothing reaches */
export function checkBook(reader: DocumentReader, book: PriceBook, places: Places, whole: boolean): void {
  const index = new PriceIndex(book);
  const bookPlaces = new BookPlaces(book);
  checkUses(reader, book, places, whole);
  checkTies(reader, book, places, index, bookPlaces);
  if (!whole) return;
  new CoverageCheck(reader, book, places, index, bookPlaces).run();
  checkReach(reader, book, places, index, bookPlaces);
  checkLimits(reader, book, places);
  checkRoundings(reader, book, places);
}
