/** Reads what a book knows of networks and services, which all its other parts refer to. */
import { MONEY_DECIMALS } from '../money.ts';
import { type DocumentReader, join } from './document-reader.ts';
import { SERVICE_FIELDS, ZONE_FIELDS } from './fields.ts';
import type { Counts, ServiceDefinition, Unit } from './price-book.ts';

const COUNTS_BY_UNIT: Readonly<Record<Unit, readonly Counts[]>> = {
  bytes: ['up', 'down', 'both', 'greater'],
  seconds: ['seconds', 'units'],
  messages: ['units'],
  money: ['amount'],
};
const UNITS = Object.keys(COUNTS_BY_UNIT) as readonly Unit[];
const AMOUNT_DECIMALS = 6;
const NETWORK = /^\d{5,6}$/;

export function readServices(reader: DocumentReader, value: unknown): Map<string, ServiceDefinition> {
  const services = new Map<string, ServiceDefinition>();
  if (value === undefined)
    reader.add('services', 'is missing', 'write at least one service, such as data: { unit: bytes, counts: both }');
  for (const [name, entry, path] of reader.named(value, 'services')) {
    const fields = reader.object(entry, path, SERVICE_FIELDS) ?? {};
    const unit = reader.oneOf(fields.unit, join(path, 'unit'), UNITS, 'bytes');
    const fitting = COUNTS_BY_UNIT[unit];
    const counts = reader.oneOf(fields.counts, join(path, 'counts'), fitting, fitting[0] ?? 'both');
    services.set(name, { name, unit, counts, decimals: readDecimals(reader, fields.decimals, path, unit) });
  }
  return services;
}

function readDecimals(reader: DocumentReader, value: unknown, path: string, unit: Unit): number {
  const decimalsPath = join(path, 'decimals');
  if (unit === 'money') {
    return value === undefined ? AMOUNT_DECIMALS : reader.integer(value, decimalsPath, 0, MONEY_DECIMALS, 0);
  }
  if (value !== undefined) reader.add(decimalsPath, `are of money, and the unit is ${unit}`, 'leave decimals out');
  return 0;
}

/** Each network is in one zone at most: two zones for one network would give an event two prices. */
export function readZones(reader: DocumentReader, value: unknown): Map<string, readonly string[]> {
  const zones = new Map<string, readonly string[]>();
  const zoneOf = new Map<string, string>();
  for (const [name, entry, path] of reader.named(value, 'zones')) {
    const fields = reader.object(entry, path, ZONE_FIELDS) ?? {};
    const networksPath = join(path, 'networks');
    const networks: string[] = [];
    reader.list(fields.networks, networksPath).forEach((value, index) => {
      const networkPath = `${networksPath}[${index}]`;
      const network = readNetwork(reader, value, networkPath);
      if (network === undefined) return;
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

export function readHomeNetworks(reader: DocumentReader, value: unknown): ReadonlySet<string> {
  const networks = reader.distinct(value, 'homeNetworks', 'network', (network, path) =>
    readNetwork(reader, network, path),
  );
  return new Set(networks);
}

function readNetwork(reader: DocumentReader, value: unknown, path: string): string | undefined {
  if (typeof value === 'string' && NETWORK.test(value)) return value;
  const cure = "write 5 or 6 digits (MCC and MNC) in quotes, such as '26201'";
  reader.add(path, `${JSON.stringify(value)} is not a network code`, cure);
  return undefined;
}
