import { describe, expect, it } from 'vitest';
import { type Counter, CounterTable } from '../../src/fold/counter-table.ts';
import { Random, SEED } from '../support/random.ts';

describe('a table of counters', () => {
  it(`holds what was set last, and 0 for the rest (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const table = new CounterTable();
    const model = new Map<string, number>();
    for (let round = 0; round < 20_000; round += 1) {
      const [owner, item, cycle] = [random.below(300), random.below(5), 24_310 + random.below(3)];
      const name = `${owner}/${item}/${cycle}`;
      expect(table.get(owner, item, cycle)).toBe(model.get(name) ?? 0);
      const used = random.magnitude(2 ** 53);
      table.set(owner, item, cycle, used);
      model.set(name, used);
    }
    expect(table.count).toBe(model.size);
    expect(
      [...table.entries()].map(({ owner, item, cycle, used }) => [`${owner}/${item}/${cycle}`, used]).sort(),
    ).toEqual([...model].sort());
  });

  it('has the same entries in the same order and the same size, whatever the order of setting', () => {
    const random = new Random(SEED);
    const counters: Counter[] = Array.from({ length: 10_000 }, (_, index) => ({
      owner: index,
      item: index % 7,
      cycle: 24_310,
      used: index,
    }));
    const tableOf = (order: readonly Counter[]): CounterTable => {
      const table = new CounterTable();
      for (const { owner, item, cycle, used } of order) table.set(owner, item, cycle, used);
      return table;
    };
    const first = tableOf(counters);
    const second = tableOf(random.shuffled(counters));
    expect([...second.entries()]).toEqual([...first.entries()]);
    expect(second.bytes).toBe(first.bytes);
    const restored = CounterTable.of(first.count, first.entries());
    expect([...restored.entries()]).toEqual([...first.entries()]);
    expect(restored.bytes).toBe(first.bytes);
  });
});
