import { decodeRatedBlock, decodeTotalsBlock, encodeRatedBlock } from '@headrace/codec';
import { PAYER_CAUSE } from '@headrace/rating/contract';
import { LineTable } from '@headrace/rating/lines';
import { describe, expect, it } from 'vitest';
import { aggregate, differencesOf, recount } from '../src/index.ts';
import { makeBlock, type PlainLine, randomFrom, ratedHeader } from './support/rated-blocks.ts';

const seed = Number(process.env.TEST_SEED ?? Date.now() % 1_000_000);

function keyOf(line: Omit<PlainLine, 'event' | 'quantity' | 'eventQuantity' | 'amount'>): string {
  const { account, subscription, service, zone, tag, leg, period, currency, unit } = line;
  return JSON.stringify([account, subscription, service, zone, tag, leg, period, currency, unit]);
}

/** The sums by plain addition of the lines, which shares nothing with what is tested. */
function addUp(lines: readonly PlainLine[]) {
  const sums = new Map<string, { quantity: bigint; amount: bigint; lines: number }>();
  for (const line of lines) {
    const sum = sums.get(keyOf(line)) ?? { quantity: 0n, amount: 0n, lines: 0 };
    sum.quantity += BigInt(line.quantity);
    sum.amount += line.amount;
    sum.lines += 1;
    sums.set(keyOf(line), sum);
  }
  return sums;
}

describe(`differences of a rated block (TEST_SEED=${seed})`, () => {
  const random = randomFrom(seed);

  it('are the sums of its lines, by every part of the key', () => {
    for (let round = 0; round < 20; round += 1) {
      const made = makeBlock({ partition: 1, offset: round, events: Math.floor(random() * 300), random });
      const found = new Map(
        differencesOf(decodeRatedBlock(made.value)).map(({ quantity, amount, lines, ...key }) => [
          keyOf(key),
          { quantity: BigInt(quantity), amount, lines },
        ]),
      );
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(addUp(made.lines)));
    }
  });

  it('recount the lines: quantities, amounts by currency, events', () => {
    const made = makeBlock({ partition: 1, offset: 3, events: 500, random });
    const counted = recount(decodeRatedBlock(made.value));
    const quantity = made.lines.reduce((sum, line) => sum + line.quantity, 0);
    expect(counted).toMatchObject({ lines: made.lines.length, events: 500, quantity, brokenEvents: 0 });
    expect(counted.eventQuantity).toBe(quantity);
    for (const [currency, text] of Object.entries(counted.amounts)) {
      const wanted = made.lines
        .filter((line) => line.currency === currency)
        .reduce((sum, line) => sum + line.amount, 0n);
      const [whole = '0', decimals = ''] = text.replace('-', '').split('.');
      const units = BigInt(whole) * 10n ** 12n + BigInt(decimals.padEnd(12, '0'));
      expect(text.startsWith('-') ? -units : units).toBe(wanted);
    }
  });

  it('see an event whose parts do not add up (C03)', () => {
    const made = makeBlock({ partition: 1, offset: 3, events: 5, random, broken: true });
    const counted = recount(decodeRatedBlock(made.value));
    expect(counted.brokenEvents).toBe(1);
    expect(counted.eventQuantity - counted.quantity).toBe(1);
  });

  it('sum quantities and events of the retail leg only, and check the parts of both legs', () => {
    const made = makeBlock({ partition: 1, offset: 3, events: 200, random, wholesale: true });
    const retail = made.lines.filter(({ leg }) => leg === 'retail');
    const quantity = retail.reduce((sum, line) => sum + line.quantity, 0);
    expect(recount(decodeRatedBlock(made.value))).toMatchObject({
      lines: made.lines.length,
      events: 200,
      quantity,
      eventQuantity: quantity,
      brokenEvents: 0,
    });
    const broken = makeBlock({ partition: 1, offset: 3, events: 5, random, wholesale: true, broken: true });
    expect(recount(decodeRatedBlock(broken.value)).brokenEvents).toBe(1);
  });

  it('sum no quantities of money, which are amounts, and check their parts all the same', () => {
    const made = makeBlock({ partition: 1, offset: 3, events: 50, random, money: true });
    const counted = recount(decodeRatedBlock(made.value));
    expect(counted).toMatchObject({ events: 50, quantity: 0, eventQuantity: 0, brokenEvents: 0 });
    const broken = makeBlock({ partition: 1, offset: 3, events: 5, random, money: true, broken: true });
    expect(recount(decodeRatedBlock(broken.value)).brokenEvents).toBe(1);
  });

  it('count no events in lines that facts caused', () => {
    const rule = {
      period: '2026-11',
      zone: '',
      leg: 'retail',
      unit: 'bytes',
      currency: 'EUR',
      priceBook: 'demo@1',
      price: 't/p@1',
      reason: '',
      bucket: '',
      meter: 'pool:cycle',
    } as const;
    const cause = {
      id: 'f',
      time: 1_795_000_000_000_000,
      account: 'a',
      subscription: '',
      pool: 'p',
      service: 'data',
    };
    const header = ratedHeader(0, 4, {
      answers: { source: 'reference', from: { offset: 0, x: 0 }, to: { offset: 1, x: 1 } },
    });
    const lines = new LineTable();
    lines.push(-1, 0, { ...rule, tag: 'overage' }, PAYER_CAUSE, -4, 0, -400_000_000_000, 0, 0, 0, 0);
    lines.push(-1, 1, { ...rule, tag: 'in-bundle' }, PAYER_CAUSE, 4, 0, 0, 0, 0, 0, 0);
    for (const line of [0, 1]) lines.causes.set(line, cause);
    const value = encodeRatedBlock({
      guided: null,
      identity: { generation: 1, partition: 0, offset: 4, blockTime: header.blockTime },
      header,
      lines,
    });
    expect(recount(decodeRatedBlock(value))).toEqual({
      lines: 2,
      events: 0,
      quantity: 0,
      eventQuantity: 0,
      brokenEvents: 0,
      amounts: { EUR: '-0.4' },
    });
  });

  it('give the same totals block for the same rated block, with its identity', () => {
    const made = makeBlock({ partition: 2, offset: 7, events: 50, random });
    const one = aggregate(decodeRatedBlock(made.value));
    const two = aggregate(decodeRatedBlock(made.value));
    expect(Buffer.from(one.value).equals(two.value)).toBe(true);
    const { header, identity } = decodeTotalsBlock(one.value);
    expect(header).toMatchObject({ kind: 'totals', source: 'guided/1/2', partition: 2, status: 'applied' });
    expect([header.from.offset, header.to.offset]).toEqual([7, 8]);
    expect(identity).toMatchObject({ generation: 1, partition: 2, offset: 7 });
    expect(one.controls).toMatchObject({ stage: 'aggregator', guidedOffset: 7, lines: made.lines.length });
  });

  it('answer an empty block with an empty one', () => {
    const made = makeBlock({ partition: 0, offset: 9, events: 0, random, status: 'gap' });
    const { value, controls } = aggregate(decodeRatedBlock(made.value));
    expect(decodeTotalsBlock(value).deltas).toEqual([]);
    expect(controls).toMatchObject({ status: 'gap', lines: 0, amounts: {} });
  });
});
