/**
 * The public types of the test kit: the reference workload, the publisher and the auditor. The demo, the fault tests and
 * the benchmarks are written against this file.
 *
 * 1. A workload is a set: which events it holds depends on its options alone, never on partitions or publishing order.
 * 2. The publisher and the auditor share no code with the pipeline, only the schema files.
 * 3. The auditor reads published bytes and facts; it never sees the labels of the generator.
 */

/** XS is for tests: 1 thousand SIMs, 60 accounts. S: 100 thousand and 2 thousand. M: 1 million and 20 thousand. */
export type Scale = 'XS' | 'S' | 'M';

export interface WorkloadOptions {
  /** Any text; a number is the same as its decimal text. */
  readonly seed: string | number;
  /**
   * Distinct usage events, good and bad (an event that is published truncated counts). Repeats, the second payloads of
   * conflicts, broken copies of files and the oversized file are published on top; see `WorkloadCounts`.
   */
  readonly events: number;
  readonly scale: Scale;
  /** One account gets 40 % and one pool 25 % of all events. */
  readonly giant?: boolean;
}

/** One reference fact, as `packages/rating/src/facts.ts` documents its JSON. */
export type FactJson = { readonly kind: string; readonly id: string } & Readonly<Record<string, unknown>>;

/** What one message of `reference.log` holds. */
export interface FactBatch {
  readonly facts: readonly FactJson[];
  /** The same as JSON text. */
  readonly json: string;
}

/** One message of `usage.events`. */
export interface RawMessage {
  readonly partition: number;
  readonly key: string | null;
  readonly value: Buffer;
  /** Milliseconds since 1970, for the `received-at` header. */
  readonly receivedAtMs: number;
  /** Events in it by the rule of conservation: records of a readable container, else 1. */
  readonly events: number;
}

/** `natural`: as mediation would send. A seed: shuffled, with the payloads of a conflict kept in their order. */
export type PublishingOrder = 'natural' | { readonly shuffleSeed: string };

export interface MessageOptions {
  /** Raw partitions; 1 if absent. */
  readonly partitions?: number;
  readonly order?: PublishingOrder;
  /** Added to while messages are taken. */
  readonly counts?: WorkloadCounts;
}

/** What was generated, by the generator's own labels. Complete once all messages were taken. */
export interface WorkloadCounts {
  messages: number;
  bytes: number;
  /** Events published, by the rule of conservation. Equals the sum of `outcomes`. */
  published: number;
  /** Of these: distinct usage events; equals `options.events`. */
  distinct: number;
  /** Events that were sent inside container files. */
  inFiles: number;
  files: number;
  /** Repeats of single events, and of events of the replayed file. */
  repeated: number;
  replayed: number;
  conflicts: number;
  brokenFiles: number;
  oversizedFiles: number;
  late1h: number;
  late24h: number;
  late7d: number;
  outOfOrder: number;
  /** By service. */
  services: Record<string, number>;
  /** Expected outcomes: `rated`, `duplicate`, `rejected:CODE`, `suspended:CODE`. */
  outcomes: Record<string, number>;
}

/** What is known before the first event, what only after part of them, or both in this order. */
export type FactPart = 'first' | 'later' | 'all';

export interface Workload {
  readonly options: Required<Omit<WorkloadOptions, 'seed'>> & { readonly seed: string };
  /** Event and receipt times lie in it, but for late and invalid ones. Milliseconds since 1970. */
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  /**
   * Messages of `reference.log`: price book, accounts (parents first), pools, subscriptions, SIMs, top-ups; then what becomes
   * known late. All of them if no part is named.
   */
  facts(part?: FactPart): Generator<FactBatch>;
  /** Messages of `usage.events`. Memory does not grow with the events. */
  messages(options?: MessageOptions): Generator<RawMessage>;
}

/** Connection to Kafka. `kafkaConnectionFromEnvironment` reads it from KAFKA_* variables. */
export interface KafkaConnection {
  readonly brokers: readonly string[];
  readonly clientId?: string;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  readonly tls?: { readonly caFile?: string };
}

export type Compression = 'none' | 'gzip' | 'lz4' | 'zstd';

export interface PublishProgress {
  readonly messages: number;
  readonly events: number;
  readonly bytes: number;
}

export interface PublishOptions {
  readonly connection: KafkaConnection;
  readonly topicPrefix?: string;
  readonly workload: Workload;
  /** Raw partitions of `usage.events`, which must exist. */
  readonly partitions: number;
  /** Default zstd. */
  readonly compression?: Compression;
  readonly order?: PublishingOrder;
  /** Events a second at most; unlimited if absent. */
  readonly eventsPerSecondMax?: number;
  readonly onProgress?: (progress: PublishProgress) => void;
  /** Called once, when half of the workload's events are acknowledged; the rest waits for it. */
  readonly halfway?: () => Promise<void>;
  readonly signal?: AbortSignal;
}

export interface PublishReport extends PublishProgress {
  readonly counts: WorkloadCounts;
  readonly seconds: number;
}

export interface PublishFactsOptions {
  readonly connection: KafkaConnection;
  readonly topicPrefix?: string;
  /** Anything with facts: a workload, or a list of batches. */
  readonly batches: Iterable<FactBatch>;
  /** For the `received-at` header, which every message carries. */
  readonly receivedAtMs: number;
  readonly onProgress?: (facts: number) => void;
  readonly signal?: AbortSignal;
}

export interface PublishFactsReport {
  readonly messages: number;
  readonly facts: number;
}

/** One row of totals. Quantity in raw units; amount a decimal string (trailing zeros do not matter). */
export interface TotalRow {
  readonly account: string;
  /** YYYY-MM in the account's time zone. */
  readonly period: string;
  readonly service: string;
  readonly currency: string;
  readonly quantity: string | bigint | number;
  readonly amount: string;
}

export interface PoolUse {
  readonly pool: string;
  readonly account: string;
  readonly rule: string;
  readonly period: string;
  /** Raw units, decimal strings. */
  readonly size: string;
  /** Drawn from the pool, at most its size. */
  readonly used: string;
  readonly overage: string;
}

export interface AuditInput {
  readonly facts: Iterable<{ readonly facts: readonly FactJson[] }>;
  /** Both payloads of a conflict in the order of their raw partition, for the counts; no order shows in the bill. */
  readonly messages: Iterable<{ readonly value: Buffer; readonly receivedAtMs: number }>;
  /** Default 45. */
  readonly horizonDays?: number;
  readonly onProgress?: (events: number) => void;
  readonly signal?: AbortSignal;
}

export interface AuditReport {
  /** Events received; equals rated + duplicate + rejected + suspended. */
  readonly received: number;
  readonly rated: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly suspended: number;
  readonly rejectedByCode: Readonly<Record<string, number>>;
  readonly suspendedByCode: Readonly<Record<string, number>>;
  /** Currency to canonical decimal string. */
  readonly amounts: Readonly<Record<string, string>>;
  /** The settled bill: sorted; rows without quantity and amount are left out. */
  readonly totals: readonly TotalRow[];
  readonly totalsDigest: string;
  /** The wholesale leg, as `amounts` and `totals`. */
  readonly costs: Readonly<Record<string, string>>;
  readonly costTotals: readonly TotalRow[];
  /** Events whose key came with another payload too: rated, and billed to nobody until someone decides. */
  readonly undecided: number;
  readonly pools: readonly PoolUse[];
}

export interface TotalsComparison {
  readonly accountsCompared: number;
  readonly accountsDiffering: number;
  /** The first differences, in words. */
  readonly differences: readonly string[];
}

export type CreateWorkload = (options: WorkloadOptions) => Workload;
export type Publish = (options: PublishOptions) => Promise<PublishReport>;
export type PublishFacts = (options: PublishFactsOptions) => Promise<PublishFactsReport>;
/** Gives way to the event loop now and then. */
export type Audit = (input: AuditInput) => Promise<AuditReport>;
/** Facts and messages of the workload, audited in a thread of its own. */
export type AuditInThread = (
  options: WorkloadOptions,
  hooks?: { onProgress?: (events: number) => void; signal?: AbortSignal },
) => Promise<AuditReport>;
/** SHA-256, hexadecimal, over the sorted rows as text lines. Rows without quantity and amount do not count. */
export type TotalsDigest = (rows: Iterable<TotalRow>) => string;
export type CompareTotals = (expected: Iterable<TotalRow>, actual: Iterable<TotalRow>) => TotalsComparison;
