/** The JSON Schema that editors use is held to the validator: the same fields, and the same examples are valid. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { validatePriceBook } from '../../src/index.ts';
import * as fields from '../../src/price-book/fields.ts';
import { demoBook } from '../support/book.ts';
import { BOOK_FILES, parseBook, readText } from '../support/price-book-files.ts';

interface Node {
  readonly description?: string;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly $defs?: Readonly<Record<string, Node>>;
}

const schema = JSON.parse(readText('price-book.schema.json')) as Node;
const isValid = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true }).compile(
  schema,
);

/** Part of a document: the definition in the schema (the document itself is ''), and the fields that the readers know. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  '': fields.BOOK_FIELDS,
  service: fields.SERVICE_FIELDS,
  zone: fields.ZONE_FIELDS,
  pool: [...fields.STACKED_POOL_FIELDS, ...fields.FIXED_POOL_FIELDS],
  addOn: fields.ADD_ON_FIELDS,
  allowance: fields.ALLOWANCE_FIELDS,
  rollover: fields.ROLLOVER_FIELDS,
  tariff: fields.TARIFF_FIELDS,
  plan: fields.PLAN_FIELDS,
  wholesale: fields.WHOLESALE_FIELDS,
  'price-entry': [...fields.PRICE_FIELDS, ...Object.values(fields.MODEL_FIELDS).flat()],
  tier: [...fields.TIER_FIELDS, ...fields.STAIR_FIELDS, ...fields.PERCENT_TIER_FIELDS],
  perEvent: fields.PER_EVENT_FIELDS,
  rounding: fields.ROUNDING_FIELDS,
  meter: fields.METER_FIELDS,
  band: fields.BAND_FIELDS,
};

describe('the JSON Schema of price books', () => {
  it.each(Object.entries(PARTS))("has the fields that the readers know: '%s'", (name, known) => {
    const part = name === '' ? schema : schema.$defs?.[name];
    expect(Object.keys(part?.properties ?? {}).sort()).toEqual([...new Set(known)].sort());
  });

  it('has no part with fields that is not held to the readers', () => {
    const parts = Object.entries(schema.$defs ?? {}).filter(([, part]) => part.properties !== undefined);
    expect(parts.map(([name]) => name).sort()).toEqual(
      Object.keys(PARTS)
        .filter((name) => name !== '')
        .sort(),
    );
  });

  it('describes every field', () => {
    const nodes = [schema, ...Object.values(schema.$defs ?? {})];
    const described = (node: Node): boolean =>
      node.description !== undefined ||
      schema.$defs?.[node.$ref?.replace('#/$defs/', '') ?? '']?.description !== undefined;
    const bare = nodes.flatMap((node) =>
      Object.entries(node.properties ?? {}).filter(([, field]) => !described(field)),
    );
    expect(bare).toEqual([]);
  });

  it.each(BOOK_FILES)('finds %s valid', (file) => {
    expect(isValid(parseBook(readText(file))), JSON.stringify(isValid.errors)).toBe(true);
  });

  it.each<[what: string, path: readonly (string | number)[], value: unknown]>([
    ['an unknown field', ['servces'], {}],
    ['an unknown model', ['plans', 'iot-stacked', 'prices', 0, 'model'], 'perunit'],
    ['a price as a number', ['plans', 'iot-stacked', 'prices', 0, 'unitPrice'], 0.1],
    ['a network as a number', ['zones', 'world', 'networks', 0], 310410],
    ['a currency in words', ['currency'], 'euro'],
    ['an unknown scope', ['plans', 'iot-stacked', 'prices', 0, 'meter', 'scope'], 'cycel'],
    ['no meter', ['plans', 'iot-stacked', 'prices', 0, 'meter'], undefined],
  ])('finds what the validator finds: %s', (_what, path, value) => {
    const book = demoBook();
    let place = book as unknown as Record<string | number, unknown>;
    for (const key of path.slice(0, -1)) place = place[key] as Record<string | number, unknown>;
    place[path.at(-1) ?? ''] = value;
    const document: unknown = JSON.parse(JSON.stringify(book));
    expect(isValid(document)).toBe(false);
    expect('problems' in validatePriceBook(document)).toBe(true);
  });
});
