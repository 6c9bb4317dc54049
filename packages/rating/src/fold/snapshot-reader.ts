/** Reads a snapshot back into a state that goes on as if it had never been written (form: `snapshot-format.ts`). */
import { validatePriceBook } from '../price-book/validate.ts';
import type { PerEventState } from '../price-functions/metered-price.ts';
import type { IntegerColumn, TimeColumn } from './columns.ts';
import { COUNTER_BYTES, type Counter, CounterTable } from './counter-table.ts';
import { KeyTable } from './key-table.ts';
import { MeterTable } from './meter-tables.ts';
import { PoolCycle, type Share } from './pools.ts';
import { Session, type SessionMeter } from './sessions.ts';
import {
  ACCOUNT_COLUMN,
  COLUMNS,
  COUNTERS,
  checkFoldVersion,
  damaged,
  decodePiece,
  type Head,
  type Piece,
  SECTION,
  TIME_COLUMN,
} from './snapshot-format.ts';
import { PartitionState } from './state.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

type AccountRecord = [name: string, zones: [from: number, timeZone: string][], seenZone: string];
type CycleRecord = [
  pool: string,
  rule: string,
  ordinal: number,
  account: string,
  index: number,
  period: string,
  start: number,
  end: number,
  exactSize: string,
  used: number,
  overage: number,
];
type WrittenState = Omit<PerEventState, 'exact'> & { readonly exact: string };
type PerEventRecord = [day: number | null, key: string, state: WrittenState];
type SessionRecord = [
  subscription: number,
  name: string,
  lastDay: number,
  lasting: boolean,
  fees: string[],
  meters: (Omit<SessionMeter, 'perEvent'> & { readonly perEvent?: WrittenState })[],
];
type GrantRecord = [id: string, subscription: string, addOn: string, validFrom: number, validTo: number, used: number];

export function readSnapshot(pieces: readonly Uint8Array[]): PartitionState {
  const reader = new SnapshotReader();
  for (const bytes of pieces) reader.read(decodePiece(bytes));
  return reader.finish(pieces.length);
}

class SnapshotReader {
  readonly #state = new PartitionState();
  readonly #books: Uint8Array[][] = [];
  // Tables are made at the end, when their sizes are known.
  readonly #counters: Uint8Array[][] = COUNTERS.map(() => []);
  readonly #dayMeters = new Map<number, Uint8Array[]>();
  readonly #factIds: Uint32Array[] = [];
  readonly #days = new Map<number, Uint32Array[]>();
  readonly #cycles: PoolCycle[] = [];
  #lastAccounts = 0;
  #booksRead = false;
  #head = false;
  #end = -1;
  readonly #readers: ReadonlyMap<number, (piece: Piece) => void> = this.#makeReaders();

  read(piece: Piece): void {
    // Books go before everything that names their items; the writer puts them right after the head.
    if (piece.section > SECTION.book && !this.#booksRead) this.#readBooks();
    const read = this.#readers.get(piece.section);
    if (read === undefined) throw damaged(`there is no section ${piece.section}`);
    read(piece);
  }

  finish(pieceCount: number): PartitionState {
    if (!this.#head) throw damaged('it has no head');
    if (this.#end !== pieceCount - 1) throw damaged(`it has ${pieceCount} pieces, and its end names ${this.#end + 1}`);
    const state = this.#state;
    const tables = this.#counters.map(readCounters);
    const [meters, buckets, poolUse, poolDraws] = tables;
    state.meters.lasting.counters = meters ?? state.meters.lasting.counters;
    state.buckets = buckets ?? state.buckets;
    state.poolUse = poolUse ?? state.poolUse;
    state.poolDraws = poolDraws ?? state.poolDraws;
    for (const [day, pieces] of this.#dayMeters) this.#dayTable(day).counters = readCounters(pieces);
    state.factIds.table = KeyTable.of(this.#factIds);
    for (const [day, pieces] of this.#days) state.duplicates.days.set(day, KeyTable.of(pieces));
    const { subscriptions, pools } = state;
    for (let subscription = 0; subscription < subscriptions.head.length; subscription += 1) {
      for (const pool of subscriptions.pools(subscription)) pools.states[pool]?.members.push(subscription);
    }
    return this.#state;
  }

  #makeReaders(): Map<number, (piece: Piece) => void> {
    const state = this.#state;
    const each =
      <T>(read: (record: T) => void) =>
      (piece: Piece): void => {
        for (const record of json<T[]>(piece)) read(record);
      };
    return new Map<number, (piece: Piece) => void>([
      [SECTION.head, (piece) => this.#readHead(json<Head>(piece))],
      [SECTION.book, (piece) => this.#keepBook(piece)],
      [SECTION.accounts, each<AccountRecord>((record) => this.#readAccount(record))],
      [SECTION.planNames, each<string>((name) => state.subscriptions.plans.number(name))],
      [SECTION.deviceNames, each<string>((name) => state.subscriptions.devices.number(name))],
      [SECTION.poolNames, each<string>((name) => state.pools.state(name))],
      [SECTION.subscriptionNames, each<string>((name) => state.subscriptions.add(name))],
      [SECTION.subscriptionColumn, (piece) => this.#readColumn(piece)],
      [SECTION.poolCycles, each<CycleRecord>((record) => this.#readCycle(record))],
      [SECTION.poolShares, each<[number, Share]>(([cycle, share]) => this.#readShare(cycle, share))],
      [SECTION.grants, each<GrantRecord>((record) => this.#readGrant(record))],
      [SECTION.counters, (piece) => this.#keepCounters(piece)],
      [SECTION.dayMeters, (piece) => keep(this.#dayMeters, piece.argument | 0, piece.payload)],
      [SECTION.perEvent, each<PerEventRecord>((record) => this.#readPerEvent(record))],
      [SECTION.sessions, each<SessionRecord>((record) => this.#readSession(record))],
      [SECTION.factIds, (piece) => this.#factIds.push(words(piece.payload))],
      [SECTION.duplicates, (piece) => keep(this.#days, piece.argument, words(piece.payload))],
      [
        SECTION.end,
        (piece) => {
          this.#end = piece.argument;
        },
      ],
    ]);
  }

  #keepBook(piece: Piece): void {
    const parts = this.#books[piece.argument] ?? [];
    parts.push(piece.payload);
    this.#books[piece.argument] = parts;
  }

  #keepCounters(piece: Piece): void {
    const pieces = this.#counters[piece.argument];
    if (pieces === undefined) throw damaged(`there is no table of counters ${piece.argument}`);
    pieces.push(piece.payload);
  }

  #dayTable(day: number | null): MeterTable {
    const { meters } = this.#state;
    if (day === null) return meters.lasting;
    let table = meters.days.get(day);
    if (table === undefined) {
      table = new MeterTable();
      meters.days.set(day, table);
    }
    return table;
  }

  #readPerEvent([day, key, written]: PerEventRecord): void {
    this.#dayTable(day).perEvent.set(key, stateOf(written));
  }

  #readSession([number, name, lastDay, lasting, fees, meters]: SessionRecord): void {
    const subscription = this.#state.subscriptions.list[number];
    if (subscription === undefined) throw damaged('a session belongs to no subscription');
    const session = new Session(subscription, name);
    session.lastDay = lastDay;
    session.lasting = lasting;
    session.fees.push(...fees);
    for (const { perEvent, ...meter } of meters) {
      session.meters.push({ ...meter, perEvent: perEvent === undefined ? undefined : stateOf(perEvent) });
    }
    this.#state.meters.sessions.add(session);
  }

  #readAccount([name, zones, seenZone]: AccountRecord): void {
    const account = this.#state.accounts.account(name);
    account.seenZone = seenZone;
    for (const [from, timeZone] of zones) account.setTimeZone(from, timeZone);
  }

  #readHead(head: Head): void {
    checkFoldVersion(head);
    this.#state.duplicates.receivedMax = head.receivedMax;
    this.#state.duplicates.firstDay = head.firstDay;
    this.#head = true;
  }

  #readBooks(): void {
    this.#booksRead = true;
    for (const parts of this.#books) {
      const text = joined(parts);
      const result = validatePriceBook(JSON.parse(text));
      if ('problems' in result) throw damaged('a price book in it is not valid');
      const refusal = this.#state.catalogue.add(result.book, text);
      if (refusal !== undefined) throw damaged(refusal);
    }
  }

  #readColumn(piece: Piece): void {
    const { subscriptions } = this.#state;
    if (piece.argument === TIME_COLUMN) {
      append(subscriptions.rowFrom, new Float64Array(copied(piece.payload)));
      return;
    }
    if (piece.argument === ACCOUNT_COLUMN) {
      this.#readLastAccounts(new Int32Array(copied(piece.payload)));
      return;
    }
    const name = COLUMNS[piece.argument];
    if (name === undefined) throw damaged(`there is no column ${piece.argument}`);
    append(subscriptions[name], new Int32Array(copied(piece.payload)));
  }

  /** Pieces of this column follow one another as the subscriptions do. */
  #readLastAccounts(values: Int32Array): void {
    for (const value of values) {
      const subscription = this.#state.subscriptions.list[this.#lastAccounts];
      if (subscription === undefined) throw damaged('it has more accounts than subscriptions');
      subscription.account = value;
      this.#lastAccounts += 1;
    }
  }

  #readCycle(record: CycleRecord): void {
    const [pool, rule, ordinal, account, index, period, start, end, exactSize, used, overage] = record;
    const state = this.#state.pools.state(pool);
    const cycle = new PoolCycle(state, rule, ordinal, { index, period, start, end }, account);
    cycle.resize(BigInt(exactSize));
    cycle.used = used;
    cycle.overage = overage;
    state.addCycle(cycle);
    this.#cycles.push(cycle);
  }

  #readShare(cycleIndex: number, share: Share): void {
    const cycle = this.#cycles[cycleIndex];
    if (cycle === undefined) throw damaged('a share belongs to no pool cycle');
    cycle.addShare(share);
  }

  #readGrant([id, subscription, addOn, validFrom, validTo, used]: GrantRecord): void {
    this.#state.grants.add(this.#state.subscriptions.of(subscription), {
      id,
      subscription,
      addOn,
      validFrom,
      validTo,
      used,
    });
  }
}

function stateOf(written: WrittenState): PerEventState {
  return { ...written, exact: BigInt(written.exact) };
}

/** Adds a piece to those of one key. */
function keep<Payload>(pieces: Map<number, Payload[]>, key: number, payload: Payload): void {
  const known = pieces.get(key);
  if (known === undefined) pieces.set(key, [payload]);
  else known.push(payload);
}

/** The writer's own JSON: its form is proved by the version in the header. */
function json<T>(piece: Piece): T {
  return JSON.parse(decoder.decode(piece.payload)) as T;
}

function joined(parts: readonly Uint8Array[]): string {
  const streaming = new TextDecoder('utf-8', { fatal: true });
  return parts.map((part) => streaming.decode(part, { stream: true })).join('') + streaming.decode();
}

function copied(payload: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(payload.length);
  new Uint8Array(copy).set(payload);
  return copy;
}

/** The payload as words: in place where it begins at a multiple of four. */
function words(payload: Uint8Array): Uint32Array {
  return payload.byteOffset % 4 === 0
    ? new Uint32Array(payload.buffer, payload.byteOffset, payload.length / 4)
    : new Uint32Array(copied(payload));
}

function append(column: IntegerColumn | TimeColumn, values: Int32Array | Float64Array): void {
  for (const value of values) column.push(value);
}

function readCounters(payloads: readonly Uint8Array[]): CounterTable {
  const bytes = payloads.reduce((sum, payload) => sum + payload.length, 0);
  return CounterTable.of(bytes / COUNTER_BYTES, countersOf(payloads));
}

function* countersOf(payloads: readonly Uint8Array[]): Generator<Counter> {
  for (const payload of payloads) {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    for (let at = 0; at < payload.length; at += COUNTER_BYTES) {
      yield {
        owner: view.getUint32(at, true),
        item: view.getUint32(at + 4, true),
        cycle: view.getUint32(at + 8, true),
        used: view.getFloat64(at + 12, true),
      };
    }
  }
}
