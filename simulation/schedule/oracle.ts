/**
 * What must be true at the end of any schedule, whatever went wrong in it.
 *
 * 1. Conservation by ids: every published event is in exactly one place, every copy of it accounted for.
 * 2. The totals are those of the undisturbed run, in the lines and in the invoice totals.
 * 3. What was written twice is the same bytes: one identity, one digest, in every topic of blocks.
 * 4. No check of assurance finds anything, and no finding stands.
 * (That every instance says it is well is for the schedule to ask.)
 */
import { LIVE_CHECKS, STORED_CHECKS } from '@headrace/assurance';
import { formatAmount, readBlockHeader } from '@headrace/codec';
import type { LogCluster } from '../log/log-cluster.ts';
import { answer } from '../store/answers.ts';
import type { SimulatedStore } from '../store/simulated-store.ts';
import type { PublishedMessage } from './workload.ts';

/** Totals as text, by key: what two runs are compared by. */
export type Totals = ReadonlyMap<string, string>;

const BLOCK_TOPICS = ['usage.guided', 'usage.rated', 'usage.suspense', 'invoice.totals'];

/** What is wrong, in words; empty if nothing is. */
export function judge(
  messages: readonly PublishedMessage[],
  cluster: LogCluster,
  store: SimulatedStore,
  undisturbed: Totals | null,
): string[] {
  return [
    ...conservation(messages, store),
    ...repeats(cluster),
    ...assured(store),
    ...(undisturbed === null ? [] : compared(undisturbed, totalsOf(store))),
  ];
}

export function totalsOf(store: SimulatedStore): Totals {
  const sums = new Map<string, { quantity: number; amount: bigint }>();
  const add = (key: string, quantity: number, amount: bigint) => {
    const sum = sums.get(key) ?? { quantity: 0, amount: 0n };
    sums.set(key, { quantity: sum.quantity + quantity, amount: sum.amount + amount });
  };
  // Who of a pool's members pays for its overage depends on the order of arrival; what the account pays does not.
  const ofAccount = (total: string) => total.split('|').toSpliced(1, 1).join('|');
  for (const { total, quantity, amount } of store.lines.rows.values())
    add(`lines ${ofAccount(total)}`, quantity, amount);
  for (const { total, quantity, amount } of store.deltas.rows.values())
    add(`totals ${ofAccount(total)}`, quantity, amount);
  const texts = [...sums].map(([key, { quantity, amount }]) => [key, `${quantity} ${formatAmount(amount)}`] as const);
  return new Map(texts.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function compared(wanted: Totals, got: Totals): string[] {
  return [...new Set([...wanted.keys(), ...got.keys()])]
    .filter((key) => wanted.get(key) !== got.get(key))
    .map((key) => `${key}: ${got.get(key) ?? 'nothing'}, undisturbed ${wanted.get(key) ?? 'nothing'}`);
}

function conservation(messages: readonly PublishedMessage[], store: SimulatedStore): string[] {
  const problems: string[] = [];
  const blocksOf = new Map<string, Set<string>>();
  for (const { event, block } of store.lines.rows.values()) {
    blocksOf.set(event, (blocksOf.get(event) ?? new Set()).add(block));
  }
  const expected = { rated: new Map<string, number>(), suspended: 0, rejected: 0 };
  for (const { id, fate } of messages) {
    if (fate === 'rated') expected.rated.set(id, (expected.rated.get(id) ?? 0) + 1);
    else expected[fate] += 1;
  }
  const known = new Map([...blocksOf].map(([event, blocks]) => [event.slice(event.lastIndexOf('/') + 1), blocks]));
  for (const id of expected.rated.keys()) {
    const blocks = known.get(id);
    if (blocks === undefined) problems.push(`${id} has no line`);
    else if (blocks.size > 1) problems.push(`${id} has lines in ${[...blocks].join(' and ')}`);
  }
  for (const id of known.keys()) if (!expected.rated.has(id)) problems.push(`${id} is rated and should not be`);
  const refused = { suspended: 0, rejected: 0 };
  for (const { outcome } of store.refusals.rows.values()) {
    if (outcome === 'suspended' || outcome === 'rejected') refused[outcome] += 1;
  }
  for (const outcome of ['suspended', 'rejected'] as const) {
    if (refused[outcome] !== expected[outcome]) {
      problems.push(`${refused[outcome]} events are ${outcome}, not ${expected[outcome]}`);
    }
  }
  return [...problems, ...accounted(messages, expected.rated.size, store)];
}

/** The event account, as the view of that name has it. */
function accounted(messages: readonly PublishedMessage[], rated: number, store: SimulatedStore): string[] {
  const sums = { received: 0, rated: 0, duplicate: 0, rejected: 0, suspended: 0 };
  for (const row of store.controls.rows.values()) {
    if (row.status !== 'applied') continue;
    if (row.stage === 'guide') sums.received += row.eventsIn;
    if (row.stage !== 'guide' && row.stage !== 'rater') continue;
    sums.rated += row.eventsRated;
    sums.duplicate += row.eventsDuplicate;
    sums.rejected += row.eventsRejected;
    sums.suspended += row.eventsSuspended;
  }
  const published = messages.length;
  const of = (fate: string) => messages.filter((message) => message.fate === fate).length;
  const wanted = {
    received: published,
    rated,
    duplicate: of('rated') - rated,
    rejected: of('rejected'),
    suspended: of('suspended'),
  };
  return Object.entries(wanted)
    .filter(([name, count]) => sums[name as keyof typeof sums] !== count)
    .map(([name, count]) => `the reports say ${sums[name as keyof typeof sums]} ${name}, not ${count}`);
}

function repeats(cluster: LogCluster): string[] {
  const problems: string[] = [];
  for (const topic of BLOCK_TOPICS) {
    for (const { partition, records } of cluster.topic(topic)) {
      const digests = new Map<string, { digest: string; offset: number }>();
      for (const { offset, value } of records) {
        const read = value === null ? null : readBlockHeader(value);
        if (read === null || read.problem !== null) {
          problems.push(`${topic}/${partition}@${offset} is no block`);
          continue;
        }
        const { source, from, to, digest } = read.header;
        const identity = `${source} ${from.offset},${from.x} to ${to.offset},${to.x}`;
        const before = digests.get(identity);
        if (before === undefined) digests.set(identity, { digest, offset });
        else if (before.digest !== digest) {
          problems.push(`${topic}/${partition}@${before.offset} and @${offset} hold ${identity} with other bytes`);
        }
      }
    }
  }
  return problems;
}

function assured(store: SimulatedStore): string[] {
  const found = [...LIVE_CHECKS, ...STORED_CHECKS].flatMap((check) =>
    answer(store, check.sql).map((row) => `check ${check.name}: ${JSON.stringify(row)}`),
  );
  const standing = [...store.findings.rows.values()].filter(({ status }) => status !== 'fixed');
  return [...found, ...standing.map(({ key, status }) => `the finding ${key} is ${status}`)];
}
