import { crc32 } from 'node:zlib';
import avro from 'avsc';
import { describe, expect, test } from 'vitest';
import { exactLong } from '../../src/avro/exact-long.ts';
import { AMOUNT_MAX, formatAmount, parseAmount, readAmount, writeAmount } from '../../src/bytes/amount.ts';
import { murmur3 } from '../../src/bytes/murmur3.ts';
import { ByteReader } from '../../src/bytes/reader.ts';
import { snappyDecompress } from '../../src/bytes/snappy.ts';
import { ByteWriter } from '../../src/bytes/writer.ts';
import { amountOf } from '../support/blocks.ts';
import { seeded } from '../support/random.ts';

const long = exactLong;
const string = avro.Type.forSchema('string');

describe('numbers and text', () => {
  test('are the bytes that avsc writes, and read back', () => {
    const random = seeded();
    const reader = new ByteReader();
    const edges = [0, -1, 1, 63, 64, -64, -65, 2 ** 30, -(2 ** 30), 2 ** 31, -(2 ** 31), 2 ** 52, -(2 ** 52)];
    for (let round = 0; round < 5_000; round++) {
      const value = edges[round] ?? random.safeInteger();
      const text = random.text(120);
      const writer = new ByteWriter();
      writer.long(value);
      writer.text(text);
      expect(writer.view().equals(Buffer.concat([long.toBuffer(value), string.toBuffer(text)]))).toBe(true);
      reader.reset(writer.view());
      expect([reader.long('n'), reader.text('t'), reader.failure, reader.pos]).toEqual([value, text, null, reader.end]);
    }
  });

  test('the ends of what is safe are exact, and one more is an overflow that names the field', () => {
    const bytes = (value: bigint): Uint8Array => {
      let zigzag = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
      const out: number[] = [];
      for (; zigzag >= 128n; zigzag >>= 7n) out.push(Number(zigzag & 127n) | 128);
      return Uint8Array.from([...out, Number(zigzag)]);
    };
    const reader = new ByteReader();
    for (const value of [2n ** 53n - 1n, 1n - 2n ** 53n, 2n ** 52n, -(2n ** 52n) - 1n]) {
      expect(reader.reset(bytes(value)).long('x')).toBe(Number(value));
      expect(reader.overflow).toBe('');
      const writer = new ByteWriter();
      writer.long(Number(value));
      expect([...writer.view()]).toEqual([...bytes(value)]);
    }
    for (const value of [2n ** 53n, -(2n ** 53n), 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]) {
      expect(reader.reset(bytes(value)).long('bytes_up')).toBe(0);
      expect(reader.overflow).toBe('bytes_up');
      expect(reader.failure).toBeNull();
      expect(reader.pos).toBe(reader.end);
    }
  });

  test('numbers past 64 bits, lengths past the end and bytes that are no UTF-8 fail without throwing', () => {
    const reader = new ByteReader();
    reader.reset(new Uint8Array(11).fill(0xff)).long('x');
    expect(reader.failure).toMatch('longer than 64 bits');
    reader.reset(Uint8Array.from([0x80])).long('x');
    expect(reader.failure).toMatch('ends early');
    reader.reset(Uint8Array.from([0x08, 0x61])).text('source');
    expect(reader.failure).toMatch('length of source is 4');
    reader.reset(Uint8Array.from([0x03, 0x61])).text('source');
    expect(reader.failure).toMatch('length of source is -2');
    reader.reset(Uint8Array.from([0x04, 0xc3, 0x28])).text('source');
    expect(reader.failure).toMatch('no UTF-8');
  });

  test('a writer refuses what is no safe integer', () => {
    for (const value of [0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(() => new ByteWriter().long(value)).toThrow(RangeError);
    }
  });

  test('repeated text is told apart even where its hash is the same', () => {
    const reader = new ByteReader();
    const random = seeded();
    for (let round = 0; round < 50_000; round++) {
      const text = random.text(4);
      reader.reset(string.toBuffer(text));
      if (reader.repeatedText('x') !== text) expect.unreachable(`not ${text}`);
    }
  });
});

describe('amounts', () => {
  test.each([
    ['0', 0n],
    ['0.3', 300_000_000_000n],
    ['-70', -70_000_000_000_000n],
    ['0.000000000001', 1n],
    ['14.6484375', 14_648_437_500_000n],
  ])('%s', (text, amount) => {
    expect(parseAmount(text)).toBe(amount);
    expect(formatAmount(amount)).toBe(text);
  });

  test.each(['', '-', '.5', '1.', '1e3', '0.0000000000001', '1'.repeat(27), ' 1', '+1', 'NaN'])(
    '%j is none',
    (text) => {
      expect(parseAmount(text)).toBeNull();
    },
  );

  test('sixteen bytes hold every amount of 38 digits exactly', () => {
    const random = seeded();
    const edges = [
      0n,
      1n,
      -1n,
      AMOUNT_MAX,
      -AMOUNT_MAX,
      2n ** 63n,
      -(2n ** 63n),
      2n ** 64n,
      2n ** 53n,
      -(2n ** 53n),
      2n ** 32n,
    ];
    const values = [...edges];
    for (let round = 0; round < 5_000; round++) {
      const value = BigInt.asIntN(
        1 + random.int(126),
        BigInt(random.safeInteger()) * BigInt(random.safeInteger()) ** 2n,
      );
      if (value <= AMOUNT_MAX && value >= -AMOUNT_MAX) values.push(value);
    }
    for (const value of values) {
      const writer = new ByteWriter();
      writeAmount(writer, value);
      expect(writer.length).toBe(16);
      expect(amountOf(writer.view())).toBe(value);
      expect(readAmount(writer.view(), 0)).toBe(value);
      expect(parseAmount(formatAmount(value))).toBe(value);
    }
    expect(() => writeAmount(new ByteWriter(), AMOUNT_MAX + 1n)).toThrow(RangeError);
  });
});

test('murmur3 has the verification value of its reference implementation', () => {
  // SMHasher: hash keys {}, {0}, {0,1}, ... with seeds 256 - length, then hash the digests.
  const digests = Buffer.alloc(16 * 256);
  const out = new Uint32Array(4);
  const key = Uint8Array.from({ length: 256 }, (_, index) => index);
  const put = (at: number): void => {
    for (const [index, word] of out.entries()) digests.writeUInt32LE(word, at + 4 * index);
  };
  for (let length = 0; length < 256; length++) {
    murmur3(key, length, 256 - length, out);
    put(16 * length);
  }
  murmur3(digests, digests.length, 0, out);
  expect(out[0]).toBe(0xb3ece62a);
});

describe('snappy', () => {
  const withSum = (body: number[], plain: string): Uint8Array => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(plain));
    return Buffer.concat([Buffer.from(body), sum]);
  };
  // "abcabcabcabcx": 13 bytes, literal "abc", a copy of 9 from 3 back, literal "x".
  const body = [13, 2 << 2, 0x61, 0x62, 0x63, ((9 - 4) << 2) | 1, 3, 0, 0x78];

  test('expands literals and copies that overlap', () => {
    expect(Buffer.from(snappyDecompress(withSum(body, 'abcabcabcabcx'), 100) ?? []).toString()).toBe('abcabcabcabcx');
  });

  test('a wrong sum, size, offset or end is refused', () => {
    expect(snappyDecompress(withSum(body, 'other'), 100)).toBeNull();
    expect(snappyDecompress(withSum([14, ...body.slice(1)], 'abcabcabcabcx'), 100)).toBeNull();
    expect(snappyDecompress(withSum([13, 2 << 2, 0x61, 0x62, 0x63, 21, 4, 0, 0x78], 'abc'), 100)).toBeNull();
    expect(snappyDecompress(withSum(body.slice(0, 3), 'a'), 100)).toBeNull();
    expect(snappyDecompress(withSum(body, 'abcabcabcabcx'), 12)).toBe('too large');
    expect(snappyDecompress(withSum([0xff, 0xff, 0xff, 0xff, 0x0f, 0], ''), 2 ** 40)).toBeNull();
    expect(snappyDecompress(new Uint8Array(3), 100)).toBeNull();
  });
});
