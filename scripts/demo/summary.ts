/** The figures of a run, and the JSON object that `--json` prints. Its keys are a contract: more may come, none may go. */
import type { Servers } from '@headrace/embedded';
import type { AuditReport, PublishReport } from '@headrace/testkit';
import type { Account } from './account.ts';
import type { DemoOptions } from './options.ts';
import type { Settled } from './settlement.ts';
import type { Stored } from './stored.ts';
import type { Measured } from './watch.ts';

/** All that the report is made of. */
export interface Run {
  readonly options: DemoOptions;
  readonly published: PublishReport;
  /** Facts that became known after half of the events. */
  readonly laterFacts: number;
  readonly measured: Measured;
  readonly settled: Settled;
  readonly stored: Stored;
  readonly audit: AuditReport;
  readonly auditSeconds: number;
  readonly account: Account;
  /** MiB by process, where the system tells it. */
  readonly peakRssMiB: Readonly<Record<string, number>>;
  readonly servers: Pick<Servers, 'kafka' | 'clickhouse'>;
}

export interface Rates {
  readonly publish: number;
  readonly guide: number;
  readonly rate: number;
  readonly load: number;
  readonly endToEnd: number;
}

/** Whole events a second: of each stage while it was at work, and from the first publish to the last row queryable. */
export function ratesOf({ published, measured }: Pick<Run, 'published' | 'measured'>): Rates {
  const { reading, stageSeconds, seconds } = measured;
  const rate = (events: number, during: number) => (during > 0 ? Math.round(events / during) : 0);
  return {
    publish: rate(published.events, published.seconds),
    guide: rate(reading.received, stageSeconds.guide),
    rate: rate(reading.answered, stageSeconds.rate),
    // Lines are what is loaded; the events that they came from are what is comparable.
    load: rate(reading.rated, stageSeconds.load),
    endToEnd: rate(published.events, seconds),
  };
}

export function jsonSummary(run: Run): Record<string, unknown> {
  const { options, published, measured, settled, stored, audit, account } = run;
  const { received, rated, duplicate, rejected, suspended } = stored.events;
  return {
    seed: options.seed,
    events: options.events,
    published: published.events,
    received,
    rated,
    duplicate,
    rejected,
    suspended,
    lines: stored.lines,
    loadedLines: stored.loadedLines,
    distinctLines: stored.distinctLines,
    amount: stored.settledAmounts,
    auditedAmount: audit.amounts,
    accountsCompared: account.accountsCompared,
    accountsDiffering: account.accountsDiffering,
    findings: stored.findings.length,
    eventsPerSecond: ratesOf(run),
    seconds: Number(measured.seconds.toFixed(3)),
    peakRssMiB: run.peakRssMiB,
    totalsDigest: account.totalsDigest,
    kafka: `${run.servers.kafka.kind} ${run.servers.kafka.brokers}`,
    clickhouse: `${run.servers.clickhouse.kind} ${hostOf(run.servers.clickhouse.url)}`,
    balanced: account.differences.length === 0,
    differences: account.differences,
    scale: options.scale,
    giant: options.giant,
    partitions: options.partitions,
    threads: options.threads,
    provisionalAmount: stored.amounts,
    adjustments: stored.adjustments.rows,
    adjustedAccounts: stored.adjustments.accounts,
    adjustedAmount: stored.adjustments.amounts,
    undecidedConflicts: audit.undecided,
    wholesaleAmount: stored.wholesaleAmounts,
    auditedWholesaleAmount: audit.costs,
    settleSeconds: Number(settled.seconds.toFixed(3)),
    settlements: settled.periods,
    codes: stored.codes,
    auditedTotalsDigest: audit.totalsDigest,
    auditSeconds: Number(run.auditSeconds.toFixed(3)),
    poolsCompared: account.poolsCompared,
    poolsDiffering: account.poolsDiffering,
  };
}

/** A URL may hold credentials; its host does not. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
