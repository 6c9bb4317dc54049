/** Reads where a pool, an add-on, an allowance or a price applies. */
import { type DocumentObject, type DocumentReader, join, shown } from './document-reader.ts';
import type { Scope, ServiceDefinition } from './price-book.ts';
import type { Counted } from './quantity.ts';

/** What the parts of a book may refer to. */
export interface KnownNames {
  readonly services: ReadonlyMap<string, ServiceDefinition>;
  readonly zones: ReadonlyMap<string, readonly string[]>;
  readonly homeNetworks: ReadonlySet<string>;
}

const RATING_GROUP_MAX = 2 ** 32 - 1;
const PRIORITY_MAX = 1_000_000;

export function readScope(reader: DocumentReader, fields: DocumentObject, path: string, known: KnownNames): Scope {
  const text = (value: unknown, entryPath: string): string | undefined => {
    if (typeof value === 'string' && value !== '' && value.length <= 128) return value;
    reader.add(entryPath, `${shown(value)} is not a text`, 'write 1 to 128 characters, in quotes if they are digits');
    return undefined;
  };
  const group = (value: unknown, entryPath: string): number => reader.integer(value, entryPath, 0, RATING_GROUP_MAX, 0);
  return {
    services: readServices(reader, fields, path, known),
    zones: reader.distinct(fields.zones, join(path, 'zones'), 'zone', (value, entryPath) =>
      nonEmpty(reader.reference(value, entryPath, 'zone', known.zones)),
    ),
    rats: reader.distinct(fields.rats, join(path, 'rats'), 'radio access type', text),
    apns: reader.distinct(fields.apns, join(path, 'apns'), 'access point', text),
    ratingGroups: reader.distinct(fields.ratingGroups, join(path, 'ratingGroups'), 'rating group', group),
    roaming: readRoaming(reader, fields.roaming, join(path, 'roaming'), known),
  };
}

/** Lower comes first; 0 unless given. */
export function readPriority(reader: DocumentReader, value: unknown, path: string): number {
  return value === undefined ? 0 : reader.integer(value, path, -PRIORITY_MAX, PRIORITY_MAX, 0);
}

/**
 * What the services of a scope count. A bucket or a meter that counts bytes and seconds in one number means nothing, so
 * services of different units are a problem.
 */
export function countedBy(reader: DocumentReader, scope: Scope, path: string, known: KnownNames): Counted | undefined {
  const names = scope.services ?? [...known.services.keys()];
  let counted: Counted | undefined;
  let first = '';
  for (const name of names) {
    const service = known.services.get(name);
    if (service === undefined) continue;
    if (counted !== undefined && (service.unit !== counted.unit || service.decimals !== counted.decimals)) {
      const all = scope.services === undefined ? ', as it names no service and so covers all' : '';
      reader.add(
        path,
        `covers services of different units, '${first}' (${counted.unit}) and '${name}' (${service.unit})${all}`,
        'name services that count the same, and write an entry for each unit',
      );
      return undefined;
    }
    if (counted === undefined) {
      counted = service;
      first = name;
    }
  }
  return counted;
}

function readServices(
  reader: DocumentReader,
  fields: DocumentObject,
  path: string,
  known: KnownNames,
): readonly string[] | undefined {
  const servicesPath = join(path, 'services');
  if (fields.service === undefined) {
    return reader.distinct(fields.services, servicesPath, 'service', (value, entryPath) =>
      nonEmpty(reader.reference(value, entryPath, 'service', known.services)),
    );
  }
  if (fields.services !== undefined) reader.add(servicesPath, 'stands beside service', 'write one of the two');
  const service = reader.reference(fields.service, join(path, 'service'), 'service', known.services);
  return service === '' ? [] : [service];
}

function readRoaming(reader: DocumentReader, value: unknown, path: string, known: KnownNames): boolean | undefined {
  if (value === undefined) return undefined;
  if (known.homeNetworks.size === 0) {
    reader.add(path, 'nothing is known of roaming, as the book names no homeNetworks', 'write homeNetworks');
  }
  return reader.flag(value, path);
}

function nonEmpty(name: string): string | undefined {
  return name === '' ? undefined : name;
}
