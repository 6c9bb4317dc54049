/** Two legs: what the customer pays and what partners charge us, from the same pass, neither touching the other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMoney } from '../../src/index.ts';
import { type BookDocument, onePriceBook } from '../support/book.ts';
import { SEED } from '../support/random.ts';
import { rate, raterWith, type ScenarioEvent } from '../support/scenario.ts';

const AT = '2026-11-10T12:00:00Z';
const COST = {
  id: 'cost',
  leg: 'wholesale',
  service: 'data',
  model: 'per-unit',
  meter: { owner: 'account', scope: 'cycle' },
};

/** Retail 2 a unit over an allowance of 10; wholesale 0.5 a unit in zone home. */
function book(withCosts: boolean, costs?: 'required'): BookDocument {
  const allowances = [{ id: 'a', service: 'data', quantity: 10 }];
  const document = onePriceBook({ model: 'per-unit', unitPrice: '2' }, { allowances });
  document.zones = { home: { networks: ['26201'] }, away: { networks: ['20801'] } };
  if (!withCosts) return document;
  const tariffs = { partners: { prices: [{ ...COST, unitPrice: '0.5', zones: ['home'] }] } };
  const wholesale = { currency: 'USD', tariffs: ['partners'], ...(costs === undefined ? {} : { costs }) };
  return { ...document, tariffs, wholesale } as BookDocument;
}

describe('the wholesale leg', () => {
  it('prices the whole event, whatever allowances cover, behind the retail lines', () => {
    const { lines } = rate(raterWith([book(true)]), [{ id: '1', at: AT, plmn: '26201', units: 14 }]);
    expect(
      lines.map(({ part, rule, quantity, amount }) =>
        [part, rule.leg, rule.tag, quantity, formatMoney(amount), rule.currency, rule.price].join(' '),
      ),
    ).toEqual([
      '0 retail in-bundle 10 0 EUR ',
      '1 retail overage 4 8 EUR plan/price@always',
      '2 wholesale pay-per-use 14 7 USD partners/cost@always',
    ]);
  });

  it('is not there where no price fits, unless the book requires one', () => {
    const away = [{ id: '1', at: AT, plmn: '20801', units: 1 }];
    expect(rate(raterWith([book(true)]), away).lines.map(({ rule }) => rule.leg)).toEqual(['retail']);
  });

  it(`does not touch retail (seed ${SEED})`, () => {
    const event = fc.record({
      units: fc.integer({ min: 0, max: 20 }),
      plmn: fc.constantFrom('26201', '20801'),
      by: fc.constantFrom('A', 'B'),
      day: fc.integer({ min: 1, max: 28 }),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (list) => {
        const events = list.map(({ day, ...rest }, index): ScenarioEvent => {
          return { id: String(index), at: `2026-11-${String(day).padStart(2, '0')}T00:00:00Z`, ...rest };
        });
        const retail = (document: BookDocument): unknown[] =>
          rate(raterWith([document]), events).lines.filter(({ rule }) => rule.leg === 'retail');
        expect(retail(book(true))).toEqual(retail(book(false)));
      }),
      { seed: SEED, numRuns: 50 },
    );
  });
});
