/** Reads tariffs: named sets of allowances and prices, those of plans among them. */
import { type DocumentObject, type DocumentReader, join } from './document-reader.ts';
import { TARIFF_FIELDS } from './fields.ts';
import type { Allowance, Price, Tariff } from './price-book.ts';
import { type BucketSurroundings, readAllowances } from './read-buckets.ts';
import { readPrice } from './read-price.ts';

/** What the checks of a whole book have to know beside the book itself. */
export interface Places {
  /** Where in the document something stands. */
  readonly paths: Map<Allowance | Price, string>;
  /** Tariffs with problems of their own: what is missing in them may be what could not be read. */
  readonly broken: Set<string>;
}

export function readTariffs(
  reader: DocumentReader,
  value: unknown,
  around: BucketSurroundings,
  places: Places,
): Map<string, Tariff> {
  const tariffs = new Map<string, Tariff>();
  for (const [name, entry, path] of reader.named(value, 'tariffs')) {
    const fields = reader.object(entry, path, TARIFF_FIELDS) ?? {};
    if (fields.allowances === undefined && fields.prices === undefined) {
      reader.add(path, 'is empty', 'write prices, allowances or both');
    }
    tariffs.set(name, readTariff(reader, name, { prices: [], ...fields }, path, around, places));
  }
  return tariffs;
}

/** The tariff whose fields these are: of `tariffs`, or of a plan. */
export function readTariff(
  reader: DocumentReader,
  name: string,
  fields: DocumentObject,
  path: string,
  around: BucketSurroundings,
  places: Places,
): Tariff {
  const problems = reader.problems.length;
  const allowancesPath = join(path, 'allowances');
  const allowances = readAllowances(reader, fields.allowances, allowancesPath, name, around);
  allowances.forEach((allowance, index) => {
    places.paths.set(allowance, `${allowancesPath}[${index}]`);
  });
  const prices: Price[] = [];
  const pricesPath = join(path, 'prices');
  reader.list(fields.prices, pricesPath).forEach((entry, index) => {
    const pricePath = `${pricesPath}[${index}]`;
    const price = readPrice(reader, entry, pricePath, name, around);
    if (price === undefined) return;
    prices.push(price);
    places.paths.set(price, pricePath);
  });
  checkVersions(reader, prices, places);
  if (reader.problems.length > problems) places.broken.add(name);
  return { name, allowances, prices };
}

/** Prices of one id are versions of one price: for the same services and leg, each from a time of its own. */
function checkVersions(reader: DocumentReader, prices: readonly Price[], places: Places): void {
  const firsts = new Map<string, Price>();
  const versions = new Set<string>();
  for (const price of prices) {
    if (price.id === '') continue;
    const path = places.paths.get(price) ?? '';
    const first = firsts.get(price.id) ?? price;
    firsts.set(price.id, first);
    if (String(first.services) !== String(price.services)) {
      const field = join(path, first.services?.length === 1 || price.services?.length === 1 ? 'service' : 'services');
      reader.add(field, `other versions of price '${price.id}' are for another service`, 'give it an id of its own');
    }
    if (first.leg !== price.leg) {
      reader.add(join(path, 'leg'), `other versions of price '${price.id}' are ${first.leg}`, 'give it its own id');
    }
    const version = `${price.id}@${price.effectiveFrom ?? ''}`;
    if (versions.has(version)) {
      const cure = 'give the later version an effectiveFrom of its own, or another id';
      reader.add(path, `price '${price.id}' is there twice with the same effectiveFrom`, cure);
    }
    versions.add(version);
  }
}
