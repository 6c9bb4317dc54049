/**
 * Every YAML snippet of docs/price-book.md is run: a whole book (it begins with `format`) has to be valid as it is; a part
 * of one has to be valid once it is laid over the base book below. A snippet under a comment `# wrong: …` has to have a
 * problem with those words.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { validatePriceBook } from '../../src/index.ts';
import { parseBook } from '../support/price-book-files.ts';

const PAGE = readFileSync(new URL('../../../../docs/price-book.md', import.meta.url), 'utf8');
const SNIPPETS = [...PAGE.matchAll(/^```yaml\n(.*?)^```$/gms)].map((match) => ({
  line: PAGE.slice(0, match.index).split('\n').length,
  text: match[1] ?? '',
}));

type Fields = Record<string, unknown>;

/** What the page's parts of books refer to: the services, zones, pools and prices that its first book has, and more. */
function base(): Fields {
  return {
    format: 1,
    name: 'docs',
    version: 1,
    currency: 'EUR',
    effectiveFrom: '2026-01-01T00:00:00Z',
    author: 'author',
    approver: 'approver',
    homeNetworks: ['26201'],
    services: {
      data: { unit: 'bytes', counts: 'both' },
      voice: { unit: 'seconds', counts: 'seconds' },
      message: { unit: 'messages', counts: 'units' },
      premium: { unit: 'money', counts: 'amount', decimals: 2 },
    },
    zones: { home: { networks: ['26201'] }, europe: { networks: ['20801'] }, world: { networks: ['310410'] } },
    plans: {
      base: {
        prices: ['data', 'voice', 'message'].map((service) => ({
          id: service,
          service,
          model: 'per-unit',
          unitPrice: '1',
          meter: { owner: 'subscription', scope: 'cycle' },
        })),
      },
    },
  };
}

/** Maps are laid over one another; anything else takes the place of what was there. */
function laidOver(below: unknown, above: unknown): unknown {
  if (!isMap(below) || !isMap(above)) return above;
  const merged: Fields = { ...below };
  for (const [name, value] of Object.entries(above)) merged[name] = laidOver(merged[name], value);
  return merged;
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list of prices or allowances alone is those of a plan; `base` prices then follow what it does not price. */
function asBook(snippet: unknown): unknown {
  if (isMap(snippet) && 'format' in snippet) return snippet;
  if (!Array.isArray(snippet)) return laidOver(base(), snippet);
  const prices = snippet.filter((entry) => isMap(entry) && 'model' in entry);
  const allowances = snippet.filter((entry) => isMap(entry) && !('model' in entry));
  const book = base() as { plans: { base: { prices: Fields[] } } };
  const priced = new Set(prices.flatMap((price) => (isMap(price) ? [price.service] : [])));
  const rest = book.plans.base.prices.filter((price) => !priced.has(price.service));
  return laidOver(book, { plans: { base: { prices: [...prices, ...rest], allowances } } });
}

describe('docs/price-book.md', () => {
  it('has snippets', () => {
    expect(SNIPPETS.length).toBeGreaterThan(15);
  });

  it.each(SNIPPETS)('the snippet at line $line is as the page says', ({ text }) => {
    const result = validatePriceBook(asBook(parseBook(text)));
    const problems = 'problems' in result ? result.problems : [];
    const wrong = /^# wrong: (.*)$/m.exec(text)?.[1];
    if (wrong === undefined) expect(problems).toEqual([]);
    else expect(problems.map(({ problem }) => problem)).toContainEqual(expect.stringContaining(wrong));
  });

  it.each([...PAGE.matchAll(/\]\((\.\.\/[^)#]+)/g)].map((match) => match[1] ?? ''))(
    'links to %s, which is there',
    (path) => {
      expect(() => readFileSync(new URL(`../../../../docs/${path}`, import.meta.url))).not.toThrow(/ENOENT/);
    },
  );
});
