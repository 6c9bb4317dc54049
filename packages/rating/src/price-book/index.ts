/** Price books: validation of a document, and what a new book may not do to those before it. */
export { refuseSuccessor } from './continuity.ts';
export * from './price-book.ts';
export { validatePriceBook } from './validate.ts';
