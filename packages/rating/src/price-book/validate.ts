/**
 * Validates a price book as a whole: a document (from YAML or JSON, already parsed) becomes a `PriceBook`, or the list of
 * everything that is wrong with it.
 *
 * 1. All problems at once, each with path and cure.
 * 2. Strict: a field that is not known is a problem.
 * 3. A book without problems never has two prices for one event, and unless it says `completeness: optional` it can price
 *    whatever its allowances admit and has no rule that nothing reaches.
 */
import { checkBook } from './check-book.ts';
import { type DocumentObject, DocumentReader, join } from './document-reader.ts';
import { BOOK_FIELDS, WHOLESALE_FIELDS } from './fields.ts';
import type { BookProblem, PriceBook, Tariff } from './price-book.ts';
import { readAddOns, readPools } from './read-buckets.ts';
import { ROUNDING_MODES } from './read-model.ts';
import { readPlans } from './read-plan.ts';
import { readHomeNetworks, readServices, readZones } from './read-services.ts';
import { type Places, readTariffs } from './read-tariff.ts';

const VERSION_MAX = 1_000_000_000;
const THRESHOLDS = [50, 75, 80, 90, 100];
const THRESHOLD_MAX = 1000;

/** A valid book, or all of its problems. The document is what a YAML or JSON parser gave. */
export function validatePriceBook(document: unknown): { book: PriceBook } | { problems: BookProblem[] } {
  const reader = new DocumentReader();
  const fields = reader.object(document, '', BOOK_FIELDS);
  if (fields === undefined) return { problems: reader.problems };
  const places: Places = { paths: new Map(), broken: new Set() };
  const book = readBook(reader, fields, places);
  const completeness = reader.choice(fields.completeness, 'completeness', ['required', 'optional'], 'required');
  checkBook(reader, book, places, completeness === 'required');
  return reader.problems.length > 0 ? { problems: reader.problems } : { book };
}

function readBook(reader: DocumentReader, fields: DocumentObject, places: Places): PriceBook {
  if (fields.format !== 1) reader.add('format', 'this release reads format 1', 'write format: 1');
  if (fields.kilobyte === 1000 || fields.kilobyte === 1024) reader.kilobyte = fields.kilobyte;
  else if (fields.kilobyte !== undefined) reader.add('kilobyte', 'is neither 1000 nor 1024', 'write 1000 or 1024');
  const head = {
    name: reader.name(fields.name, 'name'),
    version: reader.integer(fields.version, 'version', 1, VERSION_MAX, 1),
    currency: reader.currency(fields.currency, 'currency'),
    effectiveFrom: reader.time(fields.effectiveFrom, 'effectiveFrom'),
    author: reader.text(fields.author, 'author'),
    approver: reader.text(fields.approver, 'approver'),
    kilobyte: reader.kilobyte,
    cycle: reader.choice(fields.cycle, 'cycle', ['month', 'all'], 'month'),
    attribution: reader.choice(fields.attribution, 'attribution', ['start', 'end'], 'start'),
    thresholds: readThresholds(reader, fields.thresholds),
    invoiceRounding: reader.choice(fields.invoiceRounding, 'invoiceRounding', ROUNDING_MODES, 'half-up'),
  };
  const services = readServices(reader, fields.services);
  const zones = readZones(reader, fields.zones);
  const homeNetworks = readHomeNetworks(reader, fields.homeNetworks);
  const known = { services, zones, homeNetworks, cycle: head.cycle };
  const pools = readPools(reader, fields.pools, known);
  const addOns = readAddOns(reader, fields.addOns, known);
  const shared = readTariffs(reader, fields.tariffs, known, places);
  const around = { ...known, pools, shared, currency: head.currency };
  const { plans, own } = readPlans(reader, fields.plans, around, places);
  return {
    ...head,
    services,
    homeNetworks,
    zones,
    pools,
    addOns,
    tariffs: new Map([...shared, ...own]),
    plans,
    ...readWholesale(reader, fields.wholesale, shared, head.currency),
  };
}

function readWholesale(
  reader: DocumentReader,
  value: unknown,
  shared: ReadonlyMap<string, Tariff>,
  currency: string,
): Pick<PriceBook, 'wholesale' | 'wholesaleCurrency' | 'costs'> {
  if (value === undefined) return { wholesale: [], wholesaleCurrency: currency, costs: 'optional' };
  const fields = reader.object(value, 'wholesale', WHOLESALE_FIELDS) ?? {};
  const tariffs = reader.distinct(fields.tariffs, 'wholesale.tariffs', 'tariff', (name, path) => {
    const tariff = reader.reference(name, path, 'tariff', shared);
    return tariff === '' ? undefined : tariff;
  });
  return {
    wholesale: tariffs ?? [],
    wholesaleCurrency:
      fields.currency === undefined ? currency : reader.currency(fields.currency, join('wholesale', 'currency')),
    costs: reader.choice(fields.costs, join('wholesale', 'costs'), ['optional', 'required'], 'optional'),
  };
}

function readThresholds(reader: DocumentReader, value: unknown): readonly number[] {
  if (value === undefined) return THRESHOLDS;
  const thresholds: number[] = [];
  reader.list(value, 'thresholds').forEach((entry, index) => {
    const path = `thresholds[${index}]`;
    const percent = reader.integer(entry, path, 1, THRESHOLD_MAX, 1);
    if (percent <= (thresholds.at(-1) ?? 0)) reader.add(path, 'is not above the one before', 'let them rise');
    thresholds.push(percent);
  });
  return thresholds;
}
