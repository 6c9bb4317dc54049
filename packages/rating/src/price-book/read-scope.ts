/** Reads where a price or an allowance applies: one service, and its zones if it names any. */
import { type DocumentObject, type DocumentReader, join } from './document-reader.ts';
import type { Scope } from './price-book.ts';
import type { KnownNames } from './read-price.ts';

export function readScope(reader: DocumentReader, fields: DocumentObject, path: string, known: KnownNames): Scope {
  const service = reader.reference(fields.service, join(path, 'service'), 'service', known.services);
  if (fields.zones === undefined) return { service, zones: undefined };
  const zonesPath = join(path, 'zones');
  const entries = reader.list(fields.zones, zonesPath);
  if (Array.isArray(fields.zones) && entries.length === 0) {
    reader.add(zonesPath, 'names no zone, so it never applies', 'name a zone, or leave zones out to apply everywhere');
  }
  const zones = entries.map((zone, index) => reader.reference(zone, `${zonesPath}[${index}]`, 'zone', known.zones));
  zones.forEach((zone, index) => {
    if (zone !== '' && zones.indexOf(zone) !== index) {
      reader.add(`${zonesPath}[${index}]`, `zone '${zone}' is named twice`, 'name each zone once');
    }
  });
  return { service, zones };
}
