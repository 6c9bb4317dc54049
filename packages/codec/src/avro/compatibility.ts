/**
 * Schema evolution: whether data written with one version can be read with another. The rule for our subjects is full
 * transitive: every version reads every other one, so producers and readers may be upgraded in any order.
 */

import avro from 'avsc';
import { typeOf } from './exact-long.ts';

export interface SchemaVersion {
  readonly name: string;
  readonly text: string;
}

/** Problems, in words; empty if data written with `writer` can be read with `reader`. */
export function canRead(reader: string, writer: string): readonly string[] {
  try {
    const readerType = typeOf(reader);
    const writerType = typeOf(writer);
    readerType.createResolver(writerType);
    return logicalProblems(readerType, writerType, reader, writer);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** Every version against every other one, both ways. */
export function checkVersions(versions: readonly SchemaVersion[]): readonly string[] {
  const problems: string[] = [];
  for (const reader of versions) {
    for (const writer of versions) {
      if (reader === writer) continue;
      for (const problem of canRead(reader.text, writer.text)) {
        problems.push(`${reader.name} cannot read ${writer.name}: ${problem}`);
      }
    }
  }
  return problems;
}

/** What resolution lets pass but what changes meaning: another unit of time, another scale of an amount. */
function logicalProblems(reader: avro.Type, writer: avro.Type, readerText: string, writerText: string): string[] {
  if (!(reader instanceof avro.types.RecordType) || !(writer instanceof avro.types.RecordType)) return [];
  const before = logicalTypes(writerText);
  return [...logicalTypes(readerText)]
    .filter(([field, logical]) => before.has(field) && before.get(field) !== logical)
    .map(([field, logical]) => `${field} is ${logical || 'plain'}, but was written as ${before.get(field) || 'plain'}`);
}

function logicalTypes(text: string): Map<string, string> {
  const schema: { readonly fields?: readonly { readonly name: string; readonly type: unknown }[] } = JSON.parse(text);
  return new Map((schema.fields ?? []).map(({ name, type }) => [name, logicalOf(type)]));
}

function logicalOf(type: unknown): string {
  if (Array.isArray(type)) return type.map(logicalOf).filter(Boolean).join('|');
  if (typeof type !== 'object' || type === null) return '';
  const { logicalType, precision, scale } = type as Record<string, unknown>;
  return typeof logicalType === 'string'
    ? [logicalType, precision, scale].filter((v) => v !== undefined).join(',')
    : '';
}
