/**
 * A file of usage events, whatever its form: JSON lines, CSV or an Avro container file. Every record becomes an item: an
 * event, or a refusal with the code that guiding would give it. Reading never stops at a bad record.
 *
 * Reading is in batches, and holds one of them.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { quantityProblem, type Refusal, refusalOf, UsageDecoder, type UsageEvent } from '@headrace/codec';
import { messageOf } from '@headrace/platform';
import { UsageError } from '../command.ts';
import { readAvroFile } from './avro-file.ts';
import { CsvReader, type CsvRecord } from './csv.ts';
import { eventOf, type FieldName, fieldNamed, shown } from './fields.ts';
import { type Line, readLines } from './lines.ts';

export type UsageFormat = 'jsonl' | 'csv' | 'avro';

export interface UsageItem {
  /** Where it stands: `usage.csv:17`, or `usage.avro:2:30` for event 30 of block 2. */
  readonly place: string;
  /** What it says, as far as it can be read. */
  readonly event: UsageEvent | null;
  readonly refused: Refusal | null;
}

export interface UsageFileOptions {
  /** Undefined: told by the file's name and first bytes. */
  readonly format: UsageFormat | undefined;
  /** For events that name no source. */
  readonly source: string;
}

const READ_BYTES = 256 * 1024;
const MAGIC = Buffer.from('Obj\u0001', 'latin1');
const NO_NOTES = { overflow: '', oversized: '' };
/** The name that stands for standard input. */
export const STANDARD_INPUT = '-';

export class UsageFile {
  readonly path: string;
  readonly #options: UsageFileOptions;
  /** Bytes read so far by all passes. */
  bytesRead = 0;

  constructor(path: string, options: UsageFileOptions) {
    this.path = path;
    this.#options = options;
  }

  /** Reads it from its begin. @throws UsageError if it cannot be read, or if a CSV file has no usable header */
  async *batches(): AsyncGenerator<readonly UsageItem[], void> {
    const chunks = this.#chunks();
    const first = await chunks.next();
    if (first.done === true) return;
    const all = prepended(first.value, chunks);
    switch (this.#options.format ?? formatOf(this.path, first.value)) {
      case 'avro':
        yield* this.#avro(all);
        return;
      case 'csv':
        yield* this.#csv(all);
        return;
      default:
        for await (const lines of readLines(all)) yield lines.flatMap((line) => this.#jsonLine(line));
    }
  }

  async *#chunks(): AsyncGenerator<Buffer, void> {
    const stream =
      this.path === STANDARD_INPUT ? process.stdin : createReadStream(this.path, { highWaterMark: READ_BYTES });
    try {
      for await (const chunk of stream) {
        const bytes = chunk as Buffer;
        this.bytesRead += bytes.length;
        yield bytes;
      }
    } catch (error) {
      throw new UsageError(`${this.path} cannot be read: ${messageOf(error)}`);
    }
  }

  #jsonLine(line: Line): UsageItem[] {
    const place = `${this.path}:${line.number}`;
    if (line.problem !== null) return [unreadable(place, line.problem)];
    if (line.text.trim() === '') return [];
    let value: unknown;
    try {
      value = JSON.parse(line.text);
    } catch (error) {
      return [unreadable(place, `not JSON (${messageOf(error)}); write one whole object a line`)];
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return [unreadable(place, `${shown(value)} is no object; write one object a line`)];
    }
    const fields: [FieldName, unknown][] = [];
    for (const [name, content] of Object.entries(value)) {
      const found = fieldNamed(name);
      if ('problem' in found) return [unreadable(place, found.problem)];
      fields.push([found.field, content]);
    }
    const twice = fields.find(([field], index) => fields.findIndex(([other]) => other === field) !== index);
    const flat = fields.every(([, content]) => typeof content !== 'object' || content === null);
    if (twice !== undefined || (flat && keysIn(line.text) > fields.length)) {
      const which = twice === undefined ? 'a field' : `field ${twice[0]}`;
      return [unreadable(place, `${which} is there twice; leave one out`)];
    }
    return [this.#item(place, fields)];
  }

  async *#csv(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly UsageItem[], void> {
    const reader = new CsvReader();
    let columns: readonly FieldName[] | null = null;
    const items = (records: readonly CsvRecord[]): UsageItem[] => {
      let from = 0;
      if (columns === null && records[0] !== undefined) {
        columns = this.#columns(records[0]);
        from = 1;
      }
      const named = columns ?? [];
      return records.slice(from).map((record) => this.#csvRecord(record, named));
    };
    for await (const lines of readLines(chunks)) yield items(reader.push(lines));
    yield items(reader.finish());
  }

  #columns(header: CsvRecord): readonly FieldName[] {
    const place = `${this.path}:${header.number}`;
    if (header.problem !== null) throw new UsageError(`${place}: ${header.problem}`);
    const columns = header.fields.map((name) => {
      const found = fieldNamed(name);
      if ('problem' in found) throw new UsageError(`${place}: the header line must name fields: ${found.problem}`);
      return found.field;
    });
    const twice = columns.find((column, index) => columns.indexOf(column) !== index);
    if (twice !== undefined) throw new UsageError(`${place}: column ${twice} is there twice; leave one out`);
    return columns;
  }

  #csvRecord(record: CsvRecord, columns: readonly FieldName[]): UsageItem {
    const place = `${this.path}:${record.number}`;
    const { fields, problem, number } = record;
    if (problem !== null) return unreadable(place, problem);
    if (fields.length !== columns.length) {
      const cure = 'leave an empty field for what is absent, and put a field with a separator in quotes';
      return unreadable(place, `line ${number} has ${fields.length} fields, the header ${columns.length}; ${cure}`);
    }
    return this.#item(
      place,
      columns.map((column, index) => [column, fields[index]]),
    );
  }

  #item(place: string, fields: Iterable<readonly [FieldName, unknown]>): UsageItem {
    const result = eventOf(fields, this.#options.source);
    if ('refused' in result) return { place, event: null, refused: result.refused };
    const { event } = result;
    return { place, event, refused: refusalOf(event, NO_NOTES) ?? implausible(event) };
  }

  async *#avro(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly UsageItem[], void> {
    for await (const { number, decoded } of readAvroFile(chunks, new UsageDecoder())) {
      if (decoded.kind === 'refused') yield [{ place: `${this.path}:${number}`, event: null, refused: decoded }];
      else {
        yield decoded.events.map(({ event, refused }, index) => ({
          place: `${this.path}:${number}:${index + 1}`,
          event,
          refused: refused ?? (event === null ? null : implausible(event)),
        }));
      }
    }
  }
}

async function* prepended(first: Buffer, rest: AsyncGenerator<Buffer, void>): AsyncGenerator<Buffer, void> {
  yield first;
  yield* rest;
}

function formatOf(path: string, first: Buffer): UsageFormat {
  if (first.subarray(0, MAGIC.length).equals(MAGIC)) return 'avro';
  if (/\.(jsonl|ndjson|json)$/i.test(path)) return 'jsonl';
  if (/\.(csv|tsv|txt)$/i.test(path)) return 'csv';
  return first.toString('utf8', 0, 64).replace('\ufeff', '').trimStart().startsWith('{') ? 'jsonl' : 'csv';
}

function implausible(event: UsageEvent): Refusal | null {
  const problem = quantityProblem(event);
  return problem === null ? null : { ...problem, outcome: 'suspended' };
}

function unreadable(place: string, detail: string): UsageItem {
  return { place, event: null, refused: { code: 'SCHEMA_INVALID', outcome: 'rejected', detail } };
}

/** Bytes of a file, for progress; undefined where it has no size. */
export async function sizeOf(path: string): Promise<number | undefined> {
  if (path === STANDARD_INPUT) return undefined;
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      return size;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${messageOf(error)}`);
  }
}

/** How many keys a line of JSON has: texts that a colon follows. A parser keeps only the last of two that are alike. */
function keysIn(text: string): number {
  let keys = 0;
  for (const [match] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*:?/g)) if (match.endsWith(':')) keys += 1;
  return keys;
}
