/** ClickHouse: connection, migrations, exact inserts and queries. */
export { MIGRATE_COMMAND } from './errors.ts';
export { type BlockInsert, INSERT_TIMEOUT_MS, type InsertedBlock, PART_ROWS_MAX } from './insert.ts';
export { MIGRATIONS_FOLDER } from './migrations.ts';
export { dateTime64, type KnownBlock, type LoadedBlock, type LoadedPosition } from './positions.ts';
export type { ControlTotalsRecord, FindingRecord } from './records.ts';
export {
  type ClickHouseEnvironment,
  clickhouseSettings,
  clickhouseSettingsSchema,
  type StoreSettings,
} from './settings.ts';
export {
  type AdjustmentRow,
  type EventRange,
  type PoolRow,
  type PoolShareRow,
  type ReadPosition,
  type SettlementRow,
  SettlementStore,
} from './settlement-store.ts';
export { type QueryParameters, Store } from './store.ts';
export { TABLES } from './tables.ts';
