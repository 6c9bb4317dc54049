/**
 * CSV as RFC 4180 has it, line by line:
 *
 *   record = field, { separator, field }, line end
 *   field  = '"', { any character, a quote written twice }, '"' | { any character but quote, separator, line end }
 *
 * A quoted field may hold line ends. The separator is the comma, semicolon or tab that the header line has most of.
 *
 * Of its own and no library, because one bad record must not end the file: a quote that is never closed is reported at
 * the line where it was opened, and reading goes on at the line after that one.
 */
import { LINE_BYTES_MAX, type Line } from './lines.ts';

/** Lines that one record may span. */
const RECORD_LINES_MAX = 100;
const SEPARATORS = [',', ';', '\t'];
const QUOTE = 0x22;

export interface CsvRecord {
  /** The line where it begins. */
  readonly number: number;
  readonly fields: readonly string[];
  readonly problem: string | null;
}

export function separatorOf(header: string): string {
  const count = (separator: string): number => header.split(separator).length;
  return SEPARATORS.reduce((best, separator) => (count(separator) > count(best) ? separator : best));
}

export class CsvReader {
  #separator = '';
  /** Lines of a record whose quote is still open. */
  #open: Line[] = [];
  #openBytes = 0;

  /** The records that end with these lines. Empty lines are none. */
  push(lines: readonly Line[]): readonly CsvRecord[] {
    const records: CsvRecord[] = [];
    for (const line of lines) this.#take(line, records);
    return records;
  }

  /** What is left when no more lines come. */
  finish(): readonly CsvRecord[] {
    const records: CsvRecord[] = [];
    while (this.#open.length > 0) this.#giveUp(records);
    return records;
  }

  #take(line: Line, records: CsvRecord[]): void {
    if (line.problem !== null) {
      while (this.#open.length > 0) this.#giveUp(records);
      records.push({ number: line.number, fields: [], problem: line.problem });
      return;
    }
    if (this.#open.length === 0 && line.text.trim() === '') return;
    if (this.#separator === '') this.#separator = separatorOf(line.text);
    this.#open.push(line);
    this.#openBytes += line.text.length;
    const number = this.#open[0]?.number ?? line.number;
    const text = this.#open.length === 1 ? line.text : this.#open.map((part) => part.text).join('\n');
    const fields = splitRecord(text, this.#separator);
    if (fields === 'open') {
      if (this.#open.length >= RECORD_LINES_MAX || this.#openBytes > LINE_BYTES_MAX) this.#giveUp(records);
      return;
    }
    this.#forget();
    if (typeof fields === 'string') records.push({ number, fields: [], problem: fields });
    else records.push({ number, fields, problem: null });
  }

  /** Reports the line that opened the quote, and reads those after it anew. */
  #giveUp(records: CsvRecord[]): void {
    const [first, ...rest] = this.#open;
    this.#forget();
    if (first === undefined) return;
    const problem = `a quote is opened and not closed; close it, or write a quote inside a field twice`;
    records.push({ number: first.number, fields: [], problem });
    for (const line of rest) this.#take(line, records);
  }

  #forget(): void {
    this.#open = [];
    this.#openBytes = 0;
  }
}

/** The fields of a record; `open` if its text ends inside quotes; else what is wrong. */
export function splitRecord(text: string, separator: string): readonly string[] | string {
  if (!text.includes('"')) return text.split(separator);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text.charCodeAt(at) !== QUOTE) {
      const found = text.indexOf(separator, at);
      const end = found === -1 ? text.length : found;
      const field = text.slice(at, end);
      if (field.includes('"'))
        return `field ${fields.length + 1} has a quote inside; put the whole field in quotes and write it twice`;
      fields.push(field);
      at = end;
    } else {
      const end = closingQuote(text, at + 1);
      if (end === -1) return 'open';
      fields.push(text.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
      if (at < text.length && !text.startsWith(separator, at)) {
        return `text follows the closing quote of field ${fields.length}; put the whole field in quotes`;
      }
    }
    if (at >= text.length) return fields;
    at += separator.length;
  }
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text.charCodeAt(at + 1) !== QUOTE) return at;
  }
  return -1;
}

/** A field as CSV. */
export function csvField(value: string): string {
  return /[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
