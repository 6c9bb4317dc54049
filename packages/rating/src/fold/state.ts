/** All of the state of one guided partition, which snapshots write and read; calendars and serials are no part of it. */
import { Calendars } from '../calendar.ts';
import { Accounts } from './accounts.ts';
import { Catalogue } from './catalogue.ts';
import { CounterTable } from './counter-table.ts';
import { Duplicates } from './duplicates.ts';
import { FactIds } from './fact-ids.ts';
import { Grants } from './grants.ts';
import { Pools } from './pools.ts';
import { Subscriptions } from './subscriptions.ts';

export class PartitionState {
  readonly calendars = new Calendars();
  readonly catalogue = new Catalogue();
  readonly factIds = new FactIds();
  readonly accounts = new Accounts();
  readonly subscriptions = new Subscriptions();
  readonly pools = new Pools(this.catalogue, this.subscriptions);
  readonly grants = new Grants();
  /** Cycle-scoped meters by (owner, price, cycle index). */
  meters = new CounterTable();
  /** Individual buckets by (owner, allowance, cycle index). */
  buckets = new CounterTable();
  readonly duplicates = new Duplicates();
  #block = 0;

  /** A serial for each block, for caches. */
  nextBlock(): number {
    this.#block += 1;
    return this.#block;
  }
}
