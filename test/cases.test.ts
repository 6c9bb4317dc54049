/**
 * Rating cases through the public engine, every way: the open ones of the peers, our own, worked out by hand, and random ones
 * against an oracle that shares nothing with the engine. The seed is printed with a failure; HEADRACE_SEED takes another.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Case } from '../scripts/cases/case.ts';
import { Random } from '../scripts/cases/random.ts';
import { readCases } from '../scripts/cases/read-cases.ts';
import { runCase } from '../scripts/cases/run-case.ts';
import { randomCase, withOutcome } from './cases/generate.ts';
import { oracle } from './cases/oracle.ts';
import { shrink } from './cases/shrink.ts';

const SEED = Number(process.env.HEADRACE_SEED ?? 1);
/** Run thousands by hand: HEADRACE_CASES=5000. */
const RANDOM_CASES = Number(process.env.HEADRACE_CASES ?? 300);
const FILES = ['open.json', 'own.json'] as const;
const folder = mkdtempSync(join(tmpdir(), 'headrace-cases-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.each(FILES)('%s', (name) => {
  const path = fileURLToPath(new URL(`cases/${name}`, import.meta.url));

  it.each(readCases(path).map((one) => [one.id, one] as const))('%s', (_id, one) => {
    expect(runCase(one, SEED)).toBeUndefined();
  });

  it('holds by the oracle too', () => {
    for (const one of readCases(path)) expect(statedOnly(one, oracle(one)), one.id).toEqual(one.expected);
  });
});

it('a thousand events pass through the tiers of one meter', () => {
  const events = Array.from({ length: 1000 }, (_, at) => ({ id: `e${at}`, at: '2026-01-01T00:00:00Z', quantity: '1' }));
  const tiers = [
    { upTo: '500', unitPrice: '1' },
    { upTo: null, unitPrice: '0.5' },
  ];
  const one = { ...aCase('thousand', '750'), prices: [{ model: 'graduated' as const, tiers }], events };
  expect(runCase(one, SEED)).toBeUndefined();
});

describe('random cases of the whole grammar', () => {
  it(`give what the oracle gives, every way (seed ${SEED})`, () => {
    for (let index = 0; index < RANDOM_CASES; index += 1) {
      const seed = SEED * 1_000_000 + index;
      const one = randomCase(new Random(seed), `random-${seed}`);
      const failure = runCase(one, seed);
      if (failure === undefined || isBeyondTheEngine(failure.actual)) continue;
      const fails = (smaller: Case): boolean => runCase(withOutcome(smaller), seed)?.unsupported === false;
      const smallest = withOutcome(shrink(one, fails));
      expect.fail(`${JSON.stringify(smallest)}\n${JSON.stringify(runCase(smallest, seed))}`);
    }
  });
});

describe('npm run cases', () => {
  it('closes with the counts, and with status 1 if any failed', () => {
    const good = aCase('good', '2');
    const run = cases([file('mixed', { format: 1, cases: [good, aCase('bad', '3')] })]);
    expect(run.stdout.trimEnd().split('\n').at(-1)).toBe('1 passed, 1 failed');
    expect(run.status).toBe(1);
    expect(cases([file('good', { format: 1, cases: [good] })]).status).toBe(0);
  });

  it('prints one object with --json; what cannot be expressed is failed and says why', () => {
    const odd = { ...aCase('odd', '2'), prices: [{ model: 'per_unit', unitPrice: '2', discountPercent: '101' }] };
    const run = cases(['--json', file('json', { format: 1, cases: [aCase('bad', '3'), odd] })]);
    expect(JSON.parse(run.stdout)).toMatchObject({
      total: 2,
      passed: 0,
      failed: 2,
      unsupported: 1,
      failures: [
        { id: 'bad', expected: { total: '3' }, actual: { total: '2', way: 'streamed' } },
        { id: 'odd', actual: { unsupported: expect.stringContaining('discountPercent') } },
      ],
    });
  });

  it('says what is wrong with a file on both outputs, and ends with status 2', () => {
    const run = cases(['--json', file('second', { format: 2, cases: [] })]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('"format": 1');
    expect(JSON.parse(run.stdout)).toMatchObject({ total: 0, error: expect.stringContaining('"format": 1') });
    expect(cases([join(folder, 'none.json')])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('none.json'),
    });
  });

  it.each([
    [
      'a field of a price',
      { prices: [{ model: 'flat', flatprice: '1' }] },
      "case 'x': prices[0].flatprice is no field",
    ],
    ['a number', { events: [{ id: 'a', at: '2026-01-01T00:00:00Z', quantity: 1 }] }, 'events[0].quantity must be'],
    ['a time without an offset', { events: [{ id: 'a', at: '2026-01-01T00:00:00' }] }, 'events[0].at must be a time'],
    ['a field of what is expected', { expected: { totals: '1' } }, 'expected.totals is no field'],
    ['a field of a tier', { prices: [{ model: 'volume', tiers: [{ price: '1' }] }] }, 'prices[0].tiers[0].price'],
  ])('names file, case and field of %s that is not of the format', (_what, fields, message) => {
    const path = file('strange', { format: 1, cases: [{ ...aCase('x', '1'), ...fields }] });
    const run = cases([path]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain(path);
    expect(run.stderr).toContain(message);
  });
});

/** Times are cut at whole seconds, and a session's fees are by service: a random case may ask for more. */
function isBeyondTheEngine({ unsupported }: Readonly<Record<string, unknown>>): boolean {
  return typeof unsupported === 'string' && /cut at whole seconds|a duration and others without/.test(unsupported);
}

/** The outcome in what the case states. */
function statedOnly({ expected }: Case, outcome: ReturnType<typeof oracle>): unknown {
  return Object.fromEntries(
    Object.entries(expected).map(([field, stated]) => [field, like(stated, Reflect.get(outcome, field))]),
  );
}

/** The part of a value that has the fields of another; rows of lists are found by their ids. */
function like(stated: unknown, value: unknown): unknown {
  if (Array.isArray(stated) && Array.isArray(value) && stated.every((row) => typeof row === 'object')) {
    return stated.map((row) =>
      like(
        row,
        value.find(({ id }) => id === row.id),
      ),
    );
  }
  if (typeof stated !== 'object' || stated === null || Array.isArray(stated)) return value;
  return Object.fromEntries(Object.keys(stated).map((key) => [key, Reflect.get(Object(value), key)]));
}

function aCase(id: string, total: string): Case {
  return {
    id,
    prices: [{ model: 'per_unit', unitPrice: '2' }],
    events: [{ id: 'a', at: '2026-01-01T00:00:00Z', quantity: '1' }],
    expected: { total },
  };
}

function file(name: string, content: unknown): string {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

function cases(args: readonly string[]): { stdout: string; stderr: string; status: number | null } {
  const script = fileURLToPath(new URL('../scripts/cases/main.ts', import.meta.url));
  return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
}
