import { describe, expect, test } from 'vitest';
import {
  decodeFactBlock,
  encodeBlock,
  encodeFactBlock,
  GuidedBlockWriter,
  latestSchema,
  readBlockHeader,
  verifyBlock,
} from '../../src/index.ts';
import { headerOf, readByAvsc } from '../support/blocks.ts';
import { seeded } from '../support/random.ts';

const facts = [
  { position: 7, receivedAt: 1_795_000_000_000_000, kind: 'account', fact: '{"id":"a"}' },
  { position: 8, receivedAt: 1_795_000_000_000_001, kind: 'priceBook', fact: `{"book":"${'ä'.repeat(300_000)}"}` },
];
const block = encodeFactBlock({ header: headerOf('reference', { source: 'reference' }), facts });

describe('a block', () => {
  test('is a container file whose header and records read back', async () => {
    const { header, problem } = readBlockHeader(block);
    expect(problem).toBeNull();
    expect(header).toEqual({
      ...headerOf('reference', { source: 'reference' }),
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(verifyBlock(block)).toEqual({ header, count: 2, problem: null });
    expect(decodeFactBlock(block)).toEqual({ header, facts });
    expect((await readByAvsc(block)).map(({ fact }) => fact)).toEqual(facts.map(({ fact }) => fact));
  });

  test('has the same bytes however its header was put together', () => {
    const header = headerOf('reference', { source: 'reference' });
    const amounts = { USD: '1', EUR: '2' };
    const one = encodeFactBlock({ header: { ...header, controls: { ...header.controls, amounts } }, facts });
    const reversed = Object.fromEntries(Object.entries(header).toReversed()) as unknown as typeof header;
    const controls = { ...header.controls, amounts: { EUR: '2', USD: '1' } };
    const other = encodeFactBlock({ header: { ...reversed, controls }, facts });
    expect(Buffer.from(one).equals(Buffer.from(other))).toBe(true);
  });

  test('carries the schema file as it is, with logical types', () => {
    const block = new GuidedBlockWriter().finish(headerOf('usage'));
    expect(Buffer.from(block).includes(latestSchema('guided-event').schema)).toBe(true);
  });

  test('may be empty, and may answer another', () => {
    const answers = { source: 'raw/0', from: { offset: 0, x: 0 }, to: { offset: 5, x: 1 } };
    const empty = encodeFactBlock({ header: headerOf('reference', { answers, status: 'gap' }), facts: [] });
    expect(verifyBlock(empty)).toMatchObject({ count: 0, problem: null, header: { answers, status: 'gap' } });
    expect(decodeFactBlock(empty).facts).toEqual([]);
  });

  test('with any one bit changed is refused by the check of its digest', () => {
    const random = seeded();
    const small = encodeFactBlock({ header: headerOf('reference'), facts: facts.slice(0, 1) });
    for (let round = 0; round < 4_000; round++) {
      const broken = Buffer.from(small);
      const at = random.int(broken.length);
      broken[at] = (broken[at] ?? 0) ^ (1 << random.int(8));
      if (verifyBlock(broken).problem === null) expect.unreachable(`bit at byte ${at}`);
    }
  });

  test.each([
    ['nothing', new Uint8Array()],
    ['text', Buffer.from('hello')],
    ['its first half', block.subarray(0, block.length / 2)],
    ['only its first bytes', block.subarray(0, 4)],
  ])('that is %s is a problem in words, not an error', (_, value) => {
    expect(verifyBlock(value).problem).toEqual(expect.any(String));
    expect(() => decodeFactBlock(value)).toThrow(expect.objectContaining({ code: 'BLOCK_MALFORMED' }));
  });

  test('of another kind or of another format of header is refused', () => {
    const wrong = encodeFactBlock({ header: headerOf('usage'), facts });
    expect(() => decodeFactBlock(wrong)).toThrow(/it is a usage block/);
    const later = encodeBlock({
      header: { ...headerOf('usage'), v: 2 as 1 },
      schemaText: '"string"',
      records: new Uint8Array(),
      count: 0,
    });
    expect(readBlockHeader(later).problem).toMatch(/version 1/);
  });
});
