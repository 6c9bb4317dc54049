/**
 * No event may find two prices of one rank: with one priority, one effectiveFrom, both for named zones or both not, and
 * with criteria and bands that can hold together. It also keeps a service to one way of pricing: whole, or by direction.
 *
 * Two versions of one id are never a tie, as only the latest is looked at. Each tariff is checked once, each pair of
 * tariffs once, whatever number of plans uses them.
 */
import { type DocumentReader, join } from './document-reader.ts';
import { criteriaMeet } from './overlap.ts';
import type { BookPlaces } from './places.ts';
import type { Price, PriceBook } from './price-book.ts';
import type { PriceIndex } from './price-index.ts';
import type { Places } from './read-tariff.ts';
import { bandsMeet } from './week-time.ts';

/** Prices of one rank for a service and a zone (undefined: those that name none). */
interface RankEntry {
  readonly service: string;
  readonly zone: string | undefined;
  readonly prices: Price[];
}

export function checkTies(
  reader: DocumentReader,
  book: PriceBook,
  documentPlaces: Places,
  index: PriceIndex,
  places: BookPlaces,
): void {
  const ranks = new Map<string, Map<string, RankEntry>>();
  const pathOf = (price: Price): string => documentPlaces.paths.get(price) ?? '';
  const reported = new Set<string>();
  const compare = (left: Price, right: Price, entry: RankEntry, plan: string): void => {
    const path = pathOf(right);
    if (reported.has(path) || !tie(left, right, entry.zone, book, index, places)) return;
    reported.add(path);
    const where = entry.zone === undefined ? 'without zones' : `in zone '${entry.zone}'`;
    const of = plan === '' ? '' : `, both used by plan '${plan}',`;
    const names = plan === '' ? [left, right].map(({ id }) => `'${id}'`) : [left, right].map(inTariff);
    reader.add(
      path,
      `prices ${names.join(' and ')}${of} both fit service '${entry.service}' ${where}`,
      'let one price fit: give one a lower priority, take out what they share, or give them one id and different ' +
        'effectiveFrom',
    );
  };
  for (const tariff of book.tariffs.values()) {
    const own = rank(tariff.prices, book);
    ranks.set(tariff.name, own);
    for (const entry of own.values()) {
      entry.prices.forEach((price, position) => {
        for (let before = 0; before < position; before += 1) {
          const other = entry.prices[before];
          if (other !== undefined && other.id !== price.id) compare(other, price, entry, '');
        }
      });
    }
  }
  for (const { left, right, plan } of tariffPairs(book)) {
    const [one, two] = [ranks.get(left), ranks.get(right)];
    if (one === undefined || two === undefined) continue;
    const [fewer, more] = one.size < two.size ? [one, two] : [two, one];
    for (const [key, entry] of fewer) {
      const other = more.get(key);
      if (other === undefined) continue;
      const [lefts, rights] = fewer === one ? [entry.prices, other.prices] : [other.prices, entry.prices];
      for (const price of lefts) for (const against of rights) compare(price, against, entry, plan);
    }
  }
  checkDirections(reader, book, pathOf);
}

function inTariff(price: Price): string {
  return `'${price.id}' of '${price.tariff}'`;
}

function rank(prices: readonly Price[], book: PriceBook): Map<string, RankEntry> {
  const ranks = new Map<string, RankEntry>();
  for (const price of prices) {
    for (const service of price.services ?? book.services.keys()) {
      for (const zone of price.zones ?? [undefined]) {
        const key = `${price.leg}/${price.priority}/${price.effectiveFrom ?? ''}/${service}/${zone ?? ''}`;
        const entry = ranks.get(key);
        if (entry === undefined) ranks.set(key, { service, zone, prices: [price] });
        else entry.prices.push(price);
      }
    }
  }
  return ranks;
}

/** Pairs of tariffs with prices that meet in a plan, each once, with the first plan where they do. */
function tariffPairs(book: PriceBook): { left: string; right: string; plan: string }[] {
  const pairs: { left: string; right: string; plan: string }[] = [];
  const seen = new Set<string>();
  for (const plan of book.plans.values()) {
    const all = [...plan.tariffs, ...book.wholesale];
    const tariffs = all.filter((name) => (book.tariffs.get(name)?.prices.length ?? 0) > 0);
    tariffs.forEach((right, position) => {
      for (const left of tariffs.slice(0, position)) {
        const key = `${left}/${right}`;
        if (left === right || seen.has(key) || seen.has(`${right}/${left}`)) continue;
        seen.add(key);
        pairs.push({ left, right, plan: plan.id });
      }
    });
  }
  return pairs;
}

/** Whether two prices of one rank, service and zone can both be the price of one event. */
function tie(
  left: Price,
  right: Price,
  zone: string | undefined,
  book: PriceBook,
  index: PriceIndex,
  places: BookPlaces,
): boolean {
  if (!criteriaMeet(left, right) || !bandsMeet(left.bands, right.bands) || !places.meet(left, right, zone))
    return false;
  // Both begin together; what ended before the book began is history.
  return Math.min(index.endOf(left), index.endOf(right)) > book.effectiveFrom;
}

/** A service is priced whole or by direction: else octets of one event would find two prices, or none. */
function checkDirections(reader: DocumentReader, book: PriceBook, pathOf: (price: Price) => string): void {
  const byTariff = new Map<string, Map<string, Price>>();
  for (const tariff of book.tariffs.values()) {
    const ways = new Map<string, Price>();
    for (const price of tariff.prices) {
      const way = price.direction === undefined ? 'whole' : 'direction';
      for (const service of price.services ?? book.services.keys()) {
        const key = `${price.leg}/${service}/${way}`;
        if (!ways.has(key)) ways.set(key, price);
      }
    }
    if ([...ways.values()].some((price) => price.direction !== undefined)) byTariff.set(tariff.name, ways);
  }
  const reported = new Set<Price>();
  for (const plan of byTariff.size === 0 ? [] : book.plans.values()) {
    for (const tariff of [...plan.tariffs, ...book.wholesale]) {
      for (const [key, price] of byTariff.get(tariff) ?? []) {
        if (price.direction === undefined || reported.has(price)) continue;
        const [leg, service] = key.split('/');
        const whole = [...plan.prices, ...wholesalePrices(book)].find(
          (other) =>
            other.leg === leg && other.direction === undefined && (other.services?.includes(service ?? '') ?? true),
        );
        if (whole === undefined) continue;
        reported.add(price);
        const problem = `price '${price.id}' is for one direction of service '${service}', and '${whole.id}' for the whole`;
        reader.add(join(pathOf(price), 'direction'), problem, 'price a service whole, or each direction');
      }
    }
  }
}

function wholesalePrices(book: PriceBook): readonly Price[] {
  return book.wholesale.flatMap((name) => book.tariffs.get(name)?.prices ?? []);
}
