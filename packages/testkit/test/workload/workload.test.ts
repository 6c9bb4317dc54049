import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  audit,
  createWorkload,
  type FactJson,
  newWorkloadCounts,
  type RawMessage,
  type WorkloadCounts,
} from '../../src/index.ts';
import { testSeed } from '../support/seed.ts';

const seed = testSeed();
const EVENTS = 30_000;
const workload = createWorkload({ seed, events: EVENTS, scale: 'XS' });
const counts = newWorkloadCounts();
const natural = [...workload.messages({ partitions: 4, counts })];
const facts: FactJson[] = [...workload.facts()].flatMap((batch) => batch.facts);

/** What a message is, whatever partition it went to. */
function identity({ key, value, receivedAtMs }: RawMessage): string {
  return createHash('sha256').update(`${key} ${receivedAtMs} `).update(value).digest('hex');
}

function digest(messages: readonly RawMessage[]): string {
  const hash = createHash('sha256');
  for (const message of messages) hash.update(`${message.partition} ${identity(message)}\n`);
  return hash.digest('hex');
}

/** Outcomes by the auditor, in the names of the labels. */
async function auditedOutcomes(messages: Iterable<RawMessage>): Promise<Record<string, number>> {
  const report = await audit({ facts: [{ facts }], messages });
  const named = (prefix: string, codes: Readonly<Record<string, number>>) =>
    Object.entries(codes).map(([code, count]) => [`${prefix}:${code}`, count]);
  const all = [
    ['rated', report.rated],
    ['duplicate', report.duplicate],
    ...named('rejected', report.rejectedByCode),
    ...named('suspended', report.suspendedByCode),
  ];
  return Object.fromEntries(all.filter(([, count]) => count !== 0));
}

describe(`workload of seed ${seed}`, () => {
  test('the same seed gives the same bytes, another seed others', () => {
    const again = createWorkload({ seed, events: EVENTS, scale: 'XS' });
    expect(digest([...again.messages({ partitions: 4 })])).toBe(digest(natural));
    expect([...again.facts()].flatMap((batch) => batch.facts)).toEqual(facts);
    const other = createWorkload({ seed: `${seed}x`, events: EVENTS, scale: 'XS' });
    expect(digest([...other.messages({ partitions: 4 })])).not.toBe(digest(natural));
  });

  test('the set of messages does not depend on partitions or order', () => {
    const set = natural.map(identity).sort();
    for (const partitions of [1, 7]) {
      const order = { shuffleSeed: `order ${partitions}` };
      const shuffled = [...workload.messages({ partitions, order })];
      expect(shuffled.map(identity).sort()).toEqual(set);
      expect(shuffled.map(identity)).not.toEqual(natural.map(identity));
      expect(new Set(shuffled.map((message) => message.partition)).size).toBe(partitions);
    }
  });

  test('in any order the totals and outcomes are the same, conflicts included', async () => {
    const expected = await audit({ facts: [{ facts }], messages: natural });
    expect(expected.suspendedByCode.DUPLICATE_CONFLICT).toBe(counts.conflicts);
    for (const shuffleSeed of ['1', '2']) {
      const messages = workload.messages({ partitions: 3, order: { shuffleSeed } });
      expect(await audit({ facts: [{ facts }], messages })).toEqual(expected);
    }
  });

  test("the auditor's outcomes are those of the labels", async () => {
    expect(await auditedOutcomes(natural)).toEqual(counts.outcomes);
    const sum = Object.values(counts.outcomes).reduce((total, count) => total + count, 0);
    expect(counts.published).toBe(sum);
    expect(natural.reduce((total, message) => total + message.events, 0)).toBe(sum);
    expect(counts.distinct).toBe(EVENTS);
  });

  test('facts refer to what came before, and their ids are unique', () => {
    const known = new Set<string>();
    const ids = new Set(facts.map((fact) => fact.id));
    expect(ids.size).toBe(facts.length);
    for (const fact of facts) {
      const needs: unknown[] =
        fact.kind === 'account'
          ? [fact.parent]
          : [fact.account, fact.kind === 'subscription' ? fact.pool : null].concat(
              fact.kind === 'topUp' ? [fact.subscription] : [],
            );
      for (const name of needs.filter((need) => need !== null && need !== undefined)) expect(known).toContain(name);
      const name = fact[fact.kind];
      if (typeof name === 'string') known.add(name);
    }
    const kinds = facts.map((fact) => fact.kind).filter((kind, index, all) => kind !== all[index - 1]);
    const first = ['priceBook', 'account', 'pool', 'subscription', 'sim', 'topUp'];
    expect(kinds.slice(0, first.length)).toEqual(first);
  });

  test('what becomes known late follows what is known first, and changes what events cost, not what becomes of them', async () => {
    const part = (name: 'first' | 'later') => [...workload.facts(name)].flatMap((batch) => batch.facts);
    expect([...part('first'), ...part('later')]).toEqual(facts);
    for (const { kind } of part('later')) expect(['subscription', 'sim', 'topUp']).toContain(kind);
    const before = await audit({ facts: [{ facts: part('first') }], messages: natural });
    const after = await audit({ facts: [{ facts }], messages: natural });
    expect(before).toMatchObject({ rated: after.rated, suspendedByCode: after.suspendedByCode });
    expect(before.totalsDigest).not.toBe(after.totalsDigest);
  });

  test('an event count that is none is refused', () => {
    for (const events of [0, -1, 1.5]) expect(() => createWorkload({ seed, events, scale: 'XS' })).toThrow(RangeError);
  });

  test.each([1, 2, 17, 999])('a workload of %i events', async (events) => {
    const small = createWorkload({ seed, events, scale: 'XS' });
    const own = newWorkloadCounts();
    const messages = [...small.messages({ counts: own })];
    expect(own.distinct).toBe(events);
    expect(await auditedOutcomes(messages)).toEqual(own.outcomes);
  });
});

/** Within five standard deviations of the share, which a right generator misses once in a million. */
function expectShare(count: number, total: number, share: number): void {
  const deviation = Math.sqrt(total * share * (1 - share));
  expect(Math.abs(count - total * share)).toBeLessThan(5 * deviation + 2);
}

describe(`mix (seed ${seed})`, () => {
  const events = 150_000;
  const large = createWorkload({ seed, events, scale: 'S' });
  const mix: WorkloadCounts = newWorkloadCounts();
  let bytes = 0;
  for (const message of large.messages({ counts: mix })) bytes = Math.max(bytes, message.value.length);

  test('services, lateness, repeats, faults', () => {
    expectShare(mix.services.message ?? 0, events, 0.048);
    expectShare(mix.services.premium ?? 0, events, 0.002);
    expectShare(mix.services.voice ?? 0, events, 0.005);
    expectShare(mix.services.lifecycle ?? 0, events, 0.015);
    expectShare(mix.late1h, events, 0.03);
    expectShare(mix.late24h, events, 0.005);
    expectShare(mix.late7d, events, 0.0005);
    expectShare(mix.outOfOrder, events, 0.1);
    expectShare(mix.repeated, events, 0.001);
    expectShare(mix.outcomes['suspended:SIM_UNKNOWN'] ?? 0, events, 0.0005);
    expectShare(mix.outcomes['suspended:ZONE_UNRESOLVED'] ?? 0, events, 0.0001 * 0.93);
    expect(mix.inFiles).toBeGreaterThan(events * 0.35);
    expect(mix.inFiles).toBeLessThan(events * 0.65);
    expect(mix).toMatchObject({ conflicts: 3, oversizedFiles: 1 });
    expect(mix.brokenFiles).toBeGreaterThan(0);
    expect(mix.replayed).toBeGreaterThan(1_999);
    // A broker takes messages of a megabyte without being told to.
    expect(bytes).toBeLessThan(1_000_000);
  });

  test('the price book has two thousand plans in less than 6 MB', () => {
    const [first] = large.facts();
    if (first === undefined) throw new Error('no facts');
    expect(first.json.length).toBeLessThan(6_000_000);
    const book = first.facts[0]?.book as {
      plans: Record<string, { prices: unknown[] }>;
      zones: Record<string, unknown>;
    };
    expect(Object.keys(book.plans)).toHaveLength(2_000);
    expect(Object.keys(book.zones)).toHaveLength(24);
  });
});

describe(`giant (seed ${seed})`, () => {
  test('one account has 40 % and one pool 25 % of all events', async () => {
    const events = 20_000;
    const giant = createWorkload({ seed, events, scale: 'XS', giant: true });
    const bySim = new Map<unknown, FactJson>();
    const bySubscription = new Map<unknown, FactJson>();
    for (const fact of [...giant.facts()].flatMap((batch) => batch.facts)) {
      if (fact.kind === 'subscription' && !bySubscription.has(fact.subscription))
        bySubscription.set(fact.subscription, fact);
      if (fact.kind !== 'sim' || bySim.has(fact.sim)) continue;
      for (const name of [fact.sim, fact.imsi, fact.msisdn]) bySim.set(name, fact);
    }
    const { MessageReader } = await import('../../src/auditor/events.ts');
    const reader = new MessageReader();
    const shares = { total: 0, account: 0, pool: 0 };
    for (const { value } of giant.messages()) {
      for (const event of reader.read(value)) {
        if (typeof event === 'string') continue;
        const sim = bySim.get(event.iccid ?? event.imsi ?? event.msisdn);
        const subscription = bySubscription.get(sim?.subscription);
        shares.total++;
        if (subscription?.account === 'acct-00000') shares.account++;
        if (subscription?.pool === 'pool-00000') shares.pool++;
      }
    }
    expect(shares.account / shares.total).toBeGreaterThan(0.37);
    expect(shares.account / shares.total).toBeLessThan(0.43);
    expect(shares.pool / shares.total).toBeGreaterThan(0.22);
    expect(shares.pool / shares.total).toBeLessThan(0.29);
  });
});
