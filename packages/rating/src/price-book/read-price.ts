/** Reads one price of a tariff: where it applies, when, what it meters and what that costs. */
import { type DocumentObject, type DocumentReader, join } from './document-reader.ts';
import { METER_FIELDS, MODEL_FIELDS, MODEL_NAMES, type ModelName, PRICE_FIELDS } from './fields.ts';
import type { MeteredPrice, Price, Scope } from './price-book.ts';
import type { Counted } from './quantity.ts';
import { readBands } from './read-bands.ts';
import { type MeteredModelName, readPriceFunction } from './read-model.ts';
import { countedBy, type KnownNames, readPriority, readScope } from './read-scope.ts';

const FIELDS_BY_MODEL = new Map<ModelName, readonly string[]>(
  MODEL_NAMES.map((model) => [model, [...PRICE_FIELDS, ...MODEL_FIELDS[model]]]),
);

export function readPrice(
  reader: DocumentReader,
  value: unknown,
  path: string,
  tariff: string,
  known: KnownNames,
): Price | undefined {
  const fields = reader.object(value, path);
  if (fields === undefined) return undefined;
  const at = (field: string): string => join(path, field);
  const model = MODEL_NAMES.find((name) => name === fields.model);
  if (model === undefined) {
    reader.oneOf(fields.model, at('model'), MODEL_NAMES, 'per-unit');
    return undefined;
  }
  reader.object(fields, path, FIELDS_BY_MODEL.get(model));
  const scope = readScope(reader, fields, path, known);
  // What costs nothing counts nothing: only there may services of different units stand together.
  const counted = model === 'zero-rated' ? undefined : countedBy(reader, scope, path, known);
  const leg = reader.choice(fields.leg, at('leg'), ['retail', 'wholesale'], 'retail');
  const bands = readBands(reader, fields.when, at('when'));
  return {
    tariff,
    id: reader.name(fields.id, at('id')),
    leg,
    ...scope,
    effectiveFrom:
      fields.effectiveFrom === undefined ? undefined : reader.time(fields.effectiveFrom, at('effectiveFrom')),
    priority: readPriority(reader, fields.priority, at('priority')),
    direction: readDirection(reader, fields, path, scope, known),
    bands,
    bandSplit: readBandSplit(reader, fields, path, counted),
    rule:
      model === 'zero-rated'
        ? { kind: 'zero-rated', reason: reader.text(fields.reason, at('reason')) }
        : readMetered(reader, fields, path, model, counted, leg),
  };
}

function readMetered(
  reader: DocumentReader,
  fields: DocumentObject,
  path: string,
  model: MeteredModelName,
  counted: Counted | undefined,
  leg: Price['leg'],
): MeteredPrice {
  const at = (field: string): string => join(path, field);
  const meter = reader.object(fields.meter, at('meter'), METER_FIELDS) ?? { owner: 'subscription', scope: 'cycle' };
  const owners = ['subscription', 'pool', 'account'] as const;
  const owner = reader.oneOf(meter.owner, at('meter.owner'), owners, 'subscription');
  const scopes = ['event', 'session', 'day', 'cycle'] as const;
  const scope = reader.oneOf(meter.scope, at('meter.scope'), scopes, 'cycle');
  if (leg === 'wholesale' && owner === 'pool') {
    const problem = 'partners know no pools, so a pool owns no wholesale meter';
    reader.add(at('meter.owner'), problem, 'write subscription or account');
  }
  if (fields.connectFee !== undefined && scope !== 'event' && scope !== 'session') {
    const cure = 'meter by event or session, or write a flat price for the fee';
    reader.add(at('connectFee'), `is due once a connection, and the meter is of a ${scope}`, cure);
  }
  const feesWhenCovered = reader.flag(fields.feesWhenCovered, at('feesWhenCovered'));
  if (feesWhenCovered && leg === 'wholesale') {
    reader.add(at('feesWhenCovered'), 'speaks of allowances, which cover no wholesale price', 'leave it out');
  }
  return { kind: 'metered', ...readPriceFunction(reader, fields, path, model, counted), owner, scope, feesWhenCovered };
}

/** A direction needs a service that counts both: of any other there is no part to price. */
function readDirection(
  reader: DocumentReader,
  fields: DocumentObject,
  path: string,
  scope: Scope,
  known: KnownNames,
): Price['direction'] {
  if (fields.direction === undefined) return undefined;
  const directionPath = join(path, 'direction');
  const direction = reader.oneOf(fields.direction, directionPath, ['up', 'down'], 'up');
  for (const name of scope.services ?? known.services.keys()) {
    const service = known.services.get(name);
    if (service === undefined || service.counts === 'both') continue;
    const problem = `is a part of octets both ways, and service '${name}' counts ${service.counts}`;
    reader.add(directionPath, problem, 'let the service count both, or leave direction out');
    break;
  }
  return direction;
}

/** Only time can be cut at the end of a band; what is counted otherwise is priced as it began. */
function readBandSplit(
  reader: DocumentReader,
  fields: DocumentObject,
  path: string,
  counted: Counted | undefined,
): Price['bandSplit'] {
  const seconds = counted?.unit === 'seconds';
  const splitPath = join(path, 'bandSplit');
  const split = reader.choice(fields.bandSplit, splitPath, ['cut', 'start'], seconds ? 'cut' : 'start');
  if (fields.bandSplit === 'cut' && counted !== undefined && !seconds) {
    reader.add(splitPath, `cuts time, and the service counts ${counted.unit}`, 'write start, or leave it out');
  }
  return split;
}
