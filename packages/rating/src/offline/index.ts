/** Usage without Kafka and ClickHouse: events in tables, their order, and what is wrong with them. */

export { type Digest128, digest128, hexOf } from '../digest.ts';
export { compareCodePoints, compareEvents } from './canonical-order.ts';
export { Conflicts } from './conflicts.ts';
export { EventTable, type IdentifiedEvents, type OfflineEvent } from './event-table.ts';
export { offlineEvent, type UsageInput } from './offline-event.ts';
