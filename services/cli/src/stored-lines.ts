/** Rated lines as the pipeline left them in ClickHouse. */
import { type Store, TABLES } from '@headrace/store';
import { type RatedRow, ROW_COLUMNS } from './offline/rated-row.ts';
import type { LineWanted } from './words/invoice-line.ts';

/** Columns that come as they are; time and key are brought into the form that files give. */
const PLAIN = ROW_COLUMNS.filter((column) => column !== 'event_time');
const TIME = "concat(replaceRegexpOne(replaceOne(toString(event_time), ' ', 'T'), '\\\\.?0*$', ''), 'Z') AS event_time";
const FIELDS = [
  'account',
  'subscription',
  'service',
  'zone',
  'tag',
  'period',
  'leg',
] as const satisfies readonly (keyof LineWanted)[];

/** Lines of an event in order, or those that an invoice line adds up. */
export function storedLines(
  store: Store,
  wanted: { readonly event: string } | LineWanted,
): AsyncGenerator<RatedRow, void> {
  const columns = `${PLAIN.join(', ')}, ${TIME}`;
  if ('event' in wanted) {
    return store.queryStream<RatedRow>(
      `SELECT ${columns} FROM ${TABLES.ratedLines}
       WHERE event_id = {event:String} OR endsWith(event_id, concat('/', {event:String}))
       ORDER BY event_id, generation, guided_partition, guided_offset, line`,
      { event: wanted.event },
    );
  }
  const given = FIELDS.filter((field) => wanted[field] !== undefined);
  const parameters = Object.fromEntries(given.map((field) => [field, wanted[field] ?? '']));
  return store.queryStream<RatedRow>(
    `SELECT ${columns} FROM ${TABLES.ratedLines} WHERE ${given.map((field) => `${field} = {${field}:String}`).join(' AND ')}`,
    parameters,
  );
}
