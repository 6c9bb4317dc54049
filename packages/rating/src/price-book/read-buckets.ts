/** Reads what has a size and is drawn from: pools, add-ons and allowances. */
import { type DocumentObject, type DocumentReader, join } from './document-reader.ts';
import { ADD_ON_FIELDS, ALLOWANCE_FIELDS, FIXED_POOL_FIELDS, ROLLOVER_FIELDS, STACKED_POOL_FIELDS } from './fields.ts';
import type {
  AddOn,
  Allowance,
  BucketTerms,
  Contributors,
  OverageAllocation,
  PoolRule,
  Proration,
  Rollover,
} from './price-book.ts';
import type { Counted } from './quantity.ts';
import { countedBy, type KnownNames, readPriority, readScope } from './read-scope.ts';

/** What buckets have to know of their book. */
export interface BucketSurroundings extends KnownNames {
  readonly cycle: 'month' | 'all';
}

const CONTRIBUTORS: readonly Contributors[] = ['active', 'billed', 'peak'];
const ALLOCATIONS: readonly OverageAllocation[] = ['usage', 'excess', 'chronological', 'pool'];

export function readPools(reader: DocumentReader, value: unknown, around: BucketSurroundings): Map<string, PoolRule> {
  const pools = new Map<string, PoolRule>();
  for (const [name, entry, path] of reader.named(value, 'pools')) {
    const fixed = reader.object(entry, path)?.kind === 'fixed';
    const fields = reader.object(entry, path, fixed ? FIXED_POOL_FIELDS : STACKED_POOL_FIELDS);
    if (fields === undefined) continue;
    pools.set(name, {
      name,
      kind: reader.oneOf(fields.kind, join(path, 'kind'), ['stacked', 'fixed'], 'stacked'),
      ...readTerms(reader, fields, path, around, fixed ? 1 : undefined),
      proration: readProration(reader, fields, path, around),
      contributors: reader.choice(fields.contributors, join(path, 'contributors'), CONTRIBUTORS, 'active'),
      suspension: reader.choice(fields.suspension, join(path, 'suspension'), ['keeps', 'shrinks'], 'keeps'),
      allocation: reader.choice(fields.allocation, join(path, 'allocation'), ALLOCATIONS, 'usage'),
    });
  }
  return pools;
}

export function readAddOns(reader: DocumentReader, value: unknown, around: BucketSurroundings): Map<string, AddOn> {
  const addOns = new Map<string, AddOn>();
  for (const [name, entry, path] of reader.named(value, 'addOns')) {
    const fields = reader.object(entry, path, ADD_ON_FIELDS);
    if (fields === undefined) continue;
    const boundToDevice = reader.flag(fields.boundToDevice, join(path, 'boundToDevice'));
    addOns.set(name, { name, ...readTerms(reader, fields, path, around, 1), boundToDevice });
  }
  return addOns;
}

export function readAllowances(
  reader: DocumentReader,
  value: unknown,
  path: string,
  tariff: string,
  around: BucketSurroundings,
): Allowance[] {
  if (value === undefined) return [];
  const allowances: Allowance[] = [];
  const ids = new Set<string>();
  reader.list(value, path).forEach((entry, index) => {
    const entryPath = `${path}[${index}]`;
    const fields = reader.object(entry, entryPath, ALLOWANCE_FIELDS);
    if (fields === undefined) return;
    const allowance = readAllowance(reader, fields, entryPath, tariff, around);
    if (allowance.id !== '' && ids.has(allowance.id)) {
      const cure = 'give each allowance of a tariff its own id';
      reader.add(join(entryPath, 'id'), `allowance '${allowance.id}' is there twice`, cure);
    }
    ids.add(allowance.id);
    allowances.push(allowance);
  });
  return allowances;
}

function readAllowance(
  reader: DocumentReader,
  fields: DocumentObject,
  path: string,
  tariff: string,
  around: BucketSurroundings,
): Allowance {
  const at = (field: string): string => join(path, field);
  const terms = readTerms(reader, fields, path, around, 0);
  const counted = around.services.get(terms.services?.[0] ?? [...around.services.keys()][0] ?? '');
  const allowance: Allowance = {
    tariff,
    id: reader.name(fields.id, at('id')),
    ...terms,
    owner: reader.choice(fields.owner, at('owner'), ['subscription', 'account'], 'subscription'),
    recurs: reader.choice(fields.recurs, at('recurs'), ['cycle', 'once'], 'cycle'),
    validFrom: fields.validFrom === undefined ? undefined : reader.time(fields.validFrom, at('validFrom')),
    validTo: fields.validTo === undefined ? undefined : reader.time(fields.validTo, at('validTo')),
    proration: readProration(reader, fields, path, around),
    rollover: readRollover(reader, fields.rollover, at('rollover'), counted),
    boundToDevice: reader.flag(fields.boundToDevice, at('boundToDevice')),
  };
  checkDates(reader, allowance, path);
  checkRecurrence(reader, allowance, path, around);
  return allowance;
}

/** `least`: the least quantity; undefined where members make the size, so that there is no such field. */
function readTerms(
  reader: DocumentReader,
  fields: DocumentObject,
  path: string,
  around: BucketSurroundings,
  least: 0 | 1 | undefined,
): BucketTerms {
  const scope = readScope(reader, fields, path, around);
  const counted = countedBy(reader, scope, path, around);
  const at = (field: string): string => join(path, field);
  return {
    ...scope,
    quantity: least === undefined ? 0 : reader.quantity(fields.quantity, at('quantity'), counted, least),
    priority: readPriority(reader, fields.priority, at('priority')),
    step: fields.step === undefined ? 1 : reader.quantity(fields.step, at('step'), counted),
    limitPerSubscription:
      fields.limitPerSubscription === undefined
        ? undefined
        : reader.quantity(fields.limitPerSubscription, at('limitPerSubscription'), counted),
    atEnd: reader.choice(fields.atEnd, at('atEnd'), ['overage', 'stop'], 'overage'),
  };
}

function readProration(
  reader: DocumentReader,
  fields: DocumentObject,
  path: string,
  around: BucketSurroundings,
): Proration {
  const prorationPath = join(path, 'proration');
  const proration = reader.choice(fields.proration, prorationPath, ['none', 'second'], 'none');
  if (proration === 'second' && around.cycle === 'all') {
    reader.add(
      prorationPath,
      'takes a part of the cycle, but the one cycle of the book has no end',
      'write cycle: month',
    );
  }
  return proration;
}

function readRollover(
  reader: DocumentReader,
  value: unknown,
  path: string,
  counted: Counted | undefined,
): Rollover | undefined {
  if (value === undefined) return undefined;
  const fields = reader.object(value, path, ROLLOVER_FIELDS);
  if (fields === undefined) return undefined;
  const percentPath = join(path, 'maximumPercent');
  return {
    maximum: fields.maximum === undefined ? undefined : reader.quantity(fields.maximum, join(path, 'maximum'), counted),
    maximumPercent:
      fields.maximumPercent === undefined ? undefined : reader.percent(fields.maximumPercent, percentPath, 100n),
  };
}

function checkDates(reader: DocumentReader, allowance: Allowance, path: string): void {
  const { validFrom, validTo } = allowance;
  if (validFrom === undefined || validTo === undefined || validTo > validFrom) return;
  reader.add(join(path, 'validTo'), 'is not after validFrom, so the allowance is never valid', 'write a later validTo');
}

/** What only makes sense of a bucket that is full again each cycle. */
function checkRecurrence(reader: DocumentReader, allowance: Allowance, path: string, around: BucketSurroundings): void {
  const { proration, rollover } = allowance;
  const rolloverPath = join(path, 'rollover');
  if (allowance.recurs === 'once') {
    const cure = 'leave it out, or write recurs: cycle';
    if (proration === 'second') {
      reader.add(join(path, 'proration'), 'is of a cycle, but the allowance is there once for all time', cure);
    }
    if (rollover !== undefined) {
      reader.add(rolloverPath, 'is from cycle to cycle, but the allowance is there once for all time', cure);
    }
  } else if (rollover !== undefined && around.cycle === 'all') {
    reader.add(rolloverPath, 'is from cycle to cycle, but the book has one cycle for all time', 'write cycle: month');
  }
  if (allowance.owner !== 'account') return;
  if (proration === 'second') {
    const cure = 'leave it out, or make the owner the subscription';
    reader.add(
      join(path, 'proration'),
      "is the part of a cycle with the plan, and an account's bucket has no plan",
      cure,
    );
  }
  if (rollover !== undefined && allowance.validFrom === undefined) {
    const problem = "rolls over for an account, and nothing says which cycle is the account's first";
    reader.add(rolloverPath, problem, 'write validFrom');
  }
}
