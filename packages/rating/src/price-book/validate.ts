/**
 * Validates a price book as a whole: a document (from YAML or JSON, already parsed) becomes a `PriceBook`, or the list of
 * everything that is wrong with it.
 *
 * 1. All problems at once, each with path and cure.
 * 2. Strict: a field that is not known is a problem.
 * 3. A book without problems can price whatever its allowances admit, and never fits two prices to one event.
 */
import { DocumentReader, join } from './document-reader.ts';
import type { AddOn, BookProblem, Counts, Plan, PoolRule, PriceBook, ServiceDefinition, Unit } from './price-book.ts';
import { readPlan, readPriority } from './read-plan.ts';
import type { KnownNames } from './read-price.ts';
import { readScope } from './read-scope.ts';

const BOOK_FIELDS = [
  'format',
  'name',
  'version',
  'currency',
  'effectiveFrom',
  'author',
  'approver',
  'kilobyte',
  'services',
  'zones',
  'pools',
  'addOns',
  'plans',
];

const COUNTS_BY_UNIT: Readonly<Record<Unit, readonly Counts[]>> = {
  bytes: ['up', 'down', 'both', 'greater'],
  seconds: ['seconds'],
  messages: ['units'],
};

/** A valid book, or all of its problems. The document is what a YAML or JSON parser gave. */
export function validatePriceBook(document: unknown): { book: PriceBook } | { problems: BookProblem[] } {
  const reader = new DocumentReader();
  const fields = reader.object(document, '', BOOK_FIELDS);
  if (fields === undefined) return { problems: reader.problems };
  if (fields.format !== 1) reader.add('format', 'this release reads format 1', 'write format: 1');
  if (fields.kilobyte === 1000 || fields.kilobyte === 1024) reader.kilobyte = fields.kilobyte;
  else if (fields.kilobyte !== undefined) reader.add('kilobyte', 'is neither 1000 nor 1024', 'write 1000 or 1024');
  const head = {
    name: reader.name(fields.name, 'name'),
    version: reader.integer(fields.version, 'version', 1, 1_000_000_000, 1),
    currency: reader.currency(fields.currency, 'currency'),
    effectiveFrom: reader.time(fields.effectiveFrom, 'effectiveFrom'),
    author: reader.text(fields.author, 'author'),
    approver: reader.text(fields.approver, 'approver'),
    kilobyte: reader.kilobyte,
  };
  const services = readServices(reader, fields.services);
  const zones = readZones(reader, fields.zones);
  const pools = readPools(reader, fields.pools, { services, zones });
  const addOns = readAddOns(reader, fields.addOns, { services, zones });
  const around = { services, zones, pools, currency: head.currency, effectiveFrom: head.effectiveFrom };
  const plans = new Map<string, Plan>();
  if (fields.plans === undefined) reader.add('plans', 'is missing', 'write at least one plan');
  for (const [name, value, path] of reader.named(fields.plans, 'plans')) {
    plans.set(name, readPlan(reader, name, value, path, around));
  }
  if (reader.problems.length > 0) return { problems: reader.problems };
  return { book: { ...head, services, zones, pools, addOns, plans } };
}

function readServices(reader: DocumentReader, value: unknown): Map<string, ServiceDefinition> {
  const services = new Map<string, ServiceDefinition>();
  if (value === undefined)
    reader.add('services', 'is missing', 'write at least one service, such as data: { unit: bytes, counts: both }');
  for (const [name, entry, path] of reader.named(value, 'services')) {
    const fields = reader.object(entry, path, ['unit', 'counts']) ?? {};
    const unit = reader.oneOf(fields.unit, join(path, 'unit'), ['bytes', 'seconds', 'messages'], 'bytes');
    const fitting = COUNTS_BY_UNIT[unit];
    const counts = reader.oneOf(fields.counts, join(path, 'counts'), fitting, fitting[0] ?? 'both');
    services.set(name, { name, unit, counts });
  }
  return services;
}

/** Each network is in one zone at most: two zones for one network would give an event two prices. */
function readZones(reader: DocumentReader, value: unknown): Map<string, readonly string[]> {
  const zones = new Map<string, readonly string[]>();
  const zoneOf = new Map<string, string>();
  for (const [name, entry, path] of reader.named(value, 'zones')) {
    const fields = reader.object(entry, path, ['networks']) ?? {};
    const networksPath = join(path, 'networks');
    const networks: string[] = [];
    reader.list(fields.networks, networksPath).forEach((network, index) => {
      const networkPath = `${networksPath}[${index}]`;
      if (typeof network !== 'string' || !/^\d{5,6}$/.test(network)) {
        const cure = "write 5 or 6 digits (MCC and MNC) in quotes, such as '26201'";
        reader.add(networkPath, `${JSON.stringify(network)} is not a network code`, cure);
        return;
      }
      const other = zoneOf.get(network);
      if (other !== undefined) {
        const problem =
          other === name ? `network ${network} is named twice` : `network ${network} is in zone '${other}' already`;
        reader.add(networkPath, problem, 'keep each network in one zone');
      }
      zoneOf.set(network, name);
      networks.push(network);
    });
    zones.set(name, networks);
  }
  return zones;
}

function readPools(reader: DocumentReader, value: unknown, known: KnownNames): Map<string, PoolRule> {
  const pools = new Map<string, PoolRule>();
  for (const [name, entry, path] of reader.named(value, 'pools')) {
    const kind = reader.object(entry, path)?.kind;
    const own = kind === 'fixed' ? ['quantity'] : ['proration'];
    const fields = reader.object(entry, path, ['kind', 'service', 'zones', 'priority', ...own]);
    if (fields === undefined) continue;
    const scope = readScope(reader, fields, path, known);
    const unit = known.services.get(scope.service)?.unit;
    pools.set(name, {
      name,
      ...scope,
      kind: reader.oneOf(kind, join(path, 'kind'), ['stacked', 'fixed'], 'stacked'),
      quantity: kind === 'fixed' ? reader.quantity(fields.quantity, join(path, 'quantity'), unit) : 0,
      priority: readPriority(reader, fields.priority, join(path, 'priority')),
      proration:
        kind === 'fixed' || fields.proration === undefined
          ? 'none'
          : reader.oneOf(fields.proration, join(path, 'proration'), ['none', 'second'], 'none'),
    });
  }
  return pools;
}

function readAddOns(reader: DocumentReader, value: unknown, known: KnownNames): Map<string, AddOn> {
  const addOns = new Map<string, AddOn>();
  for (const [name, entry, path] of reader.named(value, 'addOns')) {
    const fields = reader.object(entry, path, ['service', 'zones', 'quantity', 'priority']);
    if (fields === undefined) continue;
    const scope = readScope(reader, fields, path, known);
    addOns.set(name, {
      name,
      ...scope,
      quantity: reader.quantity(fields.quantity, join(path, 'quantity'), known.services.get(scope.service)?.unit),
      priority: readPriority(reader, fields.priority, join(path, 'priority')),
    });
  }
  return addOns;
}
