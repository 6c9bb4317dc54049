/**
 * Every example of schemas/price-books is valid, and the usage beside it, settled for the subscribers beside it, gives
 * the bill beside it. The bills were worked out by hand (schemas/price-books/README.md has the working).
 */
import { describe, expect, it } from 'vitest';
import {
  EventTable,
  formatMoney,
  type GuidedFact,
  isProfile,
  type OfflineEvent,
  offlineEvent,
  parseMoney,
  parseTimeMicros,
  ReferenceIndex,
  type SettledBill,
  Settlement,
  validatePriceBook,
} from '../../src/index.ts';
import { BOOK_FILES, parseBook, readLines, readText } from '../support/price-book-files.ts';

const EXAMPLES = [
  'iot-stacked-pool',
  'iot-fixed-pool',
  'mobility-bundle',
  'telephony',
  'device-bundle',
  'wholesale',
] as const;
type Row = Readonly<Record<string, unknown>>;

describe.each(BOOK_FILES)('%s', (file) => {
  it('is valid', () => {
    const result = validatePriceBook(parseBook(readText(file)));
    expect('problems' in result ? result.problems : []).toEqual([]);
  });

  it('names the JSON Schema for editors first', () => {
    expect(readText(file)).toMatch(/^# yaml-language-server: \$schema=price-book\.schema\.json\n/);
  });
});

describe.each(EXAMPLES)('the bill of %s', (name) => {
  const expected = JSON.parse(readText(`${name}.expected.json`)) as { totals: Row[]; trueUps: Row[] };

  it('is settled as it was worked out', () => {
    const bill = settle(name);
    const totals = bill.totals.map(({ quantity, amount, ...key }) => ({
      ...key,
      quantity: String(quantity),
      amount: formatMoney(amount),
    }));
    expect(sorted(totals)).toEqual(sorted(expected.totals));
    expect(bill.unrated).toEqual([]);
    const trueUps = bill.trueUps.map(({ amount, priceBook, price, ...key }) => {
      expect(priceBook).toBe(`${name}@1`);
      return { ...key, price: price.replace(/@.*$/, '@'), amount: formatMoney(amount) };
    });
    expect(trueUps).toEqual(expected.trueUps);
  });
});

function sorted(rows: readonly Row[]): readonly Row[] {
  const key = (row: Row): string => JSON.stringify(Object.entries(row).sort());
  return rows.toSorted((left, right) => (key(left) < key(right) ? -1 : 1));
}

function settle(name: string): SettledBill {
  const documents: Row[] = [
    { kind: 'priceBook', id: 'book', book: parseBook(readText(`${name}.yaml`)) },
    ...readLines(`${name}.subscribers.jsonl`),
  ];
  const index = new ReferenceIndex();
  expect(index.applyMessage(0, JSON.stringify(documents))).toEqual([]);
  const facts: GuidedFact[] = documents.map((fact) => ({
    position: 0,
    receivedAt: 0,
    kind: String(fact.kind),
    fact: JSON.stringify(fact),
  }));
  const settlement = new Settlement(facts);
  expect(settlement.refused).toEqual([]);
  const events = readLines(`${name}.usage.jsonl`).map((row) => eventOf(row, index));
  const table = new EventTable();
  const canonical = events.toSorted((left, right) => left.eventTime - right.eventTime || (left.id < right.id ? -1 : 1));
  for (const event of canonical) table.add(event);
  settlement.add(table);
  return settlement.close();
}

/** The usage file's fields are those of usage-event.v1 in camel case. */
function eventOf(row: Row, index: ReferenceIndex): OfflineEvent {
  const text = (field: string): string => String(row[field] ?? '');
  const count = (field: string): number => Number(row[field] ?? 0);
  const eventTime = parseTimeMicros(text('startTime'));
  const profile = index.resolve(text('iccid'), null, null, eventTime, index.end);
  if (!isProfile(profile)) throw new Error(profile.detail);
  return offlineEvent({
    id: text('eventId'),
    profile,
    context: {
      source: text('source'),
      service: text('service'),
      plmn: text('plmn'),
      rat: text('rat'),
      apn: text('apn'),
      ratingGroup: Number(row.ratingGroup ?? -1),
      rawEncoding: 'message',
    },
    eventTime,
    endTime: row.endTime === undefined ? eventTime : parseTimeMicros(text('endTime')),
    bytesUp: count('bytesUp'),
    bytesDown: count('bytesDown'),
    seconds: count('seconds'),
    units: count('units'),
    ...(row.amount === undefined ? {} : { amount: parseMoney(text('amount')), amountCurrency: text('currency') }),
    imei: text('imei'),
    session: row.chargingSession === undefined ? '' : `${text('recordingFunction')}/${text('chargingSession')}`,
  });
}
