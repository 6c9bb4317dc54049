/**
 * Brings a database to the state that the numbered files of a folder describe, and says where it is not.
 *
 * A file is `NNNN_name.sql`, with statements that end in `;` at the end of a line. What was applied is recorded in
 * schema_migrations with the digest of the file.
 *
 * Invariants:
 * 1. Every statement can be repeated (IF NOT EXISTS, OR REPLACE, IF EXISTS): a run that broke off is run again, and
 *    several at once do no harm. ClickHouse has neither locks nor transactions for this; a file with another statement is
 *    refused before anything is done.
 * 2. An applied file never changes: another digest is refused.
 * 3. Files are applied in the order of their numbers, and a file is recorded after its last statement.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { HeadraceError } from '@headrace/platform';

export interface Migration {
  readonly version: number;
  /** The file's name. */
  readonly name: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly digest: string;
  readonly statements: readonly string[];
}

export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly digest: string;
}

export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../schemas/clickhouse/', import.meta.url));

export const MIGRATIONS_TABLE = `
CREATE TABLE IF NOT EXISTS schema_migrations
(
    version    UInt32,
    name       String,
    digest     String,
    applied_at DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = ReplacingMergeTree
ORDER BY (version, digest)`;

const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;
const REPEATABLE = [
  /^CREATE (TABLE|VIEW|MATERIALIZED VIEW|DICTIONARY|FUNCTION) IF NOT EXISTS /i,
  /^CREATE OR REPLACE (VIEW|DICTIONARY|FUNCTION) /i,
  /^DROP (TABLE|VIEW|DICTIONARY|FUNCTION) IF EXISTS /i,
  /^ALTER TABLE \S+ (ADD|DROP|MODIFY|RENAME) (COLUMN|INDEX|CONSTRAINT|PROJECTION) (IF NOT EXISTS|IF EXISTS) /i,
  /^ALTER TABLE \S+ (MODIFY|RESET) SETTING /i,
  /^ALTER TABLE \S+ MODIFY (TTL|COMMENT) /i,
];

/** Reads the folder's migrations in order. Errors: MIGRATION_FAILED for a wrong name, number or statement. */
export async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const migrations: Migration[] = [];
  for (const name of names) {
    const version = Number(FILE_NAME.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(version)) throw failed(`${name} is no migration's name; it must be NNNN_name.sql.`);
    if (version !== migrations.length + 1) throw failed(`${name} must be number ${migrations.length + 1}.`);
    const text = await readFile(`${folder}/${name}`, 'utf8');
    const statements = splitStatements(text);
    const wrong = statements.find((statement) => !REPEATABLE.some((form) => form.test(statement)));
    if (wrong !== undefined) {
      throw failed(`${name} has a statement that cannot be repeated safely: ${wrong.slice(0, 80)}`);
    }
    migrations.push({ version, name, digest: createHash('sha256').update(text).digest('hex'), statements });
  }
  return migrations;
}

/** Statements of a text: without comment lines, ended by `;` at the end of a line. */
export function splitStatements(text: string): readonly string[] {
  const code = text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('--'))
    .join('\n');
  return code
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/** Those not applied yet. Errors: MIGRATION_FAILED where an applied file was changed. */
export function pending(migrations: readonly Migration[], applied: readonly AppliedMigration[]): readonly Migration[] {
  for (const migration of migrations) {
    const other = applied.find((one) => one.version === migration.version && one.digest !== migration.digest);
    if (other !== undefined) {
      throw failed(
        `${migration.name} was applied with other contents (digest ${other.digest.slice(0, 12)}, now ${migration.digest.slice(0, 12)}). ` +
          'An applied migration never changes: restore the file and put the change into a new one.',
      );
    }
  }
  return migrations.filter((migration) => !applied.some((one) => one.version === migration.version));
}

function failed(text: string): HeadraceError {
  return new HeadraceError('MIGRATION_FAILED', `The migrations in schemas/clickhouse cannot be used: ${text}`);
}
