import { describe, expect, it } from 'vitest';
import { type ControlTotalsRecord, dateTime64, type FindingRecord, type LoadedBlock, TABLES } from '../src/index.ts';
import { amountBytes, avroFile, schemaText } from './avro-file.ts';
import { useStore } from './support.ts';

describe('times as text', () => {
  it.each([
    [0, '1970-01-01 00:00:00.000000'],
    [1_795_000_000_000_001, '2026-11-18 11:06:40.000001'],
    [-1, '1969-12-31 23:59:59.999999'],
  ])('%d microseconds are %s', (micros, text) => expect(dateTime64(micros)).toBe(text));
});

const block: LoadedBlock = {
  table: 'rated_usage',
  source: 'guided/1/3',
  generation: 1,
  partition: 3,
  from: { offset: 4, x: 0 },
  to: { offset: 5, x: 0 },
  nextOffset: 9,
  rows: 7,
  digest: 'ab',
  blockTime: 1_795_000_000_123_456,
};

describe('what was loaded', () => {
  const room = useStore({ migrated: true });

  it('has no position before the first block', async () => {
    expect(await room.store.loadedPositions('rated_usage')).toEqual([]);
    expect(await room.store.loadedBlock('rated_usage', block.source, block.to)).toBeNull();
  });

  it('has the highest position of each source, counts a repeated record once, and finds a block again', async () => {
    const later = { ...block, from: block.to, to: { offset: 6, x: 2 }, nextOffset: 10, rows: 0, digest: 'cd' };
    await room.store.recordLoadedBlocks([block, later]);
    await room.store.recordLoadedBlock(block);
    await room.store.recordLoadedBlock({ ...block, source: 'guided/1/4', partition: 4, to: { offset: 5, x: 7 } });
    await room.store.recordLoadedBlock({ ...block, table: 'suspended_usage', source: 'raw/3' });
    expect(await room.store.loadedPositions('rated_usage')).toEqual([
      {
        source: 'guided/1/3',
        generation: 1,
        partition: 3,
        to: { offset: 6, x: 2 },
        nextOffset: 10,
        digest: 'cd',
        blocks: 2,
        rows: 7,
      },
      {
        source: 'guided/1/4',
        generation: 1,
        partition: 4,
        to: { offset: 5, x: 7 },
        nextOffset: 9,
        digest: 'ab',
        blocks: 1,
        rows: 7,
      },
    ]);
    const known = await room.store.loadedBlock('rated_usage', block.source, later.to);
    expect(known).toEqual({ from: later.from, digest: 'cd', rows: 0 });
  });
});

const finding: FindingRecord = {
  id: 'f1',
  control: 'C01',
  severity: 'critical',
  key: 'raw/0',
  expected: '10',
  actual: '9',
  variance: '-1',
  valueAtRisk: '0.000000000001',
  currency: 'EUR',
  detail: "it's gone",
  evidence: 'SELECT 1',
  samples: ['a', "b'"],
  firstSeen: 1_795_000_000_000_001,
  lastSeen: 1_795_000_000_000_002,
  status: 'open',
  owner: '',
  reason: '',
  changedBy: '',
  changedAt: 0,
};

describe('findings', () => {
  const room = useStore({ migrated: true });

  it('stand as last seen or changed, whatever the order of writing', async () => {
    const changed = { ...finding, status: 'explained', changedBy: 'ada', changedAt: finding.lastSeen + 5 };
    await room.store.insertFindings([changed]);
    await room.store.insertFindings([finding, { ...finding, id: 'f2' }]);
    expect(await room.store.findings()).toEqual([changed, { ...finding, id: 'f2' }]);
  });
});

const totals: ControlTotalsRecord = {
  stage: 'guide',
  source: 'raw/0',
  fromOffset: 0,
  fromX: 0,
  toOffset: 10,
  toX: 5,
  generation: 1,
  guidedPartition: -1,
  guidedOffset: -1,
  blockTime: 1_795_000_000_000_000,
  status: 'applied',
  eventsIn: 10,
  eventsGuided: 8,
  eventsRated: 0,
  eventsDuplicate: 0,
  eventsRejected: 1,
  eventsSuspended: 1,
  bytesIn: 1000,
  bytesGuided: 900,
  bytesRated: 0,
  bytesDuplicate: 0,
  bytesRejected: 50,
  bytesSuspended: 50,
  lines: 0,
  quantity: 0,
  eventQuantity: 0,
  brokenEvents: 0,
  amounts: { EUR: '-0.000000000001', USD: '3' },
  digest: '',
};

describe('control totals', () => {
  const room = useStore({ migrated: true });

  it('count once and only where applied, and account for every event', async () => {
    const rated = { ...totals, stage: 'rater', guidedPartition: 0, guidedOffset: 3, eventsIn: 8, eventsGuided: 0 };
    const applied = { ...rated, eventsRated: 6, eventsDuplicate: 2, eventsRejected: 0, eventsSuspended: 0 };
    const repeat = { ...applied, guidedOffset: 4, status: 'duplicate' };
    await room.store.insertControlTotals([totals, applied]);
    await room.store.insertControlTotals([totals, repeat]);
    const [account] = await room.store.query(`SELECT * FROM ${TABLES.eventAccount}`);
    expect(account).toEqual({
      received: '10',
      rated: '6',
      duplicate: '2',
      rejected: '1',
      suspended: '1',
      in_flight: '0',
      difference: '0',
    });
    const query = `SELECT events, bytes FROM ${TABLES.eventsByOutcome} WHERE stage = 'guide' AND outcome = 'received'`;
    expect(await room.store.query(query)).toEqual([{ events: '10', bytes: '1000' }]);
    const [amounts] = await room.store.query(`SELECT amounts FROM ${TABLES.controls} WHERE stage = 'guide'`);
    expect(amounts).toEqual({ amounts: totals.amounts });
  });
});

describe('invoice totals', () => {
  const room = useStore({ migrated: true });
  const delta = {
    generation: 1,
    guided_partition: 0,
    guided_offset: 5,
    block_time: 1_795_000_000_000_000n,
    account: 'a',
    subscription: 's',
    service: 'data',
    zone: 'eu',
    tag: 'overage',
    leg: 'retail',
    period: '2026-11',
    currency: 'EUR',
    unit: 'bytes',
    quantity: 10n,
    amount: amountBytes(1n),
    lines: 2n,
  };

  it('add up exactly, once each, with the offset that they include', async () => {
    const schema = schemaText('invoice-total-delta.v1');
    const other = { ...delta, guided_offset: 6, quantity: -4n, amount: amountBytes(-3n), lines: 1n };
    await room.store.insertBlock(TABLES.invoiceTotalDeltas, avroFile(schema, [delta]), 'one');
    await room.store.insertBlock(TABLES.invoiceTotalDeltas, avroFile(schema, [delta]), 'the same under another token');
    await room.store.insertBlock(TABLES.invoiceTotalDeltas, avroFile(schema, [other]), 'two');
    const query = `SELECT account, quantity, amount, lines, included FROM ${TABLES.invoiceTotals}`;
    expect(await room.store.query(query)).toEqual([
      { account: 'a', quantity: '6', amount: '-0.000000000002', lines: '3', included: { '1/0': '6' } },
    ]);
  });
});
