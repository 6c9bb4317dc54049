/**
 * A price book as it will be at a time, for trying it on usage from before: in force from ever, with the version of each
 * price that is in force then and without its date.
 */
import { formatTimeMicros, validatePriceBook } from '@headrace/rating';
import { timeMicrosOf } from '@headrace/rating/time';
import type { BookFile } from '../book-file.ts';
import { CommandFailed } from '../command.ts';
import { FROM_EVER } from '../offline/defaults.ts';

type Document = Readonly<Record<string, unknown>>;

/**
 * @param time microseconds; undefined: prices keep their dates, only the book itself is in force from ever
 * @throws CommandFailed if what is left is no valid book
 */
export function bookAsOf({ path, document }: BookFile, time: number | undefined): BookFile {
  const whole = documentOf(document);
  const dated =
    time === undefined
      ? whole
      : { ...whole, ...eachTariff(whole, 'tariffs', time), ...eachTariff(whole, 'plans', time) };
  const lifted = { ...dated, effectiveFrom: FROM_EVER };
  const result = validatePriceBook(lifted);
  if ('book' in result) return { path, document: lifted, book: result.book };
  const [first] = result.problems;
  const when = time === undefined ? '' : ` as of ${formatTimeMicros(time)}`;
  throw new CommandFailed(`${path} cannot be tried${when}: ${first?.path}: ${first?.problem}; ${first?.cure}`);
}

function eachTariff(document: Document, kind: 'tariffs' | 'plans', time: number): Document {
  const tariffs = document[kind];
  if (tariffs === undefined) return {};
  const entries = Object.entries(documentOf(tariffs)).map(([name, tariff]) => [
    name,
    tariffAsOf(documentOf(tariff), time),
  ]);
  return { [kind]: Object.fromEntries(entries) };
}

function tariffAsOf(tariff: Document, time: number): Document {
  if (!Array.isArray(tariff.prices)) return tariff;
  const prices = tariff.prices.map(documentOf);
  const inForce = prices.filter(
    (price) => startOf(price) <= time && !prices.some((other) => follows(other, price, time)),
  );
  return { ...tariff, prices: inForce.map(({ effectiveFrom: _, ...price }) => price) };
}

/** Another version of the same price, later and in force. */
function follows(other: Document, price: Document, time: number): boolean {
  return other.id === price.id && startOf(other) > startOf(price) && startOf(other) <= time;
}

function startOf({ effectiveFrom }: Document): number {
  if (effectiveFrom === undefined) return Number.NEGATIVE_INFINITY;
  return timeMicrosOf(String(effectiveFrom)) ?? Number.NEGATIVE_INFINITY;
}

/** The document was validated: what should be a record is one. */
function documentOf(value: unknown): Document {
  if (typeof value === 'object' && value !== null) return value as Document;
  throw new TypeError('a validated price book has a part that is no record');
}
