/** All that the fold knows of one guided partition, which snapshots write and read; calendars are no part of it. */
import { Calendars } from '../calendar.ts';
import { Accounts } from './accounts.ts';
import { Catalogue } from './catalogue.ts';
import { CounterTable } from './counter-table.ts';
import { Duplicates } from './duplicates.ts';
import { FactIds } from './fact-ids.ts';
import { Grants } from './grants.ts';
import { MeterTables } from './meter-tables.ts';
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
  readonly meters = new MeterTables();
  /** Allowances by (owner, item, cycle index), and what single subscriptions drew of those that limit it. */
  buckets = new CounterTable();
  /** Use that was eligible for a pool by (subscription's number, pool's number, cycle and rule). */
  poolUse = new CounterTable();
  /** What single subscriptions drew of pools that limit it, by the same. */
  poolDraws = new CounterTable();
  readonly duplicates = new Duplicates();
  /** Rises whenever something changed that ways (`ways.ts`) took for granted; no part of the state. */
  changes = 0;
}
