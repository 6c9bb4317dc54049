import { describe, expect, it } from 'vitest';
import { type BookProblem, validatePriceBook } from '../../src/index.ts';
import { type BookDocument, demoBook, onePriceBook } from '../support/book.ts';

function problems(book: unknown): BookProblem[] {
  const result = validatePriceBook(book);
  return 'problems' in result ? result.problems : [];
}

/** The demo book with something changed deep inside: a path of keys and the new value (undefined removes it). */
function demoWith(path: readonly (string | number)[], value: unknown): BookDocument {
  const book = demoBook();
  let place = book as unknown as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) place = place[key] as Record<string | number, unknown>;
  const last = path.at(-1) ?? '';
  if (value === undefined) delete place[last];
  else place[last] = value;
  return book;
}

const IOT = ['plans', 'iot-stacked', 'prices'] as const;
const MOBILE = ['plans', 'mobility-bundle', 'prices'] as const;

describe('a valid price book', () => {
  it('is read into raw units, amounts and microseconds', () => {
    const result = validatePriceBook(demoBook());
    if ('problems' in result) throw new Error(JSON.stringify(result.problems));
    const { book } = result;
    expect(book.pools.get('fleet')?.quantity).toBe(500 * 1024 * 1024);
    expect(book.plans.get('iot-stacked')?.contributes.get('stacked')).toBe(10 * 1024 * 1024);
    expect(book.plans.get('iot-stacked')?.currency).toBe('EUR');
    expect(book.plans.get('mobility-bundle')?.currency).toBe('USD');
    expect(book.plans.get('mobility-bundle')?.prices).toHaveLength(5);
    expect(book.plans.get('iot-stacked')?.prices[0]?.rule).toMatchObject({
      model: { unitPrice: 100_000_000_000n, per: 1024 * 1024 },
    });
  });

  it.each([
    ['10 MB', 1024, 10 * 1024 ** 2],
    ['10 MB', 1000, 10_000_000],
    ['0.5 GB', 1024, 512 * 1024 ** 2],
    ['500', 1024, 500],
    [500, 1024, 500],
    ['1KB', 1024, 1024],
    ['200 B', 1024, 200],
  ])('quantity %j with a kilobyte of %d is %d bytes', (quantity, kilobyte, bytes) => {
    const book = demoWith(['pools', 'fleet', 'quantity'], quantity);
    book.kilobyte = kilobyte;
    const result = validatePriceBook(book);
    expect('book' in result ? result.book.pools.get('fleet')?.quantity : result.problems).toBe(bytes);
  });

  it.each([
    ['90', 90],
    ['1.5 min', 90],
    ['1 h', 3600],
    ['30 s', 30],
  ])('quantity %j of voice is %d seconds', (per, seconds) => {
    const result = validatePriceBook(onePriceBook({ model: 'per-unit', unitPrice: '1', per }, {}, 'seconds'));
    const price = 'book' in result ? result.book.plans.get('plan')?.prices[0]?.rule : undefined;
    expect(price).toMatchObject({ model: { per: seconds } });
  });
});

describe('what is wrong with a price book', () => {
  it.each<[what: string, book: BookDocument, path: string, problem: string, cure: string]>([
    ['an unknown format', demoWith(['format'], 2), 'format', 'reads format 1', 'write format: 1'],
    ['an unknown field', demoWith(['servces'], {}), 'servces', 'no known field', "did you mean 'services'?"],
    ['no author', demoWith(['author'], undefined), 'author', 'is missing', 'write'],
    ['a bad currency', demoWith(['currency'], 'euro'), 'currency', "'euro' is not a currency", 'such as EUR'],
    ['a bad date', demoWith(['effectiveFrom'], '1 January'), 'effectiveFrom', 'is not a time', '2026-11-01T00:00:00Z'],
    ['a kilobyte of 512', demoWith(['kilobyte'], 512), 'kilobyte', 'neither 1000 nor 1024', 'write 1000 or 1024'],
    ['no plans', demoWith(['plans'], undefined), 'plans', 'is missing', 'at least one plan'],
    [
      'a unit that does not fit',
      demoWith(['services', 'voice', 'counts'], 'up'),
      'services.voice.counts',
      "'up'",
      'seconds',
    ],
    [
      'one network in two zones',
      demoWith(['zones', 'world', 'networks', 1], '20801'),
      'zones.world.networks[1]',
      "zone 'europe' already",
      'one zone',
    ],
    [
      'a network that is a number',
      demoWith(['zones', 'world', 'networks', 0], 310410),
      'zones.world.networks[0]',
      'not a network code',
      'quotes',
    ],
    [
      'an unknown zone',
      demoWith([...IOT, 0, 'zones', 0], 'hme'),
      'plans.iot-stacked.prices[0].zones[0]',
      "'hme'",
      "did you mean 'home'?",
    ],
    [
      'an unknown service',
      demoWith([...IOT, 2, 'service'], 'lifecylce'),
      'plans.iot-stacked.prices[2].service',
      'no known service',
      "'lifecycle'",
    ],
    [
      'an unknown pool',
      demoWith(['plans', 'iot-stacked', 'contributes', 'staked'], 1),
      'plans.iot-stacked.contributes.staked',
      'no known pool',
      "'stacked'",
    ],
    [
      'a share of a fixed pool',
      demoWith(['plans', 'iot-stacked', 'contributes', 'fleet'], 1),
      'plans.iot-stacked.contributes.fleet',
      'fixed',
      'leave it out',
    ],
    [
      'an unknown model',
      demoWith([...IOT, 0, 'model'], 'perunit'),
      'plans.iot-stacked.prices[0].model',
      "'perunit'",
      "did you mean 'per-unit'?",
    ],
    [
      'a field of another model',
      demoWith([...IOT, 0, 'packageSize'], 5),
      'plans.iot-stacked.prices[0].packageSize',
      'no known field',
      'known are',
    ],
    [
      'a negative price',
      demoWith([...IOT, 0, 'unitPrice'], '-0.10'),
      'plans.iot-stacked.prices[0].unitPrice',
      'negative',
      '0 or more',
    ],
    [
      '13 decimals',
      demoWith([...IOT, 0, 'unitPrice'], '0.0000000000001'),
      'plans.iot-stacked.prices[0].unitPrice',
      'not a price',
      '12 decimals',
    ],
    [
      'a price as a number',
      demoWith([...IOT, 0, 'unitPrice'], 0.1),
      'plans.iot-stacked.prices[0].unitPrice',
      'may lose digits',
      "write it in quotes: '0.1'",
    ],
    [
      'a price too large',
      demoWith([...IOT, 0, 'unitPrice'], '1000000000000000'),
      'plans.iot-stacked.prices[0].unitPrice',
      'too large',
      'below 10^15',
    ],
    [
      'half a byte',
      demoWith(['pools', 'fleet', 'quantity'], '0.5 B'),
      'pools.fleet.quantity',
      'not a whole quantity',
      '10 MB',
    ],
    [
      'bytes of voice',
      demoWith([...MOBILE, 3, 'increment'], '1 MB'),
      'plans.mobility-bundle.prices[3].increment',
      'not a whole quantity',
      '90 s',
    ],
    [
      'no meter',
      demoWith([...IOT, 0, 'meter'], undefined),
      'plans.iot-stacked.prices[0].meter',
      'is missing',
      'fields',
    ],
    [
      'an unknown scope',
      demoWith([...IOT, 0, 'meter'], { owner: 'pool', scope: 'cycel' }),
      'plans.iot-stacked.prices[0].meter.scope',
      "'cycel'",
      "'cycle'",
    ],
    [
      'no last tier',
      demoWith([...MOBILE, 0, 'tiers', 1], { upTo: '2 GB', unitPrice: '1' }),
      'plans.mobility-bundle.prices[0].tiers',
      'in no tier',
      'without upTo',
    ],
    [
      'tiers that overlap',
      demoWith([...MOBILE, 0, 'tiers'], [{ upTo: 9, unitPrice: '1' }, { upTo: 9, unitPrice: '2' }, { unitPrice: '3' }]),
      'plans.mobility-bundle.prices[0].tiers[1].upTo',
      'overlap',
      'rise',
    ],
    [
      'an unbounded tier in the middle',
      demoWith([...MOBILE, 0, 'tiers', 0], { unitPrice: '1' }),
      'plans.mobility-bundle.prices[0].tiers[0]',
      'no later tier is ever reached',
      'upTo',
    ],
    [
      'no tiers',
      demoWith([...MOBILE, 0, 'tiers'], []),
      'plans.mobility-bundle.prices[0].tiers',
      'there is no tier',
      'at least one',
    ],
    [
      'an allowance without a price',
      demoWith([...MOBILE, 2], demoBook().plans),
      'plans.mobility-bundle.prices[2].model',
      'is missing',
      'per-unit',
    ],
    [
      'an allowance that no price follows',
      demoWith(['plans', 'iot-stacked', 'allowances'], [{ id: 'voice', service: 'voice', quantity: 1 }]),
      'plans.iot-stacked.allowances[0]',
      "service 'voice', which no price",
      'add a price',
    ],
    [
      'an allowance wider than the prices',
      demoWith(['plans', 'iot-stacked', 'prices', 0, 'zones'], ['home']),
      'plans.iot-stacked.contributes.stacked',
      "zone 'europe'",
      'limit the zones',
    ],
    [
      'a price that begins too late',
      demoWith([...MOBILE, 2, 'effectiveFrom'], '2026-02-01T00:00:00Z'),
      'plans.mobility-bundle.allowances[1]',
      "service 'message'",
      'in force from',
    ],
    [
      'two prices for one zone',
      demoWith([...IOT, 1, 'zones'], ['world', 'home']),
      'plans.iot-stacked.prices[1]',
      "both fit service 'data' in zone 'home'",
      'one price',
    ],
    [
      'one price twice',
      demoWith([...MOBILE, 4, 'effectiveFrom'], undefined),
      'plans.mobility-bundle.prices[4]',
      'twice with the same effectiveFrom',
      'another id',
    ],
    [
      'one allowance twice',
      demoWith(['plans', 'mobility-bundle', 'allowances', 1, 'id'], 'data'),
      'plans.mobility-bundle.allowances[1].id',
      'is there twice',
      'its own id',
    ],
    [
      'a size for a stacked pool',
      demoWith(['pools', 'stacked', 'quantity'], 5),
      'pools.stacked.quantity',
      'no known field',
      'known are',
    ],
    [
      'a priority far below 0',
      demoWith(['addOns', 'data-100', 'priority'], -1_000_001),
      'addOns.data-100.priority',
      'not an integer from -1000000',
      'integer',
    ],
    [
      'a name with a slash',
      demoWith(['addOns', 'a/b'], { service: 'data', quantity: 1 }),
      'addOns.a/b',
      'is not a name',
      'letters',
    ],
  ])('%s', (_what, book, path, problem, cure) => {
    const found = problems(book);
    expect(found).toContainEqual({
      path,
      problem: expect.stringContaining(problem),
      cure: expect.stringContaining(cure),
    });
  });

  it('all problems are told at once', () => {
    const book = demoWith(['currency'], 'euro');
    book.version = 0;
    book.plans.other = { prices: [{ id: 'x', service: 'data', model: 'per-unit', unitPrice: '1' }], more: 1 };
    expect(problems(book).map(({ path }) => path)).toEqual([
      'version',
      'currency',
      'plans.other.more',
      'plans.other.prices[0].meter',
    ]);
  });

  it.each([null, 17, 'book', [], undefined])('%j is no book', (document) => {
    expect(problems(document)).toHaveLength(1);
  });
});
