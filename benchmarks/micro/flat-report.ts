/** What the flatness benchmark found, as tables for a person. */
import { cpus } from 'node:os';
import type { FlatResult, FlatRow, FlatTableResult } from './flat.ts';

export function flatReport(result: FlatResult): string {
  const head = `Flat: ${result.events.toLocaleString('en')} events a case and round, ${result.rounds} rounds, seed ${result.seed}
Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}

Cost of rating an event in nanoseconds of processor time: median of the rounds, lowest and highest.
Goal: the largest costs what the smallest costs. The control says how far a ratio is from 1 by chance.
`;
  const state = result.state.length === 0 ? '' : `${stateTable(result)}\n`;
  return `${head}
${result.tables.map(tableText).join('\n')}
${state}${summary(result)}
Not measured: decoding, guiding, encoding, Kafka, ClickHouse; applying facts (a pool's member, a new book), whose cost grows
with what they are about; the first event of a pool's cycle, which adds up its members once.
`;
}

function tableText({ title, rows, ratio, ratioLow, ratioHigh }: FlatTableResult): string {
  const [first] = rows;
  const line = ({ label, ns, nsLow, nsHigh }: FlatRow): string =>
    `  ${label.padStart(16)}${ns.toFixed(0).padStart(8)}${range(nsLow, nsHigh, 0).padStart(18)}${(ns / first.ns).toFixed(2).padStart(12)}`;
  return `${title}
  ${'size'.padStart(16)}${'ns'.padStart(8)}${'spread'.padStart(18)}${'to smallest'.padStart(12)}
${rows.map(line).join('\n')}
  largest to smallest, within a round: ${ratio.toFixed(2)} (spread ${range(ratioLow, ratioHigh, 2)})
`;
}

function stateTable({ state }: FlatResult): string {
  const lines = state.map(
    ({ subscriptions, counted, grown, bytesPerDuplicateKey }) =>
      `  ${subscriptions.toLocaleString('en').padStart(16)}${counted.toFixed(0).padStart(10)}${grown.toFixed(0).padStart(12)}${bytesPerDuplicateKey.toFixed(1).padStart(18)}`,
  );
  return `State of a subscription in bytes: one fact, two meters, one allowance. Heap: what it grew by but for duplicate keys;
it also holds what is no state (parties by profile, digests of facts' ids, names).
  ${'subscriptions'.padStart(16)}${'counted'.padStart(10)}${'heap'.padStart(12)}${'a duplicate key'.padStart(18)}
${lines.join('\n')}
`;
}

function summary({ flat }: FlatResult): string {
  const measured = Object.entries(flat).filter(([, ratio]) => ratio !== null);
  return `In short: ${measured.map(([name, ratio]) => `${name} ${ratio?.toFixed(2)}`).join(', ')}\n`;
}

function range(low: number, high: number, digits: number): string {
  return `${low.toFixed(digits)} to ${high.toFixed(digits)}`;
}
