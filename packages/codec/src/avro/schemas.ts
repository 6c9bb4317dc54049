/**
 * The schema files of schemas/avro and their ids: the contracts as text, exactly as in the file, because container
 * files must carry logical types that a parser would drop.
 */

import { readFileSync } from 'node:fs';
import { HeadraceError } from '@headrace/platform';
import type { SchemaLookup } from '../usage/usage-event.ts';

export interface BuiltInSchema {
  readonly id: number;
  readonly subject: string;
  readonly version: number;
  /** The schema file's text. */
  readonly schema: string;
}

const FOLDER = new URL('../../../../schemas/avro/', import.meta.url);

const all: readonly BuiltInSchema[] = readManifest();

function readManifest(): BuiltInSchema[] {
  const manifest: unknown = JSON.parse(readFileSync(new URL('manifest.json', FOLDER), 'utf8'));
  const entries = (manifest as { readonly schemas: readonly (Omit<BuiltInSchema, 'schema'> & { file: string })[] })
    .schemas;
  return entries.map(({ id, subject, version, file }) => ({
    id,
    subject,
    version,
    schema: readFileSync(new URL(file, FOLDER), 'utf8'),
  }));
}

/** Every schema of the manifest, in its order. */
export function schemaManifest(): readonly BuiltInSchema[] {
  return all;
}

/** The newest version of a subject. */
export function latestSchema(subject: string): BuiltInSchema {
  const versions = all.filter((schema) => schema.subject === subject);
  const latest = versions.reduce<BuiltInSchema | null>((a, b) => (a === null || b.version > a.version ? b : a), null);
  if (latest === null) throw new HeadraceError('SCHEMA_NOT_FOUND', `schemas/avro/manifest.json has no "${subject}".`);
  return latest;
}

/** The manifest's ids, for where no registry is set. */
export function builtInSchemas(): SchemaLookup {
  const byId = new Map(all.map((schema) => [schema.id, schema.schema]));
  return { schemaText: (id) => byId.get(id) ?? null };
}
