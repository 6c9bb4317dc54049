/** The digest that stands for keys, payloads and entries of dictionaries. */
import { describe, expect, it } from 'vitest';
import { digest128, hexOf } from '../src/index.ts';

describe('digest128', () => {
  it('is the same on every machine', () => {
    expect(hexOf(digest128(''))).toBe('00000000000000000000000000000000');
    expect(hexOf(digest128('headrace'))).toMatchInlineSnapshot(`"58e9f530ef2193c9f4ac4332f75a3a9d"`);
  });

  it('tells near texts apart', () => {
    const texts = Array.from({ length: 20_000 }, (_, index) => `event-${index}`);
    const near = ['a', 'a\u0000', 'a\u0000\u0000', '\u0000a', 'aaaaaaaa', 'aaaaaaaaa'];
    expect(new Set([...texts, ...near].map((text) => hexOf(digest128(text)))).size).toBe(20_006);
  });
});
