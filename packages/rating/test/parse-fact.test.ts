import { describe, expect, it } from 'vitest';
import { parseFact } from '../src/index.ts';

const FROM = '2026-01-01T00:00:00Z';

/** One good fact of each kind. */
const GOOD: Record<string, Record<string, unknown>> = {
  account: { account: 'A', parent: null, currency: 'EUR', timeZone: 'Europe/Berlin', status: 'open', validFrom: FROM },
  pool: { pool: 'P', account: 'A', rule: 'stacked', validFrom: FROM },
  subscription: { subscription: 'S', account: 'A', plan: 'p', pool: null, state: 'active', validFrom: FROM },
  sim: { sim: '8949', imsi: null, msisdn: '4917', subscription: 'S', state: 'active', validFrom: FROM },
  topUp: { grant: 'G', subscription: 'S', addOn: 'x', validFrom: FROM, validTo: '2026-02-01T00:00:00Z' },
  priceBook: { book: {} },
  schema: { schemaId: 1, schema: '{}' },
  rawPartition: { partition: 0 },
  guidedPartitions: { generation: 1, count: 8 },
  foldVersion: { version: 1 },
  periodClosed: { period: '2026-11' },
};

describe('reference facts', () => {
  it.each(Object.entries(GOOD))('a good fact of kind %s is taken', (kind, fields) => {
    const fact = { kind, id: 'x', ...fields };
    expect(parseFact(fact)).toEqual({ fact });
  });

  it.each(Object.entries(GOOD))(
    'kind %s is refused without any of its fields, and with one it does not have',
    (kind, fields) => {
      for (const field of Object.keys(fields)) {
        const { [field]: _absent, ...rest } = fields;
        expect(parseFact({ kind, id: 'x', ...rest })).toEqual({ problem: expect.stringContaining(field) });
      }
      expect(parseFact({ kind, id: 'x', ...fields, colour: 'red' })).toEqual({
        problem: expect.stringContaining("no field 'colour'"),
      });
    },
  );

  it.each([
    ['no object', 17, 'a fact must be an object'],
    ['no kind', { id: 'x' }, 'kind must be one of account, pool'],
    ['a kind that is none', { kind: 'acount', id: 'x' }, 'not "acount"'],
    ['a kind of every object', { kind: 'toString', id: 'x' }, 'kind must be one of'],
    ['no id', { kind: 'rawPartition', partition: 0 }, 'the id of a fact of kind rawPartition'],
    ['an unknown time zone', { kind: 'account', id: 'x', ...GOOD.account, timeZone: 'Mars/Base' }, 'not "Mars/Base"'],
    ['a currency in words', { kind: 'account', id: 'x', ...GOOD.account, currency: 'euro' }, 'ISO 4217'],
    [
      'a time without zone',
      { kind: 'pool', id: 'x', ...GOOD.pool, validFrom: '2026-01-01T00:00:00' },
      'validFrom must be a time',
    ],
    ['a state that is none', { kind: 'sim', id: 'x', ...GOOD.sim, state: 'asleep' }, 'one of test-ready'],
    ['an end before the begin', { kind: 'topUp', id: 'x', ...GOOD.topUp, validTo: FROM }, 'validTo must be later'],
    ['a fraction of a partition', { kind: 'rawPartition', id: 'x', partition: 0.5 }, 'an integer from 0'],
    ['month 13', { kind: 'periodClosed', id: 'x', period: '2026-13' }, 'a month such as 2026-11'],
  ])('refused: %s', (_what, value, words) => {
    expect(parseFact(value)).toEqual({ problem: expect.stringContaining(words) });
  });
});
