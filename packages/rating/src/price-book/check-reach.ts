/**
 * Finds rules that nothing reaches: a price that others always beat, what fits no network, a bucket that is never valid,
 * bands whose dates are over. A version that a later one replaced before the book began is history and no such rule.
 */

import { formatTimeMicros, MICROS_PER_DAY } from '../time.ts';
import { uncovered } from './coverage.ts';
import { type DocumentReader, join } from './document-reader.ts';
import { criteriaMeet } from './overlap.ts';
import type { BookPlaces, Place } from './places.ts';
import type { Plan, Price, PriceBook, Scope } from './price-book.ts';
import type { PriceIndex } from './price-index.ts';
import type { Places } from './read-tariff.ts';

export function checkReach(
  reader: DocumentReader,
  book: PriceBook,
  documentPlaces: Places,
  index: PriceIndex,
  places: BookPlaces,
): void {
  checkBuckets(reader, book, documentPlaces, places);
  const users = plansByTariff(book);
  for (const tariff of book.tariffs.values()) {
    if (documentPlaces.broken.has(tariff.name)) continue;
    for (const price of tariff.prices) {
      const path = documentPlaces.paths.get(price) ?? '';
      if (index.endOf(price) <= book.effectiveFrom) continue;
      if (places.fitting(price).length === 0) {
        reader.add(path, nowhere(`price '${price.id}'`), 'change zones or roaming');
      } else if (datesOver(price, book, index)) {
        const problem = `price '${price.id}' is never in force on a date of its bands`;
        reader.add(join(path, 'when'), problem, 'change the dates, or take the price out');
      } else {
        const winner = alwaysBeaten(price, book, users.get(tariff.name) ?? [], index, places);
        if (winner === undefined) continue;
        const problem = `price '${price.id}' is never reached: ${winner} always fits before it`;
        reader.add(path, problem, 'give it a lower priority, narrow the other, or take it out');
      }
    }
  }
}

function checkBuckets(reader: DocumentReader, book: PriceBook, documentPlaces: Places, places: BookPlaces): void {
  const check = (what: string, scope: Scope, path: string): void => {
    if (places.fitting(scope).length === 0) reader.add(path, nowhere(what), 'change zones or roaming');
  };
  for (const pool of book.pools.values()) check(`pool '${pool.name}'`, pool, join('pools', pool.name));
  for (const addOn of book.addOns.values()) check(`add-on '${addOn.name}'`, addOn, join('addOns', addOn.name));
  for (const tariff of book.tariffs.values()) {
    for (const allowance of tariff.allowances) {
      const path = documentPlaces.paths.get(allowance) ?? '';
      check(`allowance '${allowance.id}'`, allowance, path);
      if (allowance.validTo === undefined || allowance.validTo > book.effectiveFrom) continue;
      const problem = `allowance '${allowance.id}' is never valid: it ends before the book is in force`;
      reader.add(join(path, 'validTo'), problem, 'write a later validTo, or take the allowance out');
    }
  }
}

function nowhere(what: string): string {
  return `${what} fits no network: none of its zones has such networks`;
}

function plansByTariff(book: PriceBook): Map<string, Plan[]> {
  const users = new Map<string, Plan[]>();
  for (const plan of book.plans.values()) {
    for (const tariff of plan.tariffs) {
      const plans = users.get(tariff);
      if (plans === undefined) users.set(tariff, [plan]);
      else plans.push(plan);
    }
  }
  return users;
}

/** Whether all bands are of days with a year, none of which is in the time of the price; a day's grace for time zones. */
function datesOver(price: Price, book: PriceBook, index: PriceIndex): boolean {
  if (price.bands === undefined || price.bands.length === 0) return false;
  const start = Math.max(index.startOf(price), book.effectiveFrom) - MICROS_PER_DAY;
  const first = formatTimeMicros(Math.max(start, 0)).slice(0, 10);
  const end = index.endOf(price);
  const last = end === Number.POSITIVE_INFINITY ? '9999-12-31' : formatTimeMicros(end + MICROS_PER_DAY).slice(0, 10);
  const over = (date: string): boolean => date.length > 5 && (date < first || date > last);
  return price.bands.every((band) => band.dates?.every(over) ?? false);
}

/** In words which price beats this one in every plan that has it, whatever the use and the time; undefined if none does. */
function alwaysBeaten(
  price: Price,
  book: PriceBook,
  users: readonly Plan[],
  index: PriceIndex,
  places: BookPlaces,
): string | undefined {
  if (users.length === 0) return beatenIn(price, [...new Set([price.tariff, ...book.wholesale])], book, index, places);
  let winner: string | undefined;
  for (const plan of users) {
    winner = beatenIn(price, [...plan.tariffs, ...book.wholesale], book, index, places);
    if (winner === undefined) return undefined;
  }
  return winner;
}

function beatenIn(
  price: Price,
  tariffs: readonly string[],
  book: PriceBook,
  index: PriceIndex,
  places: BookPlaces,
): string | undefined {
  let winner: Price | undefined;
  for (const service of price.services ?? book.services.keys()) {
    if (!index.mayBeBeaten(price, tariffs, service)) return undefined;
    for (const [place] of index.placesAlike(tariffs, price.leg, service, places.fitting(price))) {
      const better = betterAt(price, tariffs, service, place, index);
      if (better.length === 0) return undefined;
      winner ??= better[0];
      const beatenAt = (time: number): boolean =>
        uncovered(
          price,
          better.filter((other) => index.inForce(other, time)),
        ) === undefined;
      const first = Math.max(index.startOf(price), book.effectiveFrom);
      if (!beatenAt(first) || !changesAfter(first, price, better, index).every(beatenAt)) return undefined;
    }
  }
  return winner === undefined ? undefined : `price '${winner.id}' of '${winner.tariff}'`;
}

function betterAt(
  price: Price,
  tariffs: readonly string[],
  service: string,
  place: Place,
  index: PriceIndex,
): readonly Price[] {
  return index
    .at(tariffs, price.leg, service, place)
    .filter((other) => criteriaMeet(other, price) && beats(other, price, index));
}

function beats(one: Price, other: Price, index: PriceIndex): boolean {
  if (one.tariff === other.tariff && one.id === other.id) return false;
  if (one.priority !== other.priority) return one.priority < other.priority;
  const [oneZoned, otherZoned] = [one.zones !== undefined, other.zones !== undefined];
  if (oneZoned !== otherZoned) return oneZoned;
  return index.startOf(one) > index.startOf(other);
}

/** The times after `first` at which other prices change while a price is in force. */
function changesAfter(first: number, price: Price, others: readonly Price[], index: PriceIndex): readonly number[] {
  const changes = others.flatMap((other) => [index.startOf(other), index.endOf(other)]);
  const end = index.endOf(price);
  return [...new Set(changes)].filter((time) => time > first && time < end);
}
