import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERRORS, HeadraceError, messageOf } from '../src/errors.ts';

/** Rows `| CODE | action | words |` of docs/errors.md. */
function documented(): Map<string, string> {
  const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (\w+) \| (.+) \|$/gm)];
  return new Map(rows.map((row) => [String(row[1]), `${row[2]} | ${row[3]}`]));
}

describe('the registry of errors', () => {
  it('and docs/errors.md say the same of the same codes', () => {
    const registry = new Map(Object.entries(ERRORS).map(([code, entry]) => [code, `${entry.action} | ${entry.doc}`]));
    expect(Object.fromEntries(documented())).toEqual(Object.fromEntries(registry));
  });

  it('has codes in capitals and documentation in sentences', () => {
    for (const [code, entry] of Object.entries(ERRORS)) {
      expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
      expect(entry.doc, code).toMatch(/^[A-Z].*\.$/s);
    }
  });
});

describe('HeadraceError', () => {
  it('carries code, action, context and cause', () => {
    const cause = new Error('socket');
    const error = new HeadraceError('KAFKA_UNREACHABLE', 'No broker answers.', { cause, context: { broker: 'a:1' } });
    expect(error).toMatchObject({ code: 'KAFKA_UNREACHABLE', action: 'retry', context: { broker: 'a:1' }, cause });
  });

  it('messageOf tells what an aggregate hides', () => {
    expect(messageOf(new AggregateError([new Error('one'), new Error('two')]))).toBe('one; two');
    expect(messageOf('text')).toBe('text');
  });
});
