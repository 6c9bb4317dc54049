/** Every example of schemas/price-books, billed by the command line, gives the bill that stands beside it. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseMoney } from '@headrace/rating';
import { describe, expect, it } from 'vitest';
import { headrace } from './support/headrace.ts';

const FOLDER = fileURLToPath(new URL('../../../schemas/price-books/', import.meta.url));
const EXAMPLES = globSync('*.expected.json', { cwd: FOLDER }).map((name) => name.replace('.expected.json', ''));
const KEY = ['account', 'period', 'service', 'zone', 'tag', 'leg', 'unit', 'currency'] as const;

type Row = Readonly<Record<(typeof KEY)[number] | 'quantity' | 'amount' | 'exact', string>>;

/** By invoice line: what the subscriptions of an account add up to. */
function sums(rows: readonly Row[], money: 'amount' | 'exact'): Record<string, string> {
  const lines: Record<string, readonly [bigint, bigint]> = {};
  for (const row of rows) {
    const key = KEY.map((field) => row[field]).join(' ');
    const [quantity, amount] = lines[key] ?? [0n, 0n];
    lines[key] = [quantity + BigInt(row.quantity), amount + parseMoney(row[money])];
  }
  return Object.fromEntries(Object.entries(lines).map(([key, [quantity, amount]]) => [key, `${quantity} ${amount}`]));
}

describe('the examples of price books', () => {
  it.each(EXAMPLES)('%s', async (name) => {
    const path = (ending: string): string => `${FOLDER}${name}.${ending}`;
    const over = ['--usage', path('usage.jsonl'), '--subscribers', path('subscribers.jsonl')];
    const ended = await headrace(['bill', path('yaml'), ...over, '--json']);
    expect(ended.status).toBe(0);
    const { totals } = JSON.parse(readFileSync(path('expected.json'), 'utf8'));
    expect(sums(JSON.parse(ended.out).lines, 'exact')).toEqual(sums(totals, 'amount'));
  });

  it('are there', () => {
    expect(EXAMPLES.length).toBeGreaterThanOrEqual(6);
  });
});
