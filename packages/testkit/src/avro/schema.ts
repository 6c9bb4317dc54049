/**
 * The part of Avro's schema language that usage events need: a record of primitives and of unions with null. Another
 * schema is refused when it is read, not when a datum is.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Primitive = 'string' | 'long' | 'int' | 'boolean' | 'bytes' | 'double';

export interface Field {
  readonly name: string;
  readonly type: Primitive;
  /** Index of the null branch of a union, or -1 where the field is not optional. */
  readonly nullBranch: 0 | 1 | -1;
}

export interface RecordSchema {
  readonly name: string;
  readonly fields: readonly Field[];
}

const primitives: ReadonlySet<string> = new Set(['string', 'long', 'int', 'boolean', 'bytes', 'double']);

/** @throws Error naming the field whose type is outside of the part that is read. */
export function parseRecordSchema(text: string): RecordSchema {
  const json: unknown = JSON.parse(text);
  if (!isObject(json) || json.type !== 'record' || !Array.isArray(json.fields)) throw new Error('Not a record schema.');
  return { name: String(json.name), fields: json.fields.map(parseField) };
}

function parseField(json: unknown): Field {
  if (!isObject(json)) throw new Error('A field of the schema is not an object.');
  const name = String(json.name);
  if (!Array.isArray(json.type)) return { name, type: primitive(json.type, name), nullBranch: -1 };
  const nullBranch = json.type.indexOf('null');
  if (json.type.length !== 2 || (nullBranch !== 0 && nullBranch !== 1)) {
    throw new Error(`Field ${name}: only a union of null and one other type is read.`);
  }
  return { name, type: primitive(json.type[1 - nullBranch], name), nullBranch };
}

function primitive(type: unknown, field: string): Primitive {
  const name = isObject(type) ? type.type : type;
  if (typeof name !== 'string' || !primitives.has(name)) throw new Error(`Field ${field}: type ${String(name)}.`);
  return name as Primitive;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const schemaFile = fileURLToPath(new URL('../../../../schemas/avro/usage-event.v1.avsc', import.meta.url));

/** Id of usage-event version 1 in schemas/avro/manifest.json. */
export const USAGE_EVENT_SCHEMA_ID = 1;
/** An id that no manifest or registry has. */
export const UNKNOWN_SCHEMA_ID = 4_000_000_001;

/** The schema as a mediation system would write it into its files: the fields without their documentation. */
export const usageEventSchemaText: string = JSON.stringify(
  JSON.parse(readFileSync(schemaFile, 'utf8')),
  (key, value) => (key === 'doc' ? undefined : value),
);
export const usageEventSchema: RecordSchema = parseRecordSchema(usageEventSchemaText);

/** Fields that some mediation systems do not know yet. Nothing that identifies, guides or charges an event is among them. */
const newerFields: ReadonlySet<string> = new Set(['local_sequence', 'cause_for_closing']);

/** An older version of the schema, as some files have it: a reader has to fill in what it lacks. */
export const olderUsageEventSchemaText: string = JSON.stringify(JSON.parse(usageEventSchemaText), (key, value) =>
  key === 'fields' ? value.filter((field: { name: string }) => !newerFields.has(field.name)) : value,
);
export const olderUsageEventSchema: RecordSchema = parseRecordSchema(olderUsageEventSchemaText);
