/** What the parts of a book mean together, in the order in which a person would look at them. */
import { checkUses } from './check-uses.ts';
import type { DocumentReader } from './document-reader.ts';
import type { PriceBook } from './price-book.ts';
import type { Places } from './read-tariff.ts';

/** @param whole whether the book has to price all that it admits, and to have no rule that nothing reaches */
export function checkBook(reader: DocumentReader, book: PriceBook, places: Places, whole: boolean): void {
  checkUses(reader, book, places, whole);
}
