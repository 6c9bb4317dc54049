/**
 * Answers to the statements of assurance, computed from the rows in plain code: what schemas/clickhouse and the SQL of the
 * checks say, said a second time. A check that is not known here fails the run, so that none is left out unseen.
 */
import { LIVE_CHECKS, STORED_CHECKS } from '@headrace/assurance';
import { formatAmount, parseAmount } from '@headrace/codec';
import type { ControlTotalsRecord } from '@headrace/store';
import type { SimulatedStore } from './simulated-store.ts';

const SAMPLES_MAX = 5;
const COUNT_OF_REPORTS = 'SELECT toUInt32(count()) AS found FROM control_totals';

type Row = ControlTotalsRecord;

export interface Answer {
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
  readonly variance: string;
  readonly value: string;
  readonly currency: string;
  readonly blocks: number;
  readonly certain: number;
  readonly samples: readonly string[];
}

export function answer(store: SimulatedStore, sql: string): readonly object[] {
  if (sql === COUNT_OF_REPORTS) return [{ found: store.controls.rows.size }];
  const check = [...LIVE_CHECKS, ...STORED_CHECKS].find((one) => one.sql === sql);
  const found = check === undefined ? undefined : ANSWERS[check.name];
  if (found === undefined) throw new Error(`the laboratory has no answer to ${check?.name ?? sql}`);
  return found(store);
}

function applied(store: SimulatedStore): Row[] {
  return [...store.controls.rows.values()].filter(({ status }) => status === 'applied');
}

const rangeOf = (row: Row) => `${row.source} ${row.fromOffset},${row.fromX} to ${row.toOffset},${row.toX}`;
const partitionOf = (row: Row) => `guided/${row.generation}/${row.guidedPartition}`;
const blockOf = (row: Row) => `${partitionOf(row)}@${row.guidedOffset}`;

type Figure = (row: Row) => number;

/** One row for each subject of what differs. */
function differences(
  found: readonly { subject: string; wanted: number; got: number; certain: boolean; sample: string }[],
): Answer[] {
  const bySubject = new Map<string, typeof found>();
  for (const one of found) bySubject.set(one.subject, [...(bySubject.get(one.subject) ?? []), one]);
  return [...bySubject].map(([subject, all]) => {
    const wanted = all.reduce((sum, one) => sum + one.wanted, 0);
    const got = all.reduce((sum, one) => sum + one.got, 0);
    return {
      subject,
      expected: String(wanted),
      actual: String(got),
      variance: String(got - wanted),
      value: '',
      currency: '',
      blocks: all.length,
      certain: all.some(({ certain }) => certain) ? 1 : 0,
      samples: all
        .slice(0, SAMPLES_MAX)
        .map(({ sample }) => sample)
        .sort(),
    };
  });
}

/** Reports of one stage whose own figures do not add up. */
function balance(
  stage: string,
  subject: (row: Row) => string,
  sample: (row: Row) => string,
  into: Figure,
  out: Figure,
) {
  return (store: SimulatedStore): Answer[] =>
    differences(
      applied(store)
        .filter((row) => row.stage === stage && into(row) !== out(row))
        .map((row) => ({
          subject: subject(row),
          wanted: into(row),
          got: out(row),
          certain: true,
          sample: sample(row),
        })),
    );
}

interface Side {
  readonly is: (row: Row) => boolean;
  readonly figure: Figure;
}

interface Place {
  readonly key: (row: Row) => string;
  readonly chain: (row: Row) => string;
  readonly order: Figure;
  readonly subject: (row: Row) => string;
  readonly sample: (row: Row) => string;
}

const byRange: Place = {
  key: (row) => `${rangeOf(row)} ${row.generation}`,
  chain: (row) => `${row.source} ${row.generation}`,
  order: (row) => row.toOffset + row.toX,
  subject: (row) => row.source,
  sample: rangeOf,
};

const byGuidedRange: Place = {
  ...byRange,
  key: (row) => `${rangeOf(row)} ${row.generation} ${row.guidedPartition}`,
  chain: (row) => `${row.source} ${row.generation} ${row.guidedPartition}`,
  subject: (row) => `${partitionOf(row)} from ${row.source}`,
};

const byBlock: Place = {
  key: blockOf,
  chain: partitionOf,
  order: (row) => row.guidedOffset,
  subject: partitionOf,
  sample: blockOf,
};

/** Two stages' figures for the same thing; a missing side is certain once something later of it is there. */
function compare(left: Side, right: Side, place: Place, once: boolean) {
  return (store: SimulatedStore): Answer[] => {
    const groups = new Map<string, { row: Row; left: number; right: number; lefts: number; rights: number }>();
    const last = new Map<string, { left: number; right: number }>();
    for (const row of applied(store)) {
      const [isLeft, isRight] = [left.is(row), right.is(row)];
      if (!isLeft && !isRight) continue;
      const key = place.key(row);
      const group = groups.get(key) ?? { row, left: 0, right: 0, lefts: 0, rights: 0 };
      groups.set(key, group);
      const end = last.get(place.chain(row)) ?? { left: -1, right: -1 };
      last.set(place.chain(row), end);
      if (isLeft) {
        group.left += left.figure(row);
        group.lefts += 1;
        end.left = Math.max(end.left, place.order(row));
      }
      if (isRight) {
        group.right += right.figure(row);
        group.rights += 1;
        end.right = Math.max(end.right, place.order(row));
      }
    }
    return differences(
      [...groups.values()]
        .filter((one) => one.left !== one.right || one.lefts === 0 || one.rights === 0 || (once && one.rights > 1))
        .map(({ row, lefts, rights, ...sums }) => {
          const end = last.get(place.chain(row)) ?? { left: -1, right: -1 };
          const at = place.order(row);
          const missing = (lefts === 0 && end.left > at) || (rights === 0 && end.right > at);
          return {
            subject: place.subject(row),
            wanted: sums.left,
            got: sums.right,
            certain: missing || (lefts > 0 && rights > 0),
            sample: place.sample(row),
          };
        }),
    );
  };
}

const stage = (name: string, figure: Figure, also: (row: Row) => boolean = () => true): Side => ({
  is: (row) => row.stage === name && also(row),
  figure,
});
const ofGuided = (row: Row) => row.source.startsWith('guided/');

const outOfGuideEvents: Figure = (row) =>
  row.eventsGuided + row.eventsRejected + row.eventsSuspended + row.eventsDuplicate;
const outOfGuideBytes: Figure = (row) => row.bytesGuided + row.bytesRejected + row.bytesSuspended + row.bytesDuplicate;
const outOfRaterEvents: Figure = (row) =>
  row.eventsRated + row.eventsDuplicate + row.eventsRejected + row.eventsSuspended;
const outOfRaterBytes: Figure = (row) => row.bytesRated + row.bytesDuplicate + row.bytesRejected + row.bytesSuspended;

function planChain(store: SimulatedStore): Answer[] {
  const rows = applied(store)
    .filter(
      (row) =>
        row.stage === 'guide' || (row.stage === 'guided' && row.source === 'reference' && row.guidedPartition === 0),
    )
    .sort((a, b) => a.toOffset - b.toOffset || a.toX - b.toX);
  const last = new Map<string, Row>();
  const found: Parameters<typeof differences>[0][number][] = [];
  for (const row of rows) {
    const before = last.get(row.source);
    if (row.fromOffset !== (before?.toOffset ?? 0) || row.fromX !== (before?.toX ?? 0)) {
      const wanted = before?.toOffset ?? 0;
      found.push({ subject: row.source, wanted, got: row.fromOffset, certain: false, sample: rangeOf(row) });
    }
    last.set(row.source, row);
  }
  return differences(found);
}

function parts(store: SimulatedStore): Answer[] {
  const rows = applied(store).filter((row) => row.stage === 'rater' || row.stage === 'aggregator');
  return differences(
    rows
      .filter((row) => row.quantity !== row.eventQuantity || row.brokenEvents !== 0)
      .map((row) => ({
        subject: `${partitionOf(row)} ${row.stage}`,
        wanted: row.eventQuantity,
        got: row.quantity,
        certain: true,
        sample: blockOf(row),
      })),
  );
}

/** Money in words: subject and currency to amounts that should be equal. */
function money(wanted: ReadonlyMap<string, bigint>, got: ReadonlyMap<string, bigint>): Answer[] {
  return [...new Set([...wanted.keys(), ...got.keys()])].flatMap((key) => {
    const [left, right] = [wanted.get(key) ?? 0n, got.get(key) ?? 0n];
    if (left === right) return [];
    const [subject = '', currency = ''] = key.split(' ');
    const variance = formatAmount(right - left);
    const texts = { expected: formatAmount(left), actual: formatAmount(right), variance, value: variance };
    return [{ subject, ...texts, currency, blocks: 1, certain: 1, samples: [] }];
  });
}

function add(sums: Map<string, bigint>, key: string, amount: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + amount);
}

function reportedMoney(rows: readonly Row[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const row of rows) {
    for (const [currency, text] of Object.entries(row.amounts))
      add(sums, `${partitionOf(row)} ${currency}`, parseAmount(text) ?? 0n);
  }
  return sums;
}

function ratedAggregatedAmounts(store: SimulatedStore): Answer[] {
  const both = new Map<string, { rater?: Row; aggregator?: Row }>();
  for (const row of applied(store)) {
    if (row.stage !== 'rater' && row.stage !== 'aggregator') continue;
    both.set(blockOf(row), { ...both.get(blockOf(row)), [row.stage]: row });
  }
  const pairs = [...both.values()].filter((pair) => pair.rater !== undefined && pair.aggregator !== undefined);
  return money(
    reportedMoney(pairs.flatMap(({ rater }) => rater ?? [])),
    reportedMoney(pairs.flatMap(({ aggregator }) => aggregator ?? [])),
  );
}

/** By partition, the guided offset up to which all stages have reported; partitions that one has not are left out. */
function reported(rows: readonly Row[], stages: readonly string[]): Map<string, number> {
  const last = new Map<string, Map<string, number>>();
  for (const row of rows) {
    if (!stages.includes(row.stage)) continue;
    const ends = last.get(partitionOf(row)) ?? new Map<string, number>();
    last.set(partitionOf(row), ends.set(row.stage, Math.max(ends.get(row.stage) ?? -1, row.guidedOffset)));
  }
  const complete = [...last].filter(([, ends]) => ends.size === stages.length);
  return new Map(complete.map(([partition, ends]) => [partition, Math.min(...ends.values())]));
}

interface Stored {
  readonly block: string;
  readonly leg: string;
  readonly currency: string;
  readonly amount: bigint;
}

function within(range: ReadonlyMap<string, number>, block: string): string | null {
  const [partition = '', offset = ''] = block.split('@');
  return Number(offset) <= (range.get(partition) ?? -1) ? partition : null;
}

function storedAmounts(of: string, loader: string, rowsOf: (store: SimulatedStore) => Iterable<Stored>) {
  return (store: SimulatedStore): Answer[] => {
    const rows = applied(store);
    const range = reported(rows, [of, loader]);
    const got = new Map<string, bigint>();
    for (const { block, leg, currency, amount } of rowsOf(store)) {
      const partition = within(range, block);
      if (partition !== null && leg === 'retail') add(got, `${partition} ${currency}`, amount);
    }
    return money(reportedMoney(rows.filter((row) => row.stage === of && within(range, blockOf(row)) !== null)), got);
  };
}

function storedLines(
  of: string,
  loader: string,
  rowsOf: (store: SimulatedStore) => Iterable<readonly [string, number]>,
) {
  return (store: SimulatedStore): Answer[] => {
    const rows = applied(store);
    const range = reported(rows, [of, loader]);
    const [wanted, got] = [new Map<string, bigint>(), new Map<string, bigint>()];
    for (const row of rows)
      if (row.stage === of && within(range, blockOf(row)) !== null) add(wanted, partitionOf(row), BigInt(row.lines));
    for (const [block, lines] of rowsOf(store)) {
      const partition = within(range, block);
      if (partition !== null) add(got, partition, BigInt(lines));
    }
    return money(wanted, got);
  };
}

function distinctLines(store: SimulatedStore): Answer[] {
  const { inserted, rows } = store.lines;
  if (inserted === rows.size) return [];
  return differences([{ subject: 'rated_usage', wanted: rows.size, got: inserted, certain: true, sample: '' }]);
}

function billedTwice(store: SimulatedStore): Answer[] {
  const blocks = new Map<string, Set<string>>();
  for (const { event, block, total } of store.lines.rows.values()) {
    if (!total.includes('|adjustment|')) blocks.set(event, (blocks.get(event) ?? new Set()).add(block));
  }
  return differences(
    [...blocks]
      .filter(([, of]) => of.size > 1)
      .map(([event, of]) => ({ subject: 'rated_usage', wanted: 1, got: of.size, certain: true, sample: event })),
  );
}

const ANSWERS: Readonly<Record<string, ((store: SimulatedStore) => readonly Answer[]) | undefined>> = {
  'plan-balance-events': balance(
    'guide',
    (row) => row.source,
    rangeOf,
    (row) => row.eventsIn,
    outOfGuideEvents,
  ),
  'plan-balance-bytes': balance(
    'guide',
    (row) => row.source,
    rangeOf,
    (row) => row.bytesIn,
    outOfGuideBytes,
  ),
  'plan-guided-events': compare(
    stage('guide', (row) => row.eventsGuided),
    stage(
      'guided',
      (row) => row.eventsIn,
      (row) => row.source !== 'reference',
    ),
    byRange,
    false,
  ),
  'plan-guided-bytes': compare(
    stage('guide', (row) => row.bytesGuided),
    stage(
      'guided',
      (row) => row.bytesIn,
      (row) => row.source !== 'reference',
    ),
    byRange,
    false,
  ),
  'guided-rated-events': compare(
    stage('guided', (row) => row.eventsIn),
    stage(
      'rater',
      (row) => row.eventsIn,
      (row) => !ofGuided(row),
    ),
    byGuidedRange,
    true,
  ),
  'guided-rated-bytes': compare(
    stage('guided', (row) => row.bytesIn),
    stage(
      'rater',
      (row) => row.bytesIn,
      (row) => !ofGuided(row),
    ),
    byGuidedRange,
    true,
  ),
  'rater-balance-events': balance('rater', partitionOf, blockOf, (row) => row.eventsIn, outOfRaterEvents),
  'rater-balance-bytes': balance('rater', partitionOf, blockOf, (row) => row.bytesIn, outOfRaterBytes),
  'rated-aggregated-lines': compare(
    stage('rater', (row) => row.lines),
    stage('aggregator', (row) => row.lines),
    byBlock,
    true,
  ),
  'rated-aggregated-events': compare(
    stage('rater', (row) => row.eventsRated),
    stage('aggregator', (row) => row.eventsRated),
    byBlock,
    true,
  ),
  'rated-aggregated-quantity': compare(
    stage('rater', (row) => row.quantity),
    stage('aggregator', (row) => row.quantity),
    byBlock,
    true,
  ),
  'rated-aggregated-amounts': ratedAggregatedAmounts,
  'plan-chain': planChain,
  parts,
  'rated-loaded-lines': compare(
    stage('rater', (row) => row.lines),
    stage('loader', (row) => row.lines),
    byBlock,
    true,
  ),
  'refused-loaded': compare(
    stage('guide', (row) => row.eventsRejected + row.eventsSuspended),
    stage(
      'loader-suspense',
      (row) => row.lines,
      (row) => !ofGuided(row),
    ),
    byRange,
    true,
  ),
  'suspended-loaded': compare(
    stage(
      'rater',
      (row) => row.eventsSuspended,
      (row) => row.eventsSuspended > 0,
    ),
    stage('loader-suspense', (row) => row.lines, ofGuided),
    byBlock,
    true,
  ),
  'distinct-lines': distinctLines,
  'stored-lines': storedLines('rater', 'loader', (store) =>
    [...store.lines.rows.values()].map(({ block }) => [block, 1] as const),
  ),
  'stored-amounts': storedAmounts('rater', 'loader', (store) => store.lines.rows.values()),
  'totals-lines': storedLines('aggregator', 'loader-totals', (store) =>
    [...store.deltas.rows.values()].map(({ block, lines }) => [block, lines] as const),
  ),
  'totals-amounts': storedAmounts('aggregator', 'loader-totals', (store) => store.deltas.rows.values()),
  'billed-twice': billedTwice,
};
