import { describe, expect, it } from 'vitest';
import { modelInWords } from '../../src/price-functions/in-words.ts';
import { type CasePrice, definition } from './case-price.ts';

const words = (price: CasePrice, unit: string, decimals = 0): string[] =>
  modelInWords({ ...definition(price, decimals), scope: price.scope ?? 'cycle' }, unit, 'EUR');

describe('a price in words', () => {
  it.each<[price: CasePrice, unit: string, phrases: readonly string[]]>([
    [{ model: 'per-unit', unitPrice: '0.0025', unitSize: '1048576' }, 'bytes', ['0.0025 EUR for each 1,048,576 bytes']],
    [{ model: 'flat', flatPrice: '0.5' }, 'messages', ['0.5 EUR, whatever the quantity']],
    [{ model: 'package', packageSize: '1000', packagePrice: '15' }, 'bytes', ['15 EUR for each started 1,000 bytes']],
    [
      { model: 'package', packageSize: '1000', packagePrice: '15', packageRounding: 'down' },
      'bytes',
      ['15 EUR for each 1,000 bytes, their number rounded down'],
    ],
    [
      {
        model: 'graduated',
        tiers: [
          { upTo: '60', unitPrice: '0.2', unitSize: '60', increment: '30' },
          { unitPrice: '0.1', unitSize: '60', flatPrice: '2' },
        ],
      },
      'seconds',
      [
        'graduated, each tier for the part inside it: up to 60 seconds 0.2 EUR for each 60 seconds, counted by started ' +
          '30 seconds; above 2 EUR plus 0.1 EUR for each 60 seconds',
      ],
    ],
    [
      { model: 'volume', tiers: [{ upTo: '15', unitPrice: '10' }, { unitPrice: '5' }] },
      'messages',
      ['by volume, one tier for all of it: up to 15 messages 10 EUR for each message; above 5 EUR for each message'],
    ],
    [
      { model: 'stairstep', tiers: [{ upTo: '100', flatPrice: '10' }, { flatPrice: '90' }] },
      'messages',
      ['by the tier that all of it lies in: up to 100 messages 10 EUR; above 90 EUR'],
    ],
    [
      {
        model: 'per-unit',
        unitPrice: '0.1',
        unitSize: '60',
        scope: 'event',
        minimumQuantity: '30',
        increment: '60',
        freeUnits: '2',
        connectFee: '0.15',
        discountPercent: '12.5',
        maximum: '5',
        minimum: '0.2',
        rounding: { digits: 2, mode: 'half-up' },
      },
      'seconds',
      [
        '0.1 EUR for each 60 seconds',
        'a quantity above 0 counts as at least 30 seconds',
        'the quantity is rounded up to a multiple of 60 seconds',
        'the first 120 seconds are free',
        'a connect fee of 0.15 EUR is added',
        'a discount of 12.5 % is taken off',
        'it is at most 5 EUR',
        'it is at least 0.2 EUR',
        'the running total is rounded half-up to 2 decimals',
      ],
    ],
    [
      { model: 'per-unit', unitPrice: '1', minimum: '100', rounding: { digits: 0, mode: 'down' } },
      'messages',
      [
        '1 EUR for each message',
        'what is missing to a commitment of 100 EUR is added at the close of the meter',
        'the running total is rounded down to whole units',
      ],
    ],
  ])('%o: %s', (price, unit, phrases) => {
    expect(words(price, unit)).toEqual(phrases);
  });

  it.each<[price: CasePrice, phrases: readonly string[]]>([
    [{ model: 'percentage', ratePercent: '1.3' }, ['1.3 % of the amount']],
    [
      {
        model: 'percentage',
        ratePercent: '1.3',
        fixedPerEvent: '2',
        freeEvents: 3,
        freeUnits: '250',
        perEventMinimum: '1.75',
        perEventMaximum: '12',
      },
      [
        '1.3 % of the amount',
        'the first 3 events are free, up to 250 EUR in all',
        'each event that is not free costs 2 EUR more',
        'such an event costs at least 1.75 EUR',
        'such an event costs at most 12 EUR',
      ],
    ],
    [
      { model: 'percentage', ratePercent: '1.3', fixedPerEvent: '2', freeUnits: '2.5' },
      ['1.3 % of the amount', 'the first 2.5 EUR are free', 'each event that is not free costs 2 EUR more'],
    ],
    [
      {
        model: 'graduated-percentage',
        tiers: [{ upTo: '10', ratePercent: '1', flatPrice: '200' }, { ratePercent: '2' }],
      },
      ['graduated, each tier for the part inside it: up to 10 EUR 200 EUR plus 1 %; above 2 %'],
    ],
  ])('%o', (price, phrases) => {
    expect(words(price, 'money', 2)).toEqual(phrases);
  });
});
