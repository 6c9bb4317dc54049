/** What settlement writes is repeatable and counts once it is complete; what it reads is cut off where it says. */
import { describe, expect, it } from 'vitest';
import { type AdjustmentRow, SettlementStore } from '../src/index.ts';
import { useStore } from './support.ts';

const row: AdjustmentRow = {
  ...{ id: 'a', settlement: 's1', guided_partition: 0, account: 'acme', subscription: 'S', service: 'data' },
  ...{ zone: 'home', tag: 'overage', leg: 'retail', period: '2026-11', currency: 'EUR', unit: 'bytes' },
  ...{ quantity: '-9007199254740993', amount: '-12345678901234567890.123456789012' },
};
const settlement = {
  ...{
    settlement: 's1',
    period: '2026-11',
    positions: { '1/0': 7 },
    reference: 3,
    conflicts: 1,
    conflicts_digest: 'c',
  },
  ...{ fold_version: 2, digest: 'd', adjustments: 1, events_rated: 5, events_duplicate: 0, events_suspended: 1 },
  unrated: '[]',
};

describe('settlements', () => {
  const room = useStore({ migrated: true });

  it('count once they are complete, and exactly', async () => {
    const rows = new SettlementStore(room.store);
    await rows.insertAdjustments('s1', '0', [row]);
    await rows.insertAdjustments('s1', '0', [row]);
    const bill = () => room.store.query('SELECT quantity, amount FROM settled_totals');
    expect(await bill()).toEqual([]);
    expect(await rows.find('s1')).toBeNull();
    await rows.complete(settlement);
    expect(await rows.find('s1')).toEqual(settlement);
    expect(await bill()).toEqual([{ quantity: row.quantity, amount: row.amount }]);
    // The second insert was nothing, not a copy that merges would have to find.
    expect(await room.store.query('SELECT count() AS n FROM adjustments')).toEqual([{ n: '1' }]);
  });

  it('are billed to the partitions that they are for', async () => {
    const rows = new SettlementStore(room.store);
    const billed = async (partition: number): Promise<string[][]> => {
      const all: string[][] = [];
      for await (const some of rows.billed([{ generation: 1, partition, offset: 7 }], ['2026-11'])) {
        all.push(...some.map((columns) => [...columns]));
      }
      return all;
    };
    const key = ['acme', 'S', 'data', 'home', 'overage', '2026-11', 'EUR', 'bytes', 'retail'];
    expect(await billed(0)).toEqual([[...key, row.quantity, row.amount]]);
    expect(await billed(1)).toEqual([]);
  });

  it('take only whole numbers for positions', () => {
    const rows = new SettlementStore(room.store);
    const position = { generation: 1, partition: Number.NaN, offset: 0 };
    expect(() => rows.events({ positions: [position], from: undefined, to: undefined })).toThrow(RangeError);
  });
});
