/**
 * The laws that the fold guards: order-independence, determinism, exactness, and restarts that do not show. Each runs a
 * seeded workload (support/workload.ts); the seed is in the name, and HEADRACE_SEED gives another.
 */
import { describe, expect, it } from 'vitest';
import { OUTCOME_RATED, type Rater, type ReferenceFact, restoreRater } from '../../src/index.ts';
import { demoBook } from '../support/book.ts';
import { Random, SEED } from '../support/random.ts';
import {
  apply,
  brief,
  type Line,
  rate,
  raterWith,
  row,
  type ScenarioEvent,
  snapshotBytes,
} from '../support/scenario.ts';
import { addTo, type Bill, slowBill } from '../support/slow-bill.ts';
import { makeWorkload, type Workload } from '../support/workload.ts';

/** Cuts a list into blocks of random sizes, some of them empty. */
function blocksOf(random: Random, events: readonly ScenarioEvent[]): ScenarioEvent[][] {
  const blocks: ScenarioEvent[][] = [];
  for (let at = 0; at < events.length; ) {
    const size = random.below(random.pick([2, 50, 1000]));
    blocks.push(events.slice(at, at + size));
    at += size;
  }
  return blocks;
}

function withDuplicates(random: Random, events: readonly ScenarioEvent[]): ScenarioEvent[] {
  return [...events, ...events.filter(() => random.below(5) === 0), ...events.slice(0, 100)];
}

interface Run {
  readonly lines: readonly Line[];
  readonly bill: Bill;
  readonly rated: number;
}

/** Rates blocks one after the other; `between` may replace the rater after each. */
function run(
  rater: Rater,
  blocks: readonly ScenarioEvent[][],
  between: (rater: Rater) => Rater = (same) => same,
): Run & { rater: Rater } {
  const lines: Line[] = [];
  const bill: Bill = new Map();
  let rated = 0;
  let current = rater;
  for (const block of blocks) {
    const outcome = rate(current, block);
    expect(outcome.suspended).toEqual([]);
    rated += outcome.outcomes.filter((value) => value === OUTCOME_RATED).length;
    for (const line of outcome.lines) {
      lines.push(line);
      const service = block[line.event]?.service ?? '';
      addTo(bill, line.account, line.rule.period, service, line.rule.tag, BigInt(line.quantity), line.amount);
    }
    current = between(current);
  }
  return {
    lines,
    bill: new Map([...bill].filter(([, entry]) => entry.quantity !== 0n || entry.amount !== 0n)),
    rated,
    rater: current,
  };
}

function sorted(bill: Bill): string[] {
  return [...bill].map(([key, { quantity, amount }]) => `${key} ${quantity} ${amount}`).sort();
}

function newRater(workload: Workload): Rater {
  return raterWith([demoBook()], workload.facts);
}

describe('law 3, order-independence', () => {
  it.each(Array.from({ length: 6 }, (_, index) => SEED + index))(
    'the bill is the one worked out slowly from the set of events, whatever order, duplicates and blocks (seed %d)',
    (seed) => {
      const random = new Random(seed);
      const workload = makeWorkload(random, 40, 3000);
      const expected = sorted(slowBill(workload));
      // The workload is one that could show a mistake: all tags, pools with overage among them.
      for (const tag of ['|in-bundle', '|overage', '|pay-per-use', '|zero-rated', 'ROOT|2026-11|data|overage']) {
        expect(
          expected.some((entry) => entry.includes(tag)),
          tag,
        ).toBe(true);
      }
      const states: Uint8Array[][] = [];
      for (let round = 0; round < 3; round += 1) {
        const order = random.shuffled(withDuplicates(random, workload.events));
        const { bill, rated, rater } = run(newRater(workload), blocksOf(random, order));
        expect(sorted(bill)).toEqual(expected);
        expect(rated).toBe(workload.events.length);
        states.push(snapshotBytes(rater));
      }
      // The state is the same as well, byte for byte.
      expect(states[1]).toEqual(states[0]);
      expect(states[2]).toEqual(states[0]);
    },
  );

  it(`members that join and leave between the blocks end in the same bill (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const workload = makeWorkload(random, 30, 2000);
    // Moves between pools and out of zone stay as they are; what comes late are the facts that size the pools.
    const early = workload.facts.filter((fact) => fact.kind !== 'subscription');
    const late = random.shuffled(workload.facts.filter((fact) => fact.kind === 'subscription'));
    const rater = raterWith([demoBook()], early);
    const bill: Bill = new Map();
    for (const block of blocksOf(random, random.shuffled(workload.events))) {
      const facts = apply(rater, late.splice(0, 1 + random.below(4)));
      for (const line of [...facts.lines, ...rate(rater, block).lines]) {
        const service = line.cause?.service ?? block[line.event]?.service ?? '';
        addTo(bill, line.account, line.rule.period, service, line.rule.tag, BigInt(line.quantity), line.amount);
      }
    }
    for (const line of apply(rater, late).lines) {
      addTo(
        bill,
        line.account,
        line.rule.period,
        line.cause?.service ?? '',
        line.rule.tag,
        BigInt(line.quantity),
        line.amount,
      );
    }
    const settled = new Map([...bill].filter(([, entry]) => entry.quantity !== 0n || entry.amount !== 0n));
    expect(sorted(settled)).toEqual(sorted(slowBill(workload)));
  });
});

describe('law 2, determinism', () => {
  it(`the same calls give the same lines and the same snapshot (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const workload = makeWorkload(random, 30, 2000);
    const blocks = blocksOf(random, random.shuffled(withDuplicates(random, workload.events)));
    const first = run(newRater(workload), blocks);
    const second = run(newRater(workload), blocks);
    expect(second.lines).toEqual(first.lines);
    expect(snapshotBytes(second.rater)).toEqual(snapshotBytes(first.rater));
  });

  it(`a rater restored after any block goes on as if nothing had happened (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const workload = makeWorkload(random, 30, 2000);
    const blocks = blocksOf(random, random.shuffled(withDuplicates(random, workload.events)));
    const whole = run(newRater(workload), blocks);
    const broken = run(newRater(workload), blocks, (rater) =>
      random.below(4) === 0 ? restoreRater(snapshotBytes(rater)) : rater,
    );
    expect(broken.lines.map(row)).toEqual(whole.lines.map(row));
    expect(snapshotBytes(broken.rater)).toEqual(snapshotBytes(whole.rater));
    expect(broken.rater.statistics()).toEqual(whole.rater.statistics());
  });

  it('a restored rater gives back the same when a pool grows', () => {
    const workload = makeWorkload(new Random(SEED), 30, 2000);
    const { rater } = run(newRater(workload), [[...workload.events]]);
    const restored = restoreRater(snapshotBytes(rater));
    const joined = ['P1', 'P2'].map((pool): ReferenceFact => {
      const base = { kind: 'subscription', account: 'A0', plan: 'iot-stacked', state: 'active' } as const;
      return { ...base, id: `new/${pool}`, subscription: `N-${pool}`, pool, validFrom: '2026-10-01T00:00:00Z' };
    });
    const expected = apply(rater, joined).lines;
    expect(expected.length).toBeGreaterThan(0);
    expect(apply(restored, joined).lines.map(brief)).toEqual(expected.map(brief));
    expect(snapshotBytes(restored)).toEqual(snapshotBytes(rater));
  });
});

describe('law 1, conservation', () => {
  it(`the parts of every event add up to the event, and every event has an outcome (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const workload = makeWorkload(random, 20, 2000);
    const { lines, outcomes } = rate(newRater(workload), workload.events);
    const parts = new Map<number, { sum: number; next: number; whole: number }>();
    let last = -1;
    for (const { event, part, quantity, eventQuantity } of lines) {
      expect(event).toBeGreaterThanOrEqual(last);
      last = event;
      const entry = parts.get(event) ?? { sum: 0, next: 0, whole: eventQuantity };
      expect(part).toBe(entry.next);
      parts.set(event, { sum: entry.sum + quantity, next: entry.next + 1, whole: eventQuantity });
    }
    expect(parts.size).toBe(workload.events.length);
    for (const { sum, whole } of parts.values()) expect(sum).toBe(whole);
    expect([...outcomes].every((outcome) => outcome === OUTCOME_RATED)).toBe(true);
  });
});
