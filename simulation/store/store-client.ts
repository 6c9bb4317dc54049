/** The store as one simulated process sees it: what the loader and assurance ask of ClickHouse, over the network. */
import type { AssuranceRoom } from '@headrace/assurance';
import type { LoaderRoom } from '@headrace/loader';
import { HeadraceError } from '@headrace/platform';
import type { ControlTotalsRecord, FindingRecord, KnownBlock, LoadedBlock, LoadedPosition } from '@headrace/store';
import type { Position } from '@headrace/store/positions';
import type { Network, Server } from '../world/network.ts';
import type { SimulatedProcess } from '../world/world.ts';
import { answer } from './answers.ts';
import type { SimulatedStore } from './simulated-store.ts';

export class StoreClient {
  readonly #store: SimulatedStore;
  readonly #network: Network;
  readonly #owner: SimulatedProcess;
  readonly #server: Server;

  constructor(store: SimulatedStore, network: Network, owner: SimulatedProcess) {
    this.#store = store;
    this.#network = network;
    this.#owner = owner;
    this.#server = {
      get up() {
        return store.up;
      },
      lost: (what) => new HeadraceError('CLICKHOUSE_UNREACHABLE', `No answer to ${what}.`),
    };
  }

  async insertBlock(
    table: string,
    avro: Uint8Array,
    token: string,
    _signal?: AbortSignal,
  ): Promise<{ writtenRows?: number }> {
    // What is on its way must not change with the sender's memory.
    const bytes = Uint8Array.prototype.slice.call(avro);
    const writtenRows = await this.#insert(`insert ${token}`, () => this.#store.insertBlock(table, bytes, token));
    return { writtenRows };
  }

  recordLoadedBlocks(blocks: readonly LoadedBlock[]): Promise<void> {
    return this.#insert('record loaded blocks', () => this.#store.recordLoaded(blocks));
  }

  insertControlTotals(totals: readonly ControlTotalsRecord[]): Promise<void> {
    return this.#insert('insert control totals', () => this.#store.insertControls(totals));
  }

  insertFindings(findings: readonly FindingRecord[]): Promise<void> {
    return this.#insert('insert findings', () => this.#store.insertFindings(findings));
  }

  findings(): Promise<readonly FindingRecord[]> {
    return this.#ask('findings', () => [...this.#store.findings.rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1)));
  }

  loadedBlock(table: string, source: string, to: Position): Promise<KnownBlock | null> {
    return this.#ask('loaded block', () => {
      for (const block of this.#store.loaded.rows.values()) {
        const same = block.table === table && block.source === source;
        if (same && block.to.offset === to.offset && block.to.x === to.x) return block;
      }
      return null;
    });
  }

  loadedPositions(table: string): Promise<readonly LoadedPosition[]> {
    return this.#ask('loaded positions', () => positionsOf(this.#store, table));
  }

  /** Rows of a statement that the stages use; the laboratory answers it from the rows, without SQL. */
  query<T>(sql: string): Promise<T[]> {
    // The caller names the type of what it asks for, as with the real store.
    return this.#ask('query', () => answer(this.#store, sql) as T[]);
  }

  #insert<T>(what: string, perform: () => T): Promise<T> {
    return this.#network.call(this.#owner, this.#server, { kind: 'insert', what, perform });
  }

  #ask<T>(what: string, perform: () => T): Promise<T> {
    return this.#network.call(this.#owner, this.#server, { kind: 'query', what, perform });
  }
}

// The compiler holds this class to what the stages ask for.
const asLoaderStore = (client: StoreClient): LoaderRoom['store'] => client;
const asAssuranceStore = (client: StoreClient): AssuranceRoom['store'] => client;

export { asAssuranceStore, asLoaderStore };

function positionsOf(store: SimulatedStore, table: string): LoadedPosition[] {
  const last = new Map<string, { block: LoadedBlock; blocks: number; rows: number }>();
  for (const block of store.loaded.rows.values()) {
    if (block.table !== table) continue;
    const key = `${block.source} ${block.generation} ${block.partition}`;
    const known = last.get(key);
    last.set(key, {
      block: known === undefined || isBehind(known.block, block) ? block : known.block,
      blocks: (known?.blocks ?? 0) + 1,
      rows: (known?.rows ?? 0) + block.rows,
    });
  }
  return [...last.keys()].sort().flatMap((key) => {
    const found = last.get(key);
    if (found === undefined) return [];
    const { source, generation, partition, to, nextOffset, digest } = found.block;
    return [{ source, generation, partition, to, nextOffset, digest, blocks: found.blocks, rows: found.rows }];
  });
}

function isBehind(a: LoadedBlock, b: LoadedBlock): boolean {
  const order = a.to.offset - b.to.offset || a.to.x - b.to.x || a.nextOffset - b.nextOffset;
  return order < 0 || (order === 0 && a.digest < b.digest);
}
