import { describe, expect, it } from 'vitest';
import { formatMoney } from '../../src/money.ts';
import { type CasePrice, isPerEvent } from './case-price.ts';
import { decimal, oracleEvents, oracleTotal } from './oracle.ts';
import { lines, meterPrice } from './support.ts';

type Row = [price: string, price_: CasePrice, usage: readonly string[], lines: readonly string[]];

const MB = '1048576';

/** What comes to one meter, and what each of it costs. */
function table(name: string, decimals: number, rows: readonly Row[]): void {
  describe(name, () => {
    it.each(rows)('%s: %o, usage %j costs %j', (_name, price, usage, expected) => {
      expect(lines(price, usage, decimals).map(formatMoney)).toEqual(expected);
      const quantities = usage.map(decimal);
      const sum = quantities.reduce((a, b) => ({ n: a.n * b.d + b.n * a.d, d: a.d * b.d }));
      const total = isPerEvent(price) ? oracleEvents(price, quantities) : oracleTotal(price, sum);
      expect(lines(price, usage, decimals).reduce((a, b) => a + b)).toBe(total);
    });
  });
}

const PER_MINUTE: CasePrice = { model: 'per-unit', unitPrice: '0.1', unitSize: '60' };
const TEN: CasePrice = { model: 'per-unit', unitPrice: '10' };

table('per unit', 0, [
  ['a minute by the second', PER_MINUTE, ['180'], ['0.3']],
  ['a minute by the second', PER_MINUTE, ['1'], ['0.001666666667']],
  ['a minute by the second', PER_MINUTE, ['0'], ['0']],
  ['thirds of a cent add up', PER_MINUTE, ['1', '1', '1'], ['0.001666666667', '0.001666666666', '0.001666666667']],
  ['data by the MB', { model: 'per-unit', unitPrice: '0.0025', unitSize: MB }, ['6144'], ['0.000014648438']],
  ['data by the MB', { model: 'per-unit', unitPrice: '0.0025', unitSize: MB }, ['6144000000'], ['14.6484375']],
  ['by started minute', { ...PER_MINUTE, increment: '60' }, ['61'], ['0.2']],
  ['by started minute', { ...PER_MINUTE, increment: '60' }, ['120'], ['0.2']],
  ['at least 30 s, started minute', { ...PER_MINUTE, minimumQuantity: '30', increment: '60' }, ['1'], ['0.1']],
  ['at least 30 s', { ...PER_MINUTE, minimumQuantity: '30' }, ['0'], ['0']],
  ['at least 30 s', { ...PER_MINUTE, minimumQuantity: '30' }, ['7', '24'], ['0.05', '0.001666666667']],
  ['whole units, up', { model: 'per-unit', unitPrice: '1', unitSize: '1000', increment: '1000' }, ['1001'], ['2']],
  [
    'whole units, down',
    { model: 'per-unit', unitPrice: '1', unitSize: '1000', increment: '1000', incrementRounding: 'down' },
    ['1900'],
    ['1'],
  ],
  [
    'whole units, half up',
    { model: 'per-unit', unitPrice: '1', unitSize: '1000', increment: '1000', incrementRounding: 'half-up' },
    ['2500'],
    ['3'],
  ],
  [
    'whole units, half to even',
    { model: 'per-unit', unitPrice: '1', unitSize: '1000', increment: '1000', incrementRounding: 'half-even' },
    ['2500', '1000'],
    ['2', '2'],
  ],
  ['parts of a unit', { model: 'per-unit', unitPrice: '1', unitSize: '1000' }, ['1400'], ['1.4']],
  ['10 free', { model: 'per-unit', unitPrice: '1', freeUnits: '10' }, ['20', '15'], ['10', '15']],
  ['5 free', { ...TEN, freeUnits: '5' }, ['3', '4', '1'], ['0', '20', '10']],
  ['half off, at most 100', { ...TEN, discountPercent: '50', maximum: '100' }, ['7', '20'], ['35', '65']],
  ['at most 50', { ...TEN, maximum: '50' }, ['3', '1', '3', '1'], ['30', '10', '10', '0']],
  [
    '256 MB by 10 kB',
    { model: 'per-unit', unitPrice: '1', unitSize: '10000', increment: '10000' },
    ['256000000'],
    ['25600'],
  ],
  [
    'connect fee, rounded up to cents',
    {
      model: 'per-unit',
      unitPrice: '0.05',
      unitSize: '60',
      increment: '1',
      connectFee: '0.15',
      scope: 'event',
      rounding: { digits: 2, mode: 'up' },
    },
    ['24'],
    ['0.17'],
  ],
  [
    'connect fee, rounded up to cents',
    { ...PER_MINUTE, unitPrice: '0.05', connectFee: '0.15', scope: 'event', rounding: { digits: 2, mode: 'up' } },
    ['180'],
    ['0.3'],
  ],
  ['connect fee of a covered call', { ...TEN, connectFee: '0.01', scope: 'event' }, ['0'], ['0.01']],
  ['at least 1 a call', { ...PER_MINUTE, scope: 'event', minimum: '1' }, ['60'], ['1']],
  ['at least 1 a call', { ...PER_MINUTE, scope: 'event', minimum: '1' }, ['1200'], ['2']],
  ['the minimum is after the cap', { ...TEN, scope: 'event', minimum: '3', maximum: '2' }, ['1'], ['3']],
  ['free of charge', { model: 'per-unit', unitPrice: '0' }, ['1000'], ['0']],
]);

table('flat', 0, [
  ['a day', { model: 'flat', flatPrice: '0.5', scope: 'day' }, ['1', '1', '1'], ['0.5', '0', '0']],
  ['also for nothing', { model: 'flat', flatPrice: '0.5' }, ['0', '7'], ['0.5', '0']],
  ['a tenth off', { model: 'flat', flatPrice: '0.5', discountPercent: '10' }, ['7'], ['0.45']],
]);

const FIVES: CasePrice = {
  model: 'graduated',
  tiers: [
    { upTo: '5', flatPrice: '100' },
    { upTo: '10', flatPrice: '50' },
    { upTo: '15', unitPrice: '10' },
    { unitPrice: '5' },
  ],
};
const WITH_FLATS: CasePrice = {
  model: 'graduated',
  tiers: [
    { upTo: '10', unitPrice: '10', flatPrice: '2' },
    { upTo: '20', unitPrice: '5', flatPrice: '3' },
    { unitPrice: '5', flatPrice: '3' },
  ],
};
const THIRTY_SIX: CasePrice = {
  model: 'graduated',
  scope: 'event',
  tiers: [
    { upTo: '30', unitPrice: '0.006', unitSize: '60', increment: '30' },
    { unitPrice: '0.006', unitSize: '60', increment: '6' },
  ],
};
const CALL: CasePrice = {
  model: 'graduated',
  scope: 'event',
  tiers: [
    { upTo: '60', unitPrice: '0.2', unitSize: '60', increment: '60' },
    { unitPrice: '0.1', unitSize: '60', increment: '1' },
  ],
  connectFee: '0.4',
  rounding: { digits: 4, mode: 'up' },
};
const BY_MINUTES: CasePrice = {
  model: 'graduated',
  scope: 'event',
  tiers: [
    { upTo: '60', unitPrice: '1', unitSize: '60', increment: '60' },
    { upTo: '999999', unitPrice: '0.1', unitSize: '60', increment: '60' },
    { unitPrice: '0' },
  ],
};

table('graduated', 0, [
  ['flat tiers', FIVES, ['3'], ['100']],
  ['flat tiers, the bound is inclusive', FIVES, ['5', '1'], ['100', '50']],
  ['flat tiers', FIVES, ['7', '5'], ['150', '20']],
  ['flat tiers, all four', FIVES, ['16'], ['205']],
  ['flat tiers, nothing used', FIVES, ['0'], ['100']],
  ['at most 170', { ...FIVES, maximum: '170' }, ['12', '10'], ['170', '0']],
  ['flat and unit prices', WITH_FLATS, ['0'], ['2']],
  ['flat and unit prices', WITH_FLATS, ['10'], ['102']],
  ['flat and unit prices', WITH_FLATS, ['12'], ['115']],
  ['flat and unit prices', WITH_FLATS, ['21'], ['163']],
  [
    'by thousands',
    {
      model: 'graduated',
      unitSize: '1000',
      increment: '1000',
      tiers: [{ upTo: '5', unitPrice: '1' }, { unitPrice: '0.5' }],
    },
    ['7400'],
    ['6.5'],
  ],
  [
    'a free tier',
    { model: 'graduated', tiers: [{ upTo: '5', unitPrice: '0' }, { upTo: '10', unitPrice: '2' }, { unitPrice: '3' }] },
    ['7'],
    ['4'],
  ],
  ['one tier', { model: 'graduated', tiers: [{ unitPrice: '1', flatPrice: '10' }] }, ['5'], ['15']],
  ['a millionth', { model: 'graduated', tiers: [{ unitPrice: '0.000001' }] }, ['1000000'], ['1']],
  ['30/6', THIRTY_SIX, ['32'], ['0.0036']],
  ['30/6', THIRTY_SIX, ['1'], ['0.003']],
  ['60/1 with a fee, rounded up', CALL, ['20'], ['0.6']],
  ['60/1 with a fee, rounded up', CALL, ['85'], ['0.6417']],
  ['the first minute is dearer', BY_MINUTES, ['61'], ['1.1']],
  ['the first minute is dearer', BY_MINUTES, ['999999'], ['1667.6']],
  [
    'blocks of 100, then of 1000',
    {
      model: 'graduated',
      tiers: [
        { upTo: '1000', unitPrice: '1', unitSize: '100', increment: '100' },
        { unitPrice: '1', unitSize: '1000', increment: '1000' },
      ],
    },
    ['5325'],
    ['15'],
  ],
  [
    'at least 10 an event',
    { model: 'graduated', scope: 'event', minimum: '10', tiers: [{ upTo: '5', unitPrice: '2' }, { unitPrice: '4' }] },
    ['8'],
    ['22'],
  ],
  [
    'at least 10 an event',
    { model: 'graduated', scope: 'event', minimum: '10', tiers: [{ upTo: '5', unitPrice: '2' }, { unitPrice: '4' }] },
    ['2'],
    ['10'],
  ],
]);

table('graduated, in fractions', 3, [
  [
    'bounds inside a unit',
    {
      model: 'graduated',
      tiers: [{ upTo: '0.1', unitPrice: '10' }, { upTo: '1', unitPrice: '5' }, { unitPrice: '2' }],
    },
    ['0.5'],
    ['3'],
  ],
  ['just above a bound', FIVES, ['5.001'], ['150']],
  ['up to the hundredth', { model: 'per-unit', unitPrice: '1', increment: '0.01' }, ['123.456'], ['123.46']],
  [
    'tiers counted differently',
    {
      model: 'graduated',
      scope: 'event',
      tiers: [
        { upTo: '0.8', unitPrice: '0.3', increment: '1' },
        { upTo: '2.1', unitPrice: '1', unitSize: '0.1', increment: '0.1' },
        { unitPrice: '0' },
      ],
    },
    ['3'],
    ['13.3'],
  ],
]);

const VOLUME: CasePrice = { ...FIVES, model: 'volume' };
const LAGO_VOLUME: CasePrice = {
  model: 'volume',
  tiers: [
    { upTo: '100', unitPrice: '2', flatPrice: '10' },
    { upTo: '200', unitPrice: '1' },
    { unitPrice: '0.5', flatPrice: '50' },
  ],
};

table('volume', 0, [
  ['flat and unit tiers', VOLUME, ['0'], ['100']],
  ['flat and unit tiers', VOLUME, ['5'], ['100']],
  ['flat and unit tiers', VOLUME, ['16'], ['80']],
  ['at most 100', { ...VOLUME, maximum: '100' }, ['10'], ['50']],
  [
    'a cheaper tier gives back',
    { model: 'volume', tiers: [{ upTo: '15', unitPrice: '10' }, { unitPrice: '5' }] },
    ['15', '1'],
    ['150', '-70'],
  ],
  ['a cap that a cheaper tier comes out of', { ...LAGO_VOLUME, maximum: '120' }, ['60', '60'], ['120', '0']],
  [
    'a cap reached in the last started block of a tier',
    { model: 'volume', maximum: '30', tiers: [{ upTo: '25', unitPrice: '1', increment: '10' }, { unitPrice: '0.5' }] },
    ['25', '1'],
    ['30', '-17'],
  ],
  ['three tiers', LAGO_VOLUME, ['0'], ['10']],
  ['three tiers', LAGO_VOLUME, ['101'], ['101']],
  ['three tiers', LAGO_VOLUME, ['300'], ['200']],
  [
    'top tier in blocks',
    {
      model: 'volume',
      tiers: [
        { upTo: '1000', unitPrice: '1', unitSize: '100', increment: '100' },
        { upTo: '101000', unitPrice: '1', unitSize: '1000', increment: '1000' },
        { unitPrice: '0.5', unitSize: '1000', increment: '1000' },
      ],
    },
    ['1000', '299000'],
    ['10', '140'],
  ],
  ['free above a bound', { ...BY_MINUTES, model: 'volume' }, ['999999', '1'], ['1666.7', '-1666.7']],
]);

const STAIRS: CasePrice = {
  model: 'stairstep',
  tiers: [{ upTo: '100', flatPrice: '10' }, { upTo: '500', flatPrice: '40' }, { flatPrice: '90' }],
};

table('stairstep', 0, [
  ['three steps', STAIRS, ['101'], ['40']],
  ['three steps', STAIRS, ['0', '100', '1', '400', '1000'], ['10', '0', '30', '50', '0']],
]);

const TEN_FOR_15: CasePrice = { model: 'package', packageSize: '10', packagePrice: '15' };

table('package', 0, [
  ['ten for 15', TEN_FOR_15, ['17', '5'], ['30', '15']],
  ['ten for 15', TEN_FOR_15, ['0'], ['0']],
  ['ten for 15', TEN_FOR_15, ['10', '1'], ['15', '15']],
  ['whole ones only', { ...TEN_FOR_15, packageRounding: 'down' }, ['19', '1'], ['15', '15']],
  ['to the nearest', { ...TEN_FOR_15, packageRounding: 'half-up' }, ['4', '1', '10'], ['0', '15', '15']],
  ['to the nearest, half to even', { ...TEN_FOR_15, packageRounding: 'half-even' }, ['5', '10'], ['0', '30']],
  ['the first ten free', { ...TEN_FOR_15, packagePrice: '100', freeUnits: '10' }, ['121'], ['1200']],
  ['a volume per GB', { model: 'package', packageSize: '1000000', packagePrice: '5' }, ['2500001'], ['15']],
]);

const FOURTH_PAYS: CasePrice = { model: 'percentage', ratePercent: '1.3', fixedPerEvent: '2', freeEvents: 3 };
const CLAMPED: CasePrice = { model: 'percentage', ratePercent: '2.99', perEventMinimum: '1.75', perEventMaximum: '12' };
const BY_PERCENT: CasePrice = {
  model: 'graduated-percentage',
  tiers: [
    { upTo: '10', ratePercent: '1', flatPrice: '200' },
    { upTo: '20', ratePercent: '2', flatPrice: '300' },
    { ratePercent: '3', flatPrice: '400' },
  ],
};

table('percentage', 3, [
  ['all of it', { model: 'percentage', ratePercent: '100' }, ['0.402'], ['0.402']],
  [
    'to cents',
    { model: 'percentage', ratePercent: '133.333', rounding: { digits: 2, mode: 'half-up' } },
    ['10'],
    ['13.33'],
  ],
  [
    'to cents, at most 100',
    { model: 'percentage', ratePercent: '133.333', maximum: '100', rounding: { digits: 2, mode: 'half-up' } },
    ['70', '50'],
    ['93.33', '6.67'],
  ],
  ['three events free', FOURTH_PAYS, ['50', '100', '250', '400'], ['0', '0', '0', '7.2']],
  ['three events, 500 free', { ...FOURTH_PAYS, freeUnits: '500' }, ['50', '100', '250', '400'], ['0', '0', '0', '7.2']],
  [
    'three events, 250 free',
    { ...FOURTH_PAYS, freeUnits: '250' },
    ['50', '100', '250', '400'],
    ['0', '0', '3.95', '7.2'],
  ],
  [
    'only 250 free, a fixed 2',
    { model: 'percentage', ratePercent: '1.3', fixedPerEvent: '2', freeUnits: '250' },
    ['50', '200', '0', '100'],
    ['0', '0', '2', '3.3'],
  ],
  ['an event of nothing is free while the free part lasts', FOURTH_PAYS, ['0', '1', '0', '0'], ['0', '0', '0', '2']],
  ['nothing is free', { model: 'percentage', ratePercent: '1.3', fixedPerEvent: '2' }, ['0', '100'], ['2', '3.3']],
  ['at least, at most', CLAMPED, ['10', '80', '10000'], ['1.75', '2.392', '12']],
  [
    'at least, at most, with 2 more',
    { ...CLAMPED, fixedPerEvent: '2' },
    ['10', '80', '10000'],
    ['2.299', '4.392', '12'],
  ],
  [
    'with a discount and a cap on all events',
    { ...CLAMPED, discountPercent: '50', maximum: '2' },
    ['10', '80', '10000'],
    ['0.875', '1.125', '0'],
  ],
]);

table('graduated percentage', 2, [
  ['three tiers', BY_PERCENT, ['1'], ['200.01']],
  ['three tiers', BY_PERCENT, ['11'], ['500.12']],
  ['three tiers', BY_PERCENT, ['12', '10'], ['500.14', '400.22']],
  ['nothing', BY_PERCENT, ['0'], ['200']],
]);

describe('commitments', () => {
  it.each<[name: string, price: CasePrice, usage: string, trueUp: string]>([
    ['nothing used', { model: 'percentage', ratePercent: '100', minimum: '2' }, '0', '2'],
    ['some used', { model: 'percentage', ratePercent: '100', minimum: '100' }, '11.5', '88.5'],
    ['volume', { ...VOLUME, minimum: '150' }, '0', '50'],
    ['more used than committed', { model: 'per-unit', unitPrice: '10', minimum: '100' }, '11', '0'],
    ['a minimum for each event is no commitment', { ...TEN, scope: 'event', minimum: '100' }, '1', '0'],
    ['no minimum', TEN, '1', '0'],
  ])('%s: %o with %s is trued up by %s', (_name, price, usage, trueUp) => {
    expect(formatMoney(meterPrice(price, 1).commitment(Number(usage) * 10))).toBe(trueUp);
  });

  it('counts events with per-event terms', () => {
    const price = meterPrice({ ...CLAMPED, minimum: '5' });
    const state = price.perEventNext(price.perEventStart(), 10);
    expect(formatMoney(price.perEventCommitment(state))).toBe('3.25');
  });
});

describe('what a meter is like', () => {
  it('starts at zero unless a fee, a flat price or a minimum is due with nothing used', () => {
    const startsAtZero = (price: CasePrice): boolean => meterPrice(price).startsAtZero;
    expect(startsAtZero(TEN)).toBe(true);
    expect(startsAtZero(TEN_FOR_15)).toBe(true);
    expect(startsAtZero({ ...TEN, minimum: '5' })).toBe(true);
    expect(startsAtZero({ ...TEN, minimum: '5', scope: 'event' })).toBe(false);
    expect(startsAtZero({ ...TEN, connectFee: '1', scope: 'event' })).toBe(false);
    expect(startsAtZero(FIVES)).toBe(false);
    expect(startsAtZero(FOURTH_PAYS)).toBe(false);
  });

  it('is told apart: a price with per-event terms has no function of the quantity', () => {
    expect(meterPrice(FOURTH_PAYS).perEvent).toBe(true);
    expect(() => meterPrice(FOURTH_PAYS).total(1)).toThrow(TypeError);
    expect(meterPrice(TEN).perEvent).toBe(false);
    expect(() => meterPrice(TEN).perEventNext(meterPrice(TEN).perEventStart(), 1)).toThrow(TypeError);
  });
});

describe('what cannot be billed', () => {
  it('is a billed quantity above 2^53 - 1', () => {
    const price = meterPrice({ model: 'per-unit', unitPrice: '1', increment: String(2 ** 50) });
    expect(price.first(Number.MAX_SAFE_INTEGER)).toBeUndefined();
    expect(price.difference(1, Number.MAX_SAFE_INTEGER)).toBeUndefined();
    expect(price.fastDifference(1, Number.MAX_SAFE_INTEGER)).toBeNaN();
    expect(price.difference(0, 1)).toBe(2n ** 50n * 10n ** 12n);
    const byThrees = meterPrice({ model: 'per-unit', unitPrice: '1', increment: '3', incrementRounding: 'down' });
    expect(byThrees.first(2 ** 53)).toBeUndefined();
    expect(byThrees.fastFirst(2 ** 53)).toBeNaN();
  });

  it('is an amount of more than 38 digits', () => {
    const price = meterPrice({ model: 'per-unit', unitPrice: '10000000000' });
    expect(price.total(Number.MAX_SAFE_INTEGER)).toBe(BigInt(Number.MAX_SAFE_INTEGER) * 10n ** 22n);
    const dear = meterPrice({ model: 'per-unit', unitPrice: '100000000000' });
    expect(dear.total(Number.MAX_SAFE_INTEGER)).toBeUndefined();
    expect(dear.difference(1, Number.MAX_SAFE_INTEGER)).toBeUndefined();
    expect(dear.fastDifference(1, Number.MAX_SAFE_INTEGER)).toBeNaN();
    const cheapAtLast = meterPrice({
      model: 'graduated',
      tiers: [{ upTo: '100000000000', unitPrice: '1000000000000000' }, { unitPrice: '0.001' }],
    });
    expect(cheapAtLast.difference(1e11, 1e11 + 1)).toBeUndefined();
    expect(cheapAtLast.difference(1e11 + 1, 1e11 + 2)).toBeUndefined();
    expect(cheapAtLast.fastDifference(1e11 + 1, 1e11 + 2)).toBeNaN();
    expect(cheapAtLast.fastDifference(1e11 + 1, 1e11 + 1)).toBeNaN();
    expect(meterPrice({ ...TEN, unitPrice: '100000000000', maximum: '7' }).total(2 ** 53 - 1)).toBe(7n * 10n ** 12n);
  });

  it('is a sum of amounts above 2^53 - 1 parts', () => {
    const price = meterPrice(CLAMPED);
    let state = price.perEventNext(price.perEventStart(), Number.MAX_SAFE_INTEGER);
    expect(price.perEventTotal(state)).toBe(12n * 10n ** 12n);
    state = price.perEventNext(state, 1);
    expect(price.perEventTotal(state)).toBeUndefined();
  });
});
