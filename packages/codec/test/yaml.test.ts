import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseYaml } from '../src/index.ts';

test('gives a plain document and the place of each part', () => {
  const { document, problems, locate } = parseYaml('a:\n  - b: 1\n  - { c: x, d: [yes, null] }\n');
  expect(problems).toEqual([]);
  expect(document).toEqual({ a: [{ b: 1 }, { c: 'x', d: ['yes', null] }] });
  expect(locate(['a', 1, 'c'])).toEqual({ line: 3, column: 10 });
  expect(locate(['a', 1, 'missing', 'below'])).toEqual({ line: 3, column: 5 });
  expect(locate([])).toEqual({ line: 1, column: 1 });
});

test('a number that is not whole keeps its text, so that no amount is ever a float', () => {
  const { document } = parseYaml(
    '{ a: 0.10, b: 1e3, c: 12345678901234567890, d: 7, e: -3, f: .inf, g: 0x10, h: "0.1" }',
  );
  expect(document).toEqual({
    a: '0.10',
    b: '1e3',
    c: '12345678901234567890',
    d: 7,
    e: -3,
    f: '.inf',
    g: '0x10',
    h: '0.1',
  });
});

test.each([
  ['a key twice', 'a: 1\na: 2\n', 2],
  ['bad syntax', 'a: [1,\nb: }\n', 2],
  ['an unknown alias', 'a: *none\n', 1],
])('%s is a problem with its line', (_, text, line) => {
  const { document, problems } = parseYaml(text);
  expect(document).toBeUndefined();
  expect(problems[0]?.line).toBe(line);
  expect(problems[0]?.problem).not.toMatch(/\n/);
});

test('aliases that multiply are a problem, not a full memory', () => {
  const levels = Array.from(
    { length: 12 },
    (_, level) => `l${level + 1}: &l${level + 1} [${Array(10).fill(`*l${level}`).join(', ')}]`,
  );
  const { problems } = parseYaml(`l0: &l0 [x]\n${levels.join('\n')}\n`);
  expect(problems[0]?.problem).toMatch(/alias/i);
});

test('reads the price book that the repository shows, with JSON as well', () => {
  const text = readFileSync(new URL('../../../schemas/price-books/demo-excerpt.yaml', import.meta.url), 'utf8');
  const { document, problems, locate } = parseYaml(text);
  expect(problems).toEqual([]);
  expect(document).toMatchObject({ format: 1, name: 'demo', services: { data: { unit: 'bytes' } } });
  expect(locate(['plans', 'mobility-bundle', 'prices', 0, 'tiers', 1])?.line).toBeGreaterThan(40);
  expect(parseYaml(JSON.stringify(document)).document).toEqual(document);
});
