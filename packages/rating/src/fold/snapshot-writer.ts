/** Writes a snapshot, piece by piece, without a second copy of any table (form: `snapshot-format.ts`). */
import { FOLD_VERSION } from '../version.ts';
import { COUNTER_BYTES, type CounterTable } from './counter-table.ts';
import type { KeyTable } from './key-table.ts';
import type { MeterTable } from './meter-tables.ts';
import type { PoolCycle, Share } from './pools.ts';
import type { Session } from './sessions.ts';
import {
  ACCOUNT_COLUMN,
  COLUMNS,
  COUNTERS,
  encodePiece,
  type Head,
  LASTING,
  PIECE_BYTES,
  SECTION,
  TIME_COLUMN,
} from './snapshot-format.ts';
import type { PartitionState } from './state.ts';

const encoder = new TextEncoder();

/** The pieces of a state. The state must not change until the last one is taken. */
export function* writeSnapshot(state: PartitionState): Generator<Uint8Array> {
  let count = 0;
  for (const piece of sections(state)) {
    count += 1;
    yield piece;
  }
  yield encodePiece(SECTION.end, count, new Uint8Array(0));
}

function* sections(state: PartitionState): Generator<Uint8Array> {
  const { catalogue, accounts, subscriptions, pools, grants, duplicates } = state;
  const head: Head = { foldVersion: FOLD_VERSION, receivedMax: duplicates.receivedMax, firstDay: duplicates.firstDay };
  yield encodePiece(SECTION.head, 0, encoder.encode(JSON.stringify(head)));
  for (const [index, { document }] of catalogue.books.entries()) {
    yield* raw(SECTION.book, index, encoder.encode(document));
  }
  yield* records(SECTION.accounts, accounts.list, ({ name, zones, seenZone }) => [
    name,
    zones.map((zone) => [zone.from, zone.timeZone]),
    seenZone,
  ]);
  yield* records(SECTION.planNames, subscriptions.plans.list, (name) => name);
  yield* records(SECTION.deviceNames, subscriptions.devices.list, (name) => name);
  yield* records(SECTION.poolNames, pools.names.list, (name) => name);
  yield* records(SECTION.subscriptionNames, subscriptions.list, ({ name }) => name);
  for (const [index, name] of COLUMNS.entries()) {
    const { values, length } = subscriptions[name];
    yield* raw(SECTION.subscriptionColumn, index, new Uint8Array(values.buffer, 0, length * 4));
  }
  const { values, length } = subscriptions.rowFrom;
  yield* raw(SECTION.subscriptionColumn, TIME_COLUMN, new Uint8Array(values.buffer, 0, length * 8));
  const lastAccounts = Int32Array.from(subscriptions.list, ({ account }) => account);
  yield* raw(SECTION.subscriptionColumn, ACCOUNT_COLUMN, new Uint8Array(lastAccounts.buffer));
  yield* poolSections(state);
  yield* records(SECTION.grants, grants.byId.values(), (grant) => [
    grant.id,
    grant.subscription,
    grant.addOn,
    grant.validFrom,
    grant.validTo,
    grant.used,
  ]);
  yield* meterSections(state);
  yield* keys(SECTION.factIds, 0, state.factIds.table);
  for (const day of [...duplicates.days.keys()].sort((a, b) => a - b)) {
    const table = duplicates.days.get(day);
    if (table !== undefined) yield* keys(SECTION.duplicates, day, table);
  }
}

function* poolSections(state: PartitionState): Generator<Uint8Array> {
  const cycles = state.pools.states.flatMap((pool) => pool.cycles);
  yield* records(SECTION.poolCycles, cycles, (entry) => {
    const { index, period, start, end } = entry.cycle;
    const { used, overage, rule, ordinal, account } = entry;
    return [entry.pool.name, rule, ordinal, account, index, period, start, end, String(entry.exactSize), used, overage];
  });
  yield* records(SECTION.poolShares, sharesOf(cycles), (entry) => entry);
}

function* meterSections(state: PartitionState): Generator<Uint8Array> {
  const { meters } = state;
  const tables = { ...state, meters: meters.lasting.counters };
  for (const [index, name] of COUNTERS.entries()) yield* counters(SECTION.counters, index, tables[name]);
  const days = [...meters.days].sort(([a], [b]) => a - b);
  for (const [day, table] of days) yield* counters(SECTION.dayMeters, day, table.counters);
  yield* records(SECTION.perEvent, perEventOf([[LASTING, meters.lasting], ...days]), (record) => record);
  yield* records(SECTION.sessions, meters.sessions.sorted(), sessionRecord);
}

/** States of per-event prices, by table and then by the meter's key. */
function* perEventOf(tables: readonly (readonly [day: number | null, table: MeterTable])[]): Generator<unknown> {
  for (const [day, { perEvent }] of tables) {
    for (const key of [...perEvent.keys()].sort()) {
      const entry = perEvent.get(key);
      if (entry !== undefined) yield [day, key, { ...entry, exact: String(entry.exact) }];
    }
  }
}

function sessionRecord({ subscription, name, lastDay, lasting, fees, meters }: Session): unknown {
  const sorted = [...meters].sort((a, b) => a.item - b.item || a.cycle - b.cycle);
  const written = sorted.map(({ perEvent, ...meter }) => {
    return perEvent === undefined ? meter : { ...meter, perEvent: { ...perEvent, exact: String(perEvent.exact) } };
  });
  return [subscription.number, name, lastDay, lasting, [...fees].sort(), written];
}

/** Shares with the index of their cycle, in the order of their meters' ids. */
function* sharesOf(cycles: readonly PoolCycle[]): Generator<[cycle: number, share: Share]> {
  for (const [index, cycle] of cycles.entries()) {
    const shares = [...cycle.shares.values()].sort((a, b) => (a.meterId < b.meterId ? -1 : 1));
    for (const share of shares) yield [index, share];
  }
}

/** Records as a JSON array a piece. */
function* records<T>(section: number, values: Iterable<T>, form: (value: T) => unknown): Generator<Uint8Array> {
  let texts: string[] = [];
  let length = 0;
  for (const value of values) {
    const text = JSON.stringify(form(value));
    // Counted in UTF-16 units, twice: names are ASCII in practice, and a piece may well be smaller than it could.
    if (length > 0 && (length + text.length) * 2 > PIECE_BYTES) {
      yield encodePiece(section, 0, encoder.encode(`[${texts.join(',')}]`));
      texts = [];
      length = 0;
    }
    texts.push(text);
    length += text.length + 1;
  }
  if (texts.length > 0) yield encodePiece(section, 0, encoder.encode(`[${texts.join(',')}]`));
}

function* raw(section: number, argument: number, bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    yield encodePiece(section, argument, bytes.subarray(at, at + PIECE_BYTES));
  }
}

function* counters(section: number, argument: number, table: CounterTable): Generator<Uint8Array> {
  const payload = new DataView(new ArrayBuffer(Math.min(PIECE_BYTES, table.count * COUNTER_BYTES)));
  let at = 0;
  for (const counter of table.entries()) {
    payload.setUint32(at, counter.owner, true);
    payload.setUint32(at + 4, counter.item, true);
    payload.setUint32(at + 8, counter.cycle, true);
    payload.setFloat64(at + 12, counter.used, true);
    at += COUNTER_BYTES;
    if (at < payload.byteLength) continue;
    yield encodePiece(section, argument, new Uint8Array(payload.buffer));
    at = 0;
  }
  if (at > 0) yield encodePiece(section, argument, new Uint8Array(payload.buffer, 0, at));
}

function* keys(section: number, argument: number, table: KeyTable): Generator<Uint8Array> {
  for (const words of table.pieces(PIECE_BYTES / 4)) {
    yield encodePiece(section, argument, new Uint8Array(words.buffer, 0, words.byteLength));
  }
}
