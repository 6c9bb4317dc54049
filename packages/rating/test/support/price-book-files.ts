/** The example price books of schemas/price-books, with the usage, the subscribers and the bill that stand beside each. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

const FOLDER = new URL('../../../../schemas/price-books/', import.meta.url);

/** All YAML files of the folder. */
export const BOOK_FILES: readonly string[] = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

export function readText(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8');
}

/** A document as `headrace` reads it: YAML 1.2, where an unquoted time or 18:00 is a text. */
export function parseBook(text: string): unknown {
  return parse(text, { schema: 'core' });
}

export function readLines(name: string): Record<string, unknown>[] {
  const lines = readText(name).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);
}
