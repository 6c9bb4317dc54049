/** The public face of the domain: price books, facts, money, and the fold that rates. */
export * from './contract.ts';
export { explainEvent, explainLine, type LineColumns } from './explain.ts';
export * from './facts.ts';
export { createRater, restoreRater } from './fold/rater.ts';
export * from './guiding/index.ts';
export { formatMoney, MONEY_DECIMALS, MONEY_UNIT, parseMoney, roundMoney } from './money.ts';
export * from './offline/index.ts';
export { parseFact } from './parse-fact.ts';
export * from './price-book/index.ts';
export { RatingError } from './rating-error.ts';
export * from './settlement/index.ts';
export { formatTimeMicros, parseTimeMicros } from './time.ts';
export { FOLD_VERSION } from './version.ts';
