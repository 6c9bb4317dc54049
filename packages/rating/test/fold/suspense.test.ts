/** Every code that the fold decides, what it says, and that a suspended event changes nothing. */
import { describe, expect, it } from 'vitest';
import {
  formatMoney,
  OUTCOME_DUPLICATE,
  OUTCOME_RATED,
  OUTCOME_SUSPENDED,
  type ReferenceFact,
} from '../../src/index.ts';
import { type BookDocument, demoBook, onePriceBook } from '../support/book.ts';
import {
  brief,
  MB,
  rate,
  raterWith,
  type ScenarioEvent,
  snapshotBytes,
  subscriptionFact,
} from '../support/scenario.ts';

const AT = '2026-11-10T12:00:00Z';
const IOT = { plan: 'iot-stacked', at: AT };

/** A plan whose only price for data begins later than its book, which no allowance forbids. */
function lateBook(): BookDocument {
  const price = { model: 'per-unit', unitPrice: '1', effectiveFrom: '2026-12-01T00:00:00Z' };
  return onePriceBook(price);
}

describe('codes', () => {
  it.each<
    [code: string, what: string, book: BookDocument, event: Partial<ScenarioEvent>, detail: string, value: string]
  >([
    [
      'PLAN_NOT_EFFECTIVE',
      'a plan that no book has',
      demoBook(),
      { plan: 'iot-old' },
      "plan 'iot-old' is in no price book",
      '0',
    ],
    [
      'PLAN_NOT_EFFECTIVE',
      'before the first book',
      demoBook(),
      { at: '2025-12-31T23:59:59Z', plmn: '310410', up: MB },
      'at 2025-12-31T23:59:59Z',
      '0.5',
    ],
    [
      'SERVICE_UNRESOLVED',
      'a service that the book does not have',
      demoBook(),
      { service: 'dta', up: 5 },
      "service 'dta' is not in price book demo@1",
      '0',
    ],
    ['ZONE_UNRESOLVED', 'no network, and all prices name zones', demoBook(), { up: 5 }, 'names no network', '0'],
    [
      'ZONE_UNRESOLVED',
      'a network in no zone',
      demoBook(),
      { plmn: '99999', up: 5 },
      'network 99999 is in no zone',
      '0',
    ],
    [
      'PRICE_NOT_FOUND',
      'a service that the plan does not price',
      demoBook(),
      { service: 'voice', seconds: 5 },
      "no price of plan 'iot-stacked'",
      '0',
    ],
    [
      'PRICE_NOT_FOUND',
      'a price that is not yet in force',
      lateBook(),
      { plan: 'plan', units: 3 },
      "fits service 'data'",
      '3',
    ],
    [
      'CURRENCY_MISMATCH',
      'an account in another currency',
      demoBook(),
      { currency: 'USD', plmn: '310410', up: MB },
      'is in USD, and plan',
      '0.5',
    ],
    [
      'OVERFLOW',
      'a price whose increment passes 2^53',
      onePriceBook({ model: 'per-unit', unitPrice: '1', increment: 2 ** 50 }),
      { plan: 'plan', units: 2 ** 53 - 2 },
      'past 2^53 - 1',
      '0',
    ],
  ])('%s: %s', (code, _what, book, event, detail, value) => {
    const { outcomes, suspended, lines } = rate(raterWith([book]), [{ id: '1', ...IOT, ...event }]);
    expect([...outcomes]).toEqual([OUTCOME_SUSPENDED]);
    expect(lines).toEqual([]);
    expect(suspended).toEqual([expect.objectContaining({ event: 0, code, detail: expect.stringContaining(detail) })]);
    expect(formatMoney(suspended[0]?.estimatedValue ?? -1n)).toBe(value);
  });

  it('OVERFLOW: a meter that would pass 2^53 - 1; the event before it and after it are rated', () => {
    const rater = raterWith([onePriceBook({ model: 'per-unit', unitPrice: '1' })]);
    const { outcomes, lines } = rate(rater, [
      { id: '1', at: AT, units: 2 ** 53 - 2 },
      { id: '2', at: AT, units: 2 },
      { id: '3', at: AT, units: 1 },
    ]);
    expect([...outcomes]).toEqual([OUTCOME_RATED, OUTCOME_SUSPENDED, OUTCOME_RATED]);
    expect(lines.map(({ after }) => after)).toEqual([2 ** 53 - 2, 2 ** 53 - 1]);
  });

  it('DUPLICATE_CONFLICT: same key and another payload; same key and payload is a duplicate', () => {
    const event = { ...IOT, id: '1', plmn: '310410', up: MB };
    const { outcomes, suspended, lines } = rate(raterWith([demoBook()]), [
      event,
      event,
      { ...event, payload: 2, up: 2 * MB },
      event,
    ]);
    expect([...outcomes]).toEqual([OUTCOME_RATED, OUTCOME_DUPLICATE, OUTCOME_SUSPENDED, OUTCOME_DUPLICATE]);
    expect(suspended).toEqual([
      {
        event: 2,
        code: 'DUPLICATE_CONFLICT',
        detail: expect.any(String),
        unit: 'bytes',
        quantity: 2 * MB,
        estimatedValue: 10n ** 12n,
        currency: 'EUR',
      },
    ]);
    expect(lines).toHaveLength(1);
  });

  it('a key is remembered only once its event is rated: after the cause is mended the same event is rated', () => {
    const event = { ...IOT, id: '1', plmn: '310410', up: MB };
    const rater = raterWith([demoBook()]);
    expect([...rate(rater, [{ ...event, plan: 'iot-old' }]).outcomes]).toEqual([OUTCOME_SUSPENDED]);
    expect([...rate(rater, [event, event]).outcomes]).toEqual([OUTCOME_RATED, OUTCOME_DUPLICATE]);
  });

  it('a network in no zone takes a price without zones, in zone nothing', () => {
    const rater = raterWith([demoBook()]);
    const { lines } = rate(rater, [
      { id: '1', at: AT, plan: 'mobility-bundle', currency: 'USD', service: 'voice', plmn: '99999', seconds: 60 },
      { id: '2', at: AT, plan: 'iot-stacked', service: 'lifecycle', units: 1 },
    ]);
    expect(lines.map((line) => `${line.rule.zone}|${brief(line)}|${line.rule.reason}`)).toEqual([
      '|pay-per-use 60 0.09|',
      "|zero-rated 1 0|operator's platform events",
    ]);
  });

  it('a suspended event leaves no trace in the state', () => {
    const facts: ReferenceFact[] = [subscriptionFact('A', '2026-01-01T00:00:00Z')];
    const account: ReferenceFact = {
      kind: 'account',
      id: 'a',
      account: 'ACC',
      parent: null,
      currency: 'EUR',
      timeZone: 'UTC',
      status: 'open',
      validFrom: '2026-01-01T00:00:00Z',
    };
    const rater = raterWith([demoBook()], [account, ...facts]);
    const before = snapshotBytes(rater);
    const { suspended } = rate(rater, [
      { ...IOT, id: '1', plan: 'iot-old', receivedAt: '1970-01-01T00:00:00Z' },
      { ...IOT, id: '2', plmn: '99999', receivedAt: '1970-01-01T00:00:00Z' },
    ]);
    expect(suspended).toHaveLength(2);
    expect(snapshotBytes(rater)).toEqual(before);
  });
});

describe('the duplicate window', () => {
  const event = (id: string, at: string, receivedAt: string): ScenarioEvent => ({
    ...IOT,
    id,
    at,
    receivedAt,
    plmn: '310410',
    up: 1,
  });

  it('keeps a day’s keys 60 days by receipt time, and then lets them go', () => {
    const rater = raterWith([demoBook()]);
    const first = event('1', '2026-11-01T10:00:00Z', '2026-11-01T10:00:00Z');
    rate(rater, [first, event('2', '2026-12-31T10:00:00Z', '2026-12-31T10:00:00Z')]);
    expect(rater.statistics().duplicateKeys).toBe(2);
    expect([...rate(rater, [first]).outcomes]).toEqual([OUTCOME_DUPLICATE]);
    rate(rater, [event('3', '2027-01-01T10:00:00Z', '2027-01-01T10:00:00Z')]);
    expect(rater.statistics().duplicateKeys).toBe(2);
    const { suspended } = rate(rater, [first]);
    expect(suspended).toEqual([
      expect.objectContaining({ code: 'TIME_TOO_OLD', detail: expect.stringContaining('2026-11-01') }),
    ]);
  });

  it('tells days apart by event time: the same key on another day is another event', () => {
    const rater = raterWith([demoBook()]);
    const at = '2026-11-01T23:59:59.999999Z';
    const { outcomes } = rate(rater, [event('1', at, at), event('1', '2026-11-02T00:00:00Z', at)]);
    expect([...outcomes]).toEqual([OUTCOME_RATED, OUTCOME_RATED]);
  });
});
