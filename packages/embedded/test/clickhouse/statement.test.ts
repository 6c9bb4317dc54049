import { describe, expect, it } from 'vitest';
import { readStatement } from '../../src/clickhouse/statement.ts';

describe('inserts with data', () => {
  it.each([
    ['INSERT INTO t FORMAT JSONEachRow\n{"a":1}', 'INSERT INTO t', '', 'JSONEachRow', '{"a":1}'],
    ['insert into t (a, b) format csv 1,2', 'insert into t (a, b)', '', 'csv', '1,2'],
    ['INSERT INTO t (`format`, "values") VALUES (1, 2)', 'INSERT INTO t (`format`, "values")', '', 'Values', ' (1, 2)'],
    [
      "INSERT INTO d.t SETTINGS a = 'FORMAT x', b = 1 FORMAT TSV\r\n1\n",
      'INSERT INTO d.t',
      "SETTINGS a = 'FORMAT x', b = 1",
      'TSV',
      '1\n',
    ],
    ['/* SELECT */ INSERT INTO t -- VALUES\n FORMAT Avro\nObj', 'INSERT INTO t -- VALUES', '', 'Avro', 'Obj'],
    [
      "INSERT INTO FUNCTION file('x', 'CSV', 'a Int8') VALUES (1)",
      "INSERT INTO FUNCTION file('x', 'CSV', 'a Int8')",
      '',
      'Values',
      ' (1)',
    ],
    ['INSERT INTO t FORMAT JSONEachRow', 'INSERT INTO t', '', 'JSONEachRow', ''],
  ])('%j', (text, target, settings, format, data) => {
    const found = readStatement(text);
    expect(found).toMatchObject({ kind: 'insert', target, settings, format });
    expect(found.kind === 'insert' ? text.slice(found.dataStart) : undefined).toBe(data);
  });

  it('keep letters of all languages in the target, and bytes in the data', () => {
    const head = Buffer.from('INSERT INTO `größe` FORMAT Avro\n');
    const text = Buffer.concat([head, Buffer.from([0xff, 0x00, 0xc3])]).toString('latin1');
    expect(readStatement(text)).toMatchObject({ target: 'INSERT INTO `größe`', dataStart: head.length });
  });
});

describe('other statements', () => {
  it.each([
    ['SELECT 1', 'select', ''],
    ['SELECT a FROM t FORMAT JSON', 'select', 'JSON'],
    ["SELECT 'FORMAT CSV'", 'select', ''],
    ['SELECT 1 FORMAT TSV SETTINGS max_threads = 1;', 'select', 'TSV'],
    ['WITH 1 AS x SELECT x', 'select', ''],
    ['(SELECT 1) UNION ALL (SELECT 2)', 'select', ''],
    ['SHOW TABLES FORMAT CSV', 'other', 'CSV'],
    ['INSERT INTO t SELECT 1', 'other', ''],
    ['INSERT INTO t (a) SELECT format FROM u', 'other', ''],
    ['SELECT a AS format FORMAT TSV SETTINGS x = 1, format = 2', 'select', 'TSV'],
    ['SELECT a FROM t ORDER BY format DESC', 'select', ''],
    ['SELECT a FROM t ORDER BY format LIMIT 1', 'select', ''],
    ['INSERT INTO t (SELECT 1)', 'other', ''],
    ['INSERT INTO t WITH x AS (SELECT 1) SELECT * FROM x', 'other', ''],
    ['CREATE TABLE t (a String)', 'other', ''],
  ])('%s', (text, kind, format) => expect(readStatement(text)).toMatchObject({ kind, format }));

  it.each([
    ['', 62],
    ['-- nothing\n', 62],
    ['SELECT 1; SELECT 2', 62],
    ["SELECT 1 INTO OUTFILE '/tmp/x'", 62],
    ["INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV", 62],
  ])('%j is refused', (text, code) => expect(readStatement(text)).toMatchObject({ kind: 'refused', code }));

  it('drop the semicolon at the end', () => {
    expect(readStatement("SELECT ';' ; -- end")).toMatchObject({ kind: 'select', text: "SELECT ';' " });
  });
});
