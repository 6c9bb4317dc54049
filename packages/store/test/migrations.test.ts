import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MIGRATIONS_FOLDER, Store, TABLES } from '../src/index.ts';
import { pending, readMigrations, splitStatements } from '../src/migrations.ts';
import { schemaText } from './avro-file.ts';
import { log, useStore } from './support.ts';

describe('statements of a file', () => {
  it('are split at a semicolon that ends a line, without comment lines', () => {
    const text = "-- one;\nCREATE TABLE a (x String DEFAULT ';b');\n\n  -- two;\nDROP TABLE IF EXISTS c;  \n-- end;\n";
    expect(splitStatements(text)).toEqual(["CREATE TABLE a (x String DEFAULT ';b')", 'DROP TABLE IF EXISTS c']);
  });
});

describe('what is pending', () => {
  it('is what was not applied, and a changed file is refused', async () => {
    const migrations = await readMigrations(MIGRATIONS_FOLDER);
    expect(pending(migrations, migrations.slice(0, 2)).map(({ version }) => version)).toEqual(
      migrations.slice(2).map(({ version }) => version),
    );
    const changed = migrations.map((one) => ({ ...one, digest: one.version === 2 ? 'other' : one.digest }));
    expect(() => pending(migrations, changed)).toThrow(/was applied with other contents/);
  });
});

describe('migrations of a database', () => {
  const room = useStore({ migrated: false });
  let folder = '';
  /** File name of the migration that is `behind` the last one of the repository. */
  let next = (behind: number, name: string): string => `${behind}_${name}`;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'migrations-'));
    await cp(MIGRATIONS_FOLDER, folder, { recursive: true });
    const { length } = await readMigrations(folder);
    next = (behind, name) => `${String(length + behind).padStart(4, '0')}${name}`;
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('says what to do where the database is missing', async () => {
    const missing = { code: 'CLICKHOUSE_SCHEMA', message: expect.stringContaining('npx headrace init') };
    await expect(room.store.requireSchema()).rejects.toMatchObject(missing);
    await expect(room.store.query('SELECT * FROM rated_lines')).rejects.toMatchObject(missing);
  });

  it('are applied by several at once, once each', async () => {
    const stores = await Promise.all([1, 2, 3].map(() => Store.connect(room.settings, log)));
    await Promise.all(stores.map((store) => store.migrate(folder)));
    await Promise.all(stores.map((store) => store.close()));
    await room.store.requireSchema(folder);
    const rows = await room.store.query('SELECT DISTINCT version FROM schema_migrations ORDER BY version');
    expect(rows).toHaveLength((await readMigrations(folder)).length);
    expect(await room.store.migrate(folder)).toEqual([]);
  });

  it('make every table and view that services name', async () => {
    const query = 'SELECT name FROM system.tables WHERE database = {database:String}';
    const rows = await room.store.query<{ name: string }>(query, { database: room.store.database });
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.values(TABLES)));
    for (const view of Object.values(TABLES)) await room.store.query(`SELECT * FROM ${view} LIMIT 1`);
  });

  it.each([
    ['rated-line.v1', 'rated_usage'],
    ['suspended-event.v1', 'suspended_usage'],
    ['invoice-total-delta.v1', 'invoice_total_deltas'],
    ['control-totals.v1', 'control_totals'],
    ['finding.v1', 'findings'],
  ])('give the table of %s its fields as columns, in order', async (schema, table) => {
    const query = `SELECT name FROM system.columns
      WHERE database = {database:String} AND table = {table:String} AND default_kind = '' ORDER BY position`;
    const columns = await room.store.query<{ name: string }>(query, { database: room.store.database, table });
    const { fields } = JSON.parse(schemaText(schema)) as { fields: { name: string }[] };
    expect(columns.map(({ name }) => name)).toEqual(fields.map(({ name }) => name));
  });

  it('continue with a new file', async () => {
    const name = next(1, '_extra.sql');
    await writeFile(join(folder, name), '-- One more.\nCREATE VIEW IF NOT EXISTS extra AS SELECT 1 AS one;\n');
    await expect(room.store.requireSchema(folder)).rejects.toMatchObject({ code: 'CLICKHOUSE_SCHEMA' });
    expect(await room.store.migrate(folder)).toEqual([name]);
    await room.store.requireSchema(folder);
  });

  it('refuse a file that was changed after it was applied', async () => {
    const file = join(folder, '0002_suspended_usage.sql');
    const text = await readFile(file, 'utf8');
    await writeFile(file, `${text}-- changed\n`);
    const refused = { code: 'MIGRATION_FAILED', message: expect.stringContaining('0002_suspended_usage.sql') };
    await expect(room.store.migrate(folder)).rejects.toMatchObject(refused);
    await expect(room.store.requireSchema(folder)).rejects.toMatchObject(refused);
    await writeFile(file, text);
  });

  it.each([
    ['_gap_in_numbers.sql', 'CREATE TABLE IF NOT EXISTS a (x Int8) ENGINE = Memory;', 'must be number'],
    ['-wrong-name.sql', 'SELECT 1;', 'must be NNNN_name.sql'],
    ['_not_repeatable.sql', 'CREATE TABLE a (x Int8) ENGINE = Memory;', 'cannot be repeated'],
    ['_failing.sql', 'CREATE TABLE IF NOT EXISTS a (x NoSuchType) ENGINE = Memory;', 'UNKNOWN_TYPE'],
  ])('refuse %s', async (ending, text, why) => {
    const extra = join(folder, next(1, '_extra.sql'));
    const name = next(2, ending);
    if (ending.includes('gap')) await rm(extra);
    else await writeFile(extra, '-- One more.\nCREATE VIEW IF NOT EXISTS extra AS SELECT 1 AS one;\n');
    await writeFile(join(folder, name), text);
    const refused = { code: 'MIGRATION_FAILED', message: expect.stringContaining(why) };
    await expect(room.store.migrate(folder)).rejects.toMatchObject(refused);
    await rm(join(folder, name));
  });
});
