/**
 * The types that the fold takes and gives: a guided block in columns, rated lines, outcomes. The codec fills the one
 * and encodes the other; the fold itself is in `fold/`.
 */

/** Money: an integer count of 1e-12 currency units. */
export type Money = bigint;

/** Suspense and rejection codes (domain: section 4). */
export type SuspenseCode =
  | 'SCHEMA_UNKNOWN'
  | 'SCHEMA_INVALID'
  | 'FIELD_MISSING'
  | 'TIME_IN_FUTURE'
  | 'TIME_TOO_OLD'
  | 'QUANTITY_INVALID'
  | 'DUPLICATE_CONFLICT'
  | 'SIM_UNKNOWN'
  | 'SIM_NOT_ACTIVE'
  | 'SUBSCRIPTION_NOT_FOUND'
  | 'ACCOUNT_BLOCKED'
  | 'PLAN_NOT_EFFECTIVE'
  | 'POOL_NOT_FOUND'
  | 'ZONE_UNRESOLVED'
  | 'SERVICE_UNRESOLVED'
  | 'PRICE_NOT_FOUND'
  | 'COST_NOT_FOUND'
  | 'CURRENCY_MISMATCH'
  | 'MESSAGE_TOO_LARGE'
  | 'OVERFLOW';

/** Who an event belongs to, as of its time. One entry of a block's dictionary. */
export interface Profile {
  /** The subscription's account. */
  readonly usageAccount: string;
  readonly subscription: string;
  /** ICCID. */
  readonly sim: string;
  readonly plan: string;
  /** Empty if the subscription is in none. */
  readonly pool: string;
  /** Account that pays for the pool; empty if none. */
  readonly poolAccount: string;
  /** Name of the pool's rule in the price book; empty if none. */
  readonly poolRule: string;
  /** Root account. */
  readonly ratingKey: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly simState: string;
}

/** What kind of use it was. One entry of a block's dictionary. */
export interface Context {
  readonly source: string;
  readonly service: string;
  /** Empty if absent; so are rat and apn. */
  readonly plmn: string;
  readonly rat: string;
  readonly apn: string;
  /** -1 if absent. */
  readonly ratingGroup: number;
  /** `message` or `datum:<schema>`: how the raw bytes are encoded. */
  readonly rawEncoding: string;
}

/** A guided block of usage events, in columns. Quantities are safe integers (guiding refuses larger ones). */
export interface GuidedEvents {
  readonly count: number;
  /** Entries of the dictionaries; decoded when asked for, since a rater that met one before knows it by its digest. */
  readonly profileCount: number;
  readonly contextCount: number;
  profileAt(index: number): Profile;
  contextAt(index: number): Context;
  /**
   * Four words for each entry: a 128-bit digest of its contents. Equal digests are taken for equal entries; for n entries
   * the odds that two differ all the same are n * n / 2^129.
   */
  readonly profileDigest: Uint32Array;
  readonly contextDigest: Uint32Array;
  /** Four words for each event. */
  readonly eventKey: Uint32Array;
  /** Two words for each event. */
  readonly payloadDigest: Uint32Array;
  /** Microseconds since 1970, UTC. */
  readonly eventTime: Float64Array;
  readonly endTime: Float64Array;
  readonly receivedAt: Float64Array;
  readonly utcOffsetMinutes: Int32Array;
  /** Index of each event's profile and context. */
  readonly profile: Int32Array;
  readonly context: Int32Array;
  readonly bytesUp: Float64Array;
  readonly bytesDown: Float64Array;
  readonly seconds: Float64Array;
  readonly units: Float64Array;
  /** A third party's charge, sparse. */
  readonly amount: ReadonlyMap<number, Money>;
  /** Strings that few rules need are decoded when asked for. */
  imei(event: number): string;
  session(event: number): string;
  /** Currency of the third party's charge; empty if the event names none. */
  amountCurrency(event: number): string;
}

/** A reference fact that concerns this guided partition. */
export interface GuidedFact {
  readonly position: number;
  /** Microseconds since 1970. */
  readonly receivedAt: number;
  readonly kind: string;
  /** Canonical JSON of the fact. */
  readonly fact: string;
}

export type Tag = 'in-bundle' | 'overage' | 'pay-per-use' | 'zero-rated' | 'adjustment';

/**
 * What lines of one rule have in common. The fold hands out the same object for the same combination wherever it still
 * has it, so the codec can encode it once and keep the bytes (by identity, across blocks).
 */
export interface LineRule {
  readonly period: string;
  readonly zone: string;
  readonly tag: Tag;
  readonly leg: 'retail' | 'wholesale';
  /** bytes, seconds, messages, money. */
  readonly unit: string;
  readonly currency: string;
  /** Name@version. */
  readonly priceBook: string;
  /** tariff/id@effective date; empty for an allowance's line. */
  readonly price: string;
  /** Why zero-rated or adjusted, or that the network should have stopped; else empty. */
  readonly reason: string;
  /**
   * The bucket among those of its owner: `allowance:<tariff>/<id>`, `rollover:<tariff>/<id>`, `account-allowance:...`,
   * `account-rollover:...`, `pool:<rule>`, `grant:<id>`; empty if none. With subscription, account or pool and the period it
   * is unique.
   */
  readonly bucket: string;
  /** The meter among those of its price: `<owner>:<scope>`, for example `pool:cycle`; empty if none. */
  readonly meter: string;
}

/** Who pays for a line: the event's usage account, its pool's account, or the account that the line's cause names. */
export const PAYER_USAGE_ACCOUNT = 0;
export const PAYER_POOL_ACCOUNT = 1;
export const PAYER_CAUSE = 2;

/** What caused a line that no event did, and what the line's event would else say. */
export interface LineCause {
  /** Id of the fact. */
  readonly id: string;
  /** Microseconds: when it holds. */
  readonly time: number;
  readonly account: string;
  /** Empty where the pool or the account owns the meter. */
  readonly subscription: string;
  readonly pool: string;
  /** Of the usage that was moved, so that the line moves the same total. */
  readonly service: string;
}

/**
 * Rated lines in columns: in event order, the lines of an event adjacent. Valid until the next call of the rater that gave
 * them; whoever needs them longer copies them.
 */
export interface RatedLines {
  readonly count: number;
  /** Index in the guided block; -1 for a line that a fact caused. */
  readonly event: Int32Array;
  /** Number of the line in its event (or cause), from 0. */
  readonly part: Int32Array;
  readonly rules: readonly LineRule[];
  /** One of the PAYER_ values. */
  readonly payer: Uint8Array;
  /** May be negative where an allowance grew. Retail: the parts of an event add up to it. */
  readonly quantity: Float64Array;
  /** The whole event's quantity in this unit; 0 for a cause's line. */
  readonly eventQuantity: Float64Array;
  /** Use of the meter (or the bucket) before and after. */
  readonly before: Float64Array;
  readonly after: Float64Array;
  /** 0 if no bucket. */
  readonly bucketSize: Float64Array;
  /** The highest threshold, in per cent of its bucket, that the line crossed; 0 if none. */
  readonly threshold: Uint16Array;
  /** Amounts that are safe integers; NaN where `largeAmount` has it. */
  readonly amount: Float64Array;
  readonly largeAmount: ReadonlyMap<number, Money>;
  /** By line, where `event` is -1. */
  readonly causes: ReadonlyMap<number, LineCause>;
  /** Amount of a line, in 1e-12 currency units. */
  amountOf(line: number): Money;
}

/** An event that the fold did not rate and that waits for a person. */
export interface SuspendedUsage {
  readonly event: number;
  readonly code: SuspenseCode;
  /** In words, with the value that was wrong. */
  readonly detail: string;
  readonly unit: string;
  readonly quantity: number;
  /** Quantity at the last price known for service and zone; 0n where none is. */
  readonly estimatedValue: Money;
  readonly currency: string;
}

/** What became of an event. */
export const OUTCOME_RATED = 0;
export const OUTCOME_DUPLICATE = 1;
export const OUTCOME_SUSPENDED = 2;

export interface RatedOutcome {
  readonly lines: RatedLines;
  /** One of the OUTCOME_ values for each event. */
  readonly outcomes: Uint8Array;
  readonly suspended: readonly SuspendedUsage[];
}

export interface FactOutcome {
  /** Lines for allowances that grew (or shrank) after use: overage given back. */
  readonly lines: RatedLines;
  /** Facts that cannot hold, with the reason in words. They change nothing. */
  readonly refused: readonly { readonly id: string; readonly reason: string }[];
}

/** What a commitment adds to a bill once the scope of its meter is over: max(0, minimum - F). */
export interface TrueUp {
  readonly account: string;
  /** Empty where the pool or the account owns the meter. */
  readonly subscription: string;
  readonly pool: string;
  readonly period: string;
  /** Of the price, if it is for exactly one; else empty. */
  readonly service: string;
  readonly zone: string;
  readonly leg: 'retail' | 'wholesale';
  readonly unit: string;
  readonly currency: string;
  readonly priceBook: string;
  readonly price: string;
  readonly amount: Money;
}

/** What is in a bucket at a time. Quantities are raw units. */
export interface Balance {
  /** As in `LineRule.bucket`. */
  readonly bucket: string;
  /** Exactly one of the three is not empty. */
  readonly subscription: string;
  readonly account: string;
  readonly pool: string;
  /** Empty for a bucket without cycles. */
  readonly period: string;
  readonly size: number;
  readonly used: number;
  /** max(0, size - used) while it is valid, else 0. */
  readonly remaining: number;
  /** Microseconds, [from, to). */
  readonly validFrom: number;
  readonly validTo: number;
}

/** One pool in one cycle: the overage statement. Quantities are raw units. */
export interface PoolStatement {
  readonly pool: string;
  /** Who pays. */
  readonly account: string;
  readonly rule: string;
  readonly allocation: 'usage' | 'excess' | 'chronological' | 'pool';
  readonly period: string;
  readonly size: number;
  readonly used: number;
  readonly overage: number;
  readonly members: readonly {
    readonly subscription: string;
    readonly contribution: number;
    /** All use that was eligible for the pool: drawn and over. */
    readonly used: number;
  }[];
}

/**
 * The state of one guided partition. A pure fold: no clock, no randomness, no I/O; the same calls in the same order
 * give the same outcomes and the same snapshot on any machine.
 */
export interface Rater {
  applyFacts(facts: readonly GuidedFact[]): FactOutcome;
  rate(events: GuidedEvents): RatedOutcome;
  /** All of the state, in pieces of at most about 512 KiB, canonical: equal states give equal bytes. */
  snapshot(): Iterable<Uint8Array>;
  statistics(): RaterStatistics;
  /** Commitments of all meters as they stand, sorted; whoever asks decides whether their scope is over. */
  trueUps(): readonly TrueUp[];
  /** Every bucket of every owner that had use or a grant, and of all subscriptions whose plan has one, at a time; sorted. */
  balances(time: number): readonly Balance[];
  /** All pools and cycles that had use, sorted. */
  poolStatements(): readonly PoolStatement[];
}

export interface RaterStatistics {
  readonly meters: number;
  readonly buckets: number;
  readonly subscriptions: number;
  /** Bytes of the tables and objects kept for subscriptions, meters and buckets, as far as they can be counted. */
  readonly stateBytes: number;
  readonly duplicateKeys: number;
  /** Bytes that the duplicate tables hold. */
  readonly duplicateKeyBytes: number;
}
