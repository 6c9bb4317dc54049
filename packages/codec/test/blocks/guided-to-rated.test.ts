/** Guided and rated blocks, written by hand and read by avsc with the schema in the file: every field of every record. */

import {
  type Context,
  type LineCause,
  type LineRule,
  PAYER_CAUSE,
  PAYER_POOL_ACCOUNT,
  PAYER_USAGE_ACCOUNT,
  type Profile,
} from '@headrace/rating/contract';
import { LineTable } from '@headrace/rating/lines';
import { describe, expect, test } from 'vitest';
import {
  AMOUNT_MAX,
  decodeGuidedBlock,
  decodeRatedBlock,
  decodeSuspenseBlock,
  encodeRatedBlock,
  encodeSuspenseBlock,
  eventKey,
  type GuidedBlock,
  GuidedBlockWriter,
  GuidedColumns,
  GuidedEntries,
  parseAmount,
  payloadDigest,
  RatedBlockWriter,
  sessionOf,
  suspendedByRater,
  UsageDecoder,
  type UsageEvent,
  verifyBlock,
} from '../../src/index.ts';
import { amountOf, headerOf, readByAvsc } from '../support/blocks.ts';
import { framed, randomWireEvent, usageEventType } from '../support/events.ts';
import { type Random, seeded } from '../support/random.ts';

interface Sample {
  readonly event: UsageEvent;
  readonly profile: Profile;
  readonly context: Context;
  readonly key: Uint32Array;
  readonly id: string;
  readonly digest: Uint32Array;
  readonly receivedAt: number;
  readonly raw: Uint8Array;
}

const text = (random: Random): string => random.text(14);

function profile(random: Random): Profile {
  return {
    usageAccount: text(random),
    subscription: text(random),
    sim: text(random),
    plan: text(random),
    pool: text(random),
    poolAccount: text(random),
    poolRule: text(random),
    ratingKey: text(random),
    currency: 'EUR',
    timeZone: 'Europe/Berlin',
    simState: 'active',
  };
}

function context(random: Random): Context {
  const rawEncoding = random.chance(0.5) ? 'message' : 'datum:1';
  const ratingGroup = random.int(100) - 1;
  return {
    source: text(random),
    service: 'data',
    plmn: '26201',
    rat: 'LTE',
    apn: text(random),
    ratingGroup,
    rawEncoding,
  };
}

function samples(random: Random, count: number): Sample[] {
  const decoder = new UsageDecoder();
  const profiles = Array.from({ length: 7 }, () => profile(random));
  const contexts = Array.from({ length: 4 }, () => context(random));
  const found: Sample[] = [];
  while (found.length < count) {
    const raw = framed(usageEventType.toBuffer(randomWireEvent(random)));
    const message = decoder.decodeMessage(raw);
    const [entry] = message.kind === 'events' ? message.events : [];
    if (!entry || entry.refused !== null) continue;
    const key = new Uint32Array(4);
    const digest = new Uint32Array(2);
    const id = eventKey(entry.event, key) ?? '';
    payloadDigest(entry.event, digest);
    const receivedAt = Math.abs(random.safeInteger());
    const { event } = entry;
    found.push({
      event,
      profile: random.pick(profiles),
      context: random.pick(contexts),
      key,
      id,
      digest,
      receivedAt,
      raw,
    });
  }
  return found;
}

function guidedFile(of: readonly Sample[], entries = new GuidedEntries()): Uint8Array {
  const writer = new GuidedBlockWriter(entries);
  for (const [index, { event, profile, context, key, id, digest, receivedAt, raw }] of of.entries()) {
    const origin = { rawPartition: 3, rawOffset: 2 ** 40 + index, rawIndex: index };
    writer.add({ event, profile, context, key, id, payloadDigest: digest, receivedAt, raw, ...origin });
  }
  expect(writer.count).toBe(of.length);
  return writer.finish(headerOf('usage'));
}

const words = (bytes: unknown): number[] =>
  Array.from({ length: (bytes as Buffer).length / 4 }, (_, index) => (bytes as Buffer).readUInt32BE(4 * index));

describe('a guided block', () => {
  const random = seeded();
  const given = samples(random, 400);
  const file = guidedFile(given);

  test('is, read by avsc, what was added', async () => {
    expect(verifyBlock(file)).toMatchObject({ problem: null, count: 400 });
    const records = await readByAvsc(file);
    expect(records).toHaveLength(400);
    for (const [index, record] of records.entries()) {
      const { event, key, id, digest, receivedAt, raw } = given[index] as Sample;
      expect(words(record.event_key)).toEqual([...key]);
      expect(words(record.payload_digest)).toEqual([...digest]);
      expect(record).toMatchObject({
        event_id: id,
        event_time: event.startTime,
        end_time: event.endTime ?? event.startTime,
        utc_offset_minutes: event.utcOffsetMinutes,
        received_at: receivedAt,
        raw_partition: 3,
        raw_offset: 2 ** 40 + index,
        raw_index: index,
        imei: event.imei ?? '',
        session: sessionOf(event),
        bytes_up: event.bytesUp,
        bytes_down: event.bytesDown,
        seconds: event.seconds,
        units: event.units,
      });
      expect((record.raw as Buffer).equals(raw)).toBe(true);
      const amount = event.amount === null ? null : parseAmount(event.amount);
      expect(record.event_amount === null ? null : amountOf(record.event_amount as Buffer)).toBe(amount);
      expect(record.amount_currency).toBe(event.currency ?? '');
    }
  });

  test('is, read in columns, what was added', () => {
    const block = decodeGuidedBlock(file);
    expect(block.count).toBe(400);
    for (const [event, sample] of given.entries()) {
      const { event: usage } = sample;
      expect(block.profileAt(block.profile[event] ?? -1)).toEqual(sample.profile);
      expect(block.contextAt(block.context[event] ?? -1)).toEqual(sample.context);
      expect([...block.eventKey.subarray(4 * event, 4 * event + 4)]).toEqual([...sample.key]);
      expect([...block.payloadDigest.subarray(2 * event, 2 * event + 2)]).toEqual([...sample.digest]);
      expect([block.eventId(event), block.imei(event), block.session(event)]).toEqual([
        sample.id,
        usage.imei ?? '',
        sessionOf(usage),
      ]);
      expect([block.eventTime[event], block.receivedAt[event], block.bytesUp[event], block.bytesDown[event]]).toEqual([
        usage.startTime,
        sample.receivedAt,
        usage.bytesUp,
        usage.bytesDown,
      ]);
      expect([block.rawPartition(event), block.rawOffset(event), block.rawIndex(event)]).toEqual([
        3,
        2 ** 40 + event,
        event,
      ]);
      expect(Buffer.from(block.raw(event)).equals(sample.raw)).toBe(true);
      expect(block.amountCurrency(event)).toBe(usage.currency ?? '');
      expect(block.amount.get(event) ?? null).toBe(usage.amount === null ? null : parseAmount(usage.amount));
    }
    for (const read of ['eventId', 'imei', 'session', 'amountCurrency', 'rawOffset', 'raw'] as const) {
      expect(() => block[read](400)).toThrow(RangeError);
      expect(() => block[read](-1)).toThrow(RangeError);
    }
    expect([block.profileCount, block.contextCount]).toEqual([7, 4]);
    expect(() => block.profileAt(7)).toThrow(RangeError);
    expect(() => block.contextAt(-1)).toThrow(RangeError);
  });

  test('read into columns that were used before, is the same', () => {
    const columns = new GuidedColumns();
    for (const part of [given.slice(0, 300), given, given.slice(100, 130), []]) {
      const bytes = guidedFile(part);
      const [again, anew] = [decodeGuidedBlock(bytes, columns), decodeGuidedBlock(bytes)];
      expect(again.count).toBe(part.length);
      for (let event = 0; event < part.length; event++) {
        for (const column of [
          'eventTime',
          'endTime',
          'receivedAt',
          'bytesUp',
          'units',
          'profile',
          'context',
        ] as const) {
          expect(again[column][event]).toBe(anew[column][event]);
        }
        expect(again.eventId(event)).toBe(anew.eventId(event));
        expect(again.profileAt(again.profile[event] ?? -1)).toEqual(part[event]?.profile);
      }
      expect(() => again.eventId(part.length)).toThrow(RangeError);
    }
  });

  test('mutated, it is decoded or refused, and never more', () => {
    const small = guidedFile(given.slice(0, 40));
    // Dictionaries and records: what stands before them is checked by the container's and header's own tests.
    const recordsFrom = Buffer.from(small).indexOf('headrace.contexts');
    for (let round = 0; round < 3_000; round++) {
      const broken = Buffer.from(small);
      for (let change = 0; change < 3; change++)
        broken[recordsFrom + random.int(broken.length - recordsFrom)] = random.int(256);
      try {
        const block = decodeGuidedBlock(broken);
        const event = random.int(block.count);
        block.session(event);
        block.amountCurrency(event);
        block.rawOffset(event);
        block.raw(event);
        block.profileAt(block.profile[event] ?? -1);
        block.contextAt(block.context[event] ?? -1);
      } catch (error) {
        expect(error).toMatchObject({ code: 'BLOCK_MALFORMED' });
      }
    }
  });

  test('the writer is empty after each block', () => {
    const writer = new GuidedBlockWriter(new GuidedEntries());
    const [{ event, profile, context, key, id, digest, receivedAt, raw } = given[0] as Sample] = given;
    const entry = {
      event,
      profile,
      context,
      key,
      id,
      payloadDigest: digest,
      receivedAt,
      raw,
      rawPartition: 0,
      rawOffset: 0,
      rawIndex: 0,
    };
    writer.add(entry);
    const first = writer.finish(headerOf('usage'));
    expect([writer.count, writer.usageBytes, writer.byteLength]).toEqual([0, 0, 0]);
    writer.add(entry);
    expect(Buffer.from(writer.finish(headerOf('usage'))).equals(Buffer.from(first))).toBe(true);
  });
});

function rule(random: Random): LineRule {
  return {
    period: '2026-11',
    zone: text(random),
    tag: random.pick(['in-bundle', 'overage', 'pay-per-use', 'zero-rated', 'adjustment']),
    leg: random.pick(['retail', 'wholesale']),
    unit: random.pick(['bytes', 'money']),
    currency: random.pick(['EUR', 'USD']),
    priceBook: 'demo@1',
    price: text(random),
    reason: text(random),
    bucket: text(random),
    meter: text(random),
  };
}

function randomAmount(random: Random): bigint {
  const digits = BigInt(random.safeInteger()) * 10n ** BigInt(random.int(22));
  const safe = BigInt(Number.MAX_SAFE_INTEGER);
  const edges = [0n, 1n, -1n, safe, -safe, safe + 1n, -safe - 1n, 2n ** 32n, -(2n ** 32n), AMOUNT_MAX, -AMOUNT_MAX];
  return random.pick([...edges, BigInt(random.safeInteger()), digits]);
}

/** A line as the test sees it; the fold's own table is filled from it. */
interface Line {
  readonly event: number;
  readonly part: number;
  readonly rule: LineRule;
  readonly payer: number;
  readonly quantity: number;
  readonly eventQuantity: number;
  readonly amount: bigint;
  readonly before: number;
  readonly after: number;
  readonly bucketSize: number;
  readonly threshold: number;
  readonly cause?: LineCause;
}

function tableOf(lines: readonly Line[]): LineTable {
  const table = new LineTable();
  for (const line of lines) {
    const { event, part, rule, payer, quantity, eventQuantity, before, after, bucketSize, threshold } = line;
    const number = table.push(
      event,
      part,
      rule,
      payer,
      quantity,
      eventQuantity,
      0,
      before,
      after,
      bucketSize,
      threshold,
    );
    table.setAmount(number, line.amount);
    if (line.cause !== undefined) table.causes.set(number, line.cause);
  }
  return table;
}

const CAUSE: LineCause = {
  id: 'fact-1',
  time: 1_795_000_000_000_000,
  account: 'payer ü',
  subscription: 's',
  pool: 'p',
  service: 'data',
};

function linesFor(random: Random, events: number): Line[] {
  const rules = Array.from({ length: 9 }, () => rule(random));
  const lines: Line[] = [];
  const line = (event: number, part: number): Line => ({
    event,
    part,
    rule: random.pick(rules),
    payer: random.pick([PAYER_USAGE_ACCOUNT, PAYER_POOL_ACCOUNT]),
    quantity: random.safeInteger(),
    eventQuantity: random.safeInteger(),
    amount: randomAmount(random),
    before: random.safeInteger(),
    after: random.safeInteger(),
    bucketSize: random.safeInteger(),
    threshold: random.pick([0, 80, 100, 65_535]),
  });
  for (let event = 0; event < events; event++) {
    for (let part = random.int(4); part >= 0; part--) if (random.chance(0.8)) lines.push(line(event, part));
  }
  const caused = { payer: PAYER_CAUSE, cause: CAUSE };
  lines.push({ ...line(-1, 0), ...caused }, { ...line(-1, 1), ...caused, cause: { ...CAUSE, id: 'fact-2' } });
  return lines;
}

describe('a rated block', () => {
  const random = seeded();
  const given = samples(random, 300);
  const guided: GuidedBlock = decodeGuidedBlock(guidedFile(given));
  const lines = linesFor(random, given.length);
  const identity = { generation: 1, partition: 2, offset: 2 ** 41, blockTime: 1_795_000_002_000_000 };
  const header = headerOf('rated', { source: 'guided/1/2' });
  const file = encodeRatedBlock({ guided, lines: tableOf(lines), identity, header });

  test('is, read by avsc, event, profile, context, identity, rule and line, field by field', async () => {
    const guidedRecords = await readByAvsc(guided.bytes);
    const records = await readByAvsc(file);
    expect(records).toHaveLength(lines.length);
    for (const [number, record] of records.entries()) {
      const line = lines[number] as Line;
      const { rule, cause } = line;
      expect(record).toMatchObject({
        generation: 1,
        guided_partition: 2,
        guided_offset: 2 ** 41,
        block_time: identity.blockTime,
        period: rule.period,
        zone: rule.zone,
        tag: rule.tag,
        leg: rule.leg,
        unit: rule.unit,
        currency: rule.currency,
        price_book: rule.priceBook,
        price: rule.price,
        reason: rule.reason,
        bucket: rule.bucket,
        meter: rule.meter,
        line: number,
        part: line.part,
        quantity: line.quantity,
        event_quantity: line.eventQuantity,
        before: line.before,
        after: line.after,
        bucket_size: line.bucketSize,
        threshold: line.threshold,
      });
      expect(amountOf(record.amount as Buffer)).toBe(line.amount);
      if (cause !== undefined) {
        expect(record).toMatchObject({
          event_id: cause.id,
          event_time: cause.time,
          account: 'payer ü',
          subscription: 's',
          pool: 'p',
          source: 'reference',
          service: 'data',
          usage_account: 'payer ü',
          raw_partition: -1,
          rating_group: -1,
          bytes_up: 0,
          units: 0,
          event_amount: null,
          amount_currency: '',
        });
        continue;
      }
      const before = guidedRecords[line.event] ?? {};
      const { profile: _profile, context: _context, raw: _raw, ...event } = before;
      // Settlement folds the events again from the lines: all that an event says is there, byte for byte.
      expect(Object.keys(event)).toHaveLength(18);
      expect(record).toMatchObject(event);
      const { profile, context } = given[line.event] as Sample;
      expect(record).toMatchObject({
        account: line.payer === PAYER_POOL_ACCOUNT ? profile.poolAccount : profile.usageAccount,
        usage_account: profile.usageAccount,
        subscription: profile.subscription,
        sim: profile.sim,
        plan: profile.plan,
        pool: profile.pool,
        source: context.source,
        service: context.service,
        plmn: context.plmn,
        rat: context.rat,
        apn: context.apn,
        rating_group: context.ratingGroup,
      });
    }
  });

  test('is, read in columns, what a reader adds up', async () => {
    const block = decodeRatedBlock(file);
    const records = await readByAvsc(file);
    expect(block.count).toBe(lines.length);
    for (const [line, record] of records.entries()) {
      const { account, subscription, service, zone, tag, leg, period, currency, unit } = record;
      const total = block.totals[block.total[line] ?? -1];
      expect(total).toEqual({ account, subscription, service, zone, tag, leg, period, currency, unit });
      expect([block.quantity[line], block.eventQuantity[line], block.part[line], block.eventTime[line]]).toEqual([
        record.quantity,
        record.event_quantity,
        record.part,
        record.event_time,
      ]);
      expect(block.amount(line)).toBe(lines[line]?.amount);
      expect([...block.eventKey.subarray(4 * line, 4 * line + 4)]).toEqual(words(record.event_key));
      expect(block.eventId(line)).toBe(record.event_id);
    }
    const distinct = new Set(block.totals.map((total) => JSON.stringify(total)));
    expect(distinct.size).toBe(block.totals.length);
  });

  test('may be empty; a line of an event needs its guided block', () => {
    const gap = headerOf('rated', { status: 'gap' });
    const encode = (block: GuidedBlock | null, of: readonly Line[]): Uint8Array =>
      encodeRatedBlock({ guided: block, lines: tableOf(of), identity, header: gap });
    const [first] = lines as [Line];
    expect(decodeRatedBlock(encode(null, [])).count).toBe(0);
    expect(() => encode(null, lines)).toThrow(RangeError);
    expect(() => encode(guided, [{ ...first, event: 300 }])).toThrow(RangeError);
  });

  test('refuses lines that name no payer, no cause or no integer', () => {
    const encode = (line: Line): Uint8Array => encodeRatedBlock({ guided, lines: tableOf([line]), identity, header });
    const [first] = lines as [Line];
    expect(() => encode({ ...first, payer: PAYER_CAUSE })).toThrow('payer');
    expect(() => encode({ ...first, event: -1 })).toThrow('cause');
    expect(() => encode({ ...first, event: -1, cause: CAUSE, payer: PAYER_POOL_ACCOUNT })).toThrow('payer');
    expect(() => encode({ ...first, quantity: 0.5 })).toThrow(RangeError);
    expect(() => encode({ ...first, before: Number.NaN })).toThrow(RangeError);
    expect(() => encode({ ...first, amount: AMOUNT_MAX + 1n })).toThrow('digits');
  });

  test('is the same from a writer that wrote other blocks before', () => {
    const writer = new RatedBlockWriter();
    for (const part of [lines, lines.slice(0, 5), [], lines]) {
      const block = { guided, lines: tableOf(part), identity, header };
      expect(Buffer.from(writer.encode(block)).equals(encodeRatedBlock(block))).toBe(true);
    }
    const other = { ...identity, offset: 7 };
    const moved = writer.encode({ guided, lines: tableOf(lines), identity: other, header });
    expect(
      Buffer.from(moved).equals(encodeRatedBlock({ guided, lines: tableOf(lines), identity: other, header })),
    ).toBe(true);
  });

  test('what the rater suspends keeps its raw bytes and origin', async () => {
    const usage = {
      code: 'PRICE_NOT_FOUND',
      detail: 'no price',
      unit: 'bytes',
      quantity: 5,
      estimatedValue: -7n,
      currency: 'EUR',
    } as const;
    const records = given.map((_, event) => suspendedByRater(guided, { ...usage, event }, 'usage.events', identity));
    const suspense = encodeSuspenseBlock({ header: headerOf('suspense'), records });
    const read = decodeSuspenseBlock(suspense).records;
    const byAvsc = await readByAvsc(suspense);
    for (const [event, sample] of given.entries()) {
      const record = read[event];
      expect(record).toMatchObject({
        stage: 'rater',
        outcome: 'suspended',
        code: 'PRICE_NOT_FOUND',
        originTopic: 'usage.events',
        originOffset: 2 ** 40 + event,
        originIndex: sample.context.rawEncoding === 'message' ? -1 : event,
        eventId: sample.id,
        account: sample.profile.usageAccount,
        estimatedValue: -7n,
      });
      expect(Buffer.from(record?.raw ?? []).equals(sample.raw)).toBe(true);
      expect([...(record?.eventKey ?? [])]).toEqual([...sample.key]);
      expect(byAvsc[event]).toMatchObject({
        code: 'PRICE_NOT_FOUND',
        event_id: sample.id,
        sim: sample.profile.sim,
        quantity: 5,
      });
    }
  });
});
