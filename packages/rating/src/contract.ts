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
  readonly profiles: readonly Profile[];
  readonly contexts: readonly Context[];
  /** Four words for each event. */
  readonly eventKey: Uint32Array;
  /** Two words for each event. */
  readonly payloadDigest: Uint32Array;
  /** Microseconds since 1970, UTC. */
  readonly eventTime: Float64Array;
  readonly endTime: Float64Array;
  readonly receivedAt: Float64Array;
  readonly utcOffsetMinutes: Int32Array;
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
 * has it, so the codec can encode it once and keep the bytes (compare by identity).
 */
export interface LineRule {
  readonly period: string;
  /** Who pays. */
  readonly account: string;
  readonly zone: string;
  readonly tag: Tag;
  readonly leg: 'retail' | 'wholesale';
  /** bytes, seconds, messages. */
  readonly unit: string;
  readonly currency: string;
  /** Name@version. */
  readonly priceBook: string;
  /** Id@effective date; empty for an allowance's line. */
  readonly price: string;
  readonly reason: string;
}

/** One priced part of an event, or a line that a fact caused (`event` is -1). */
export interface RatedLine {
  /** Index in the guided block; -1 for a line that a fact caused. */
  readonly event: number;
  /** Number of the line in its event, from 0. */
  readonly part: number;
  readonly rule: LineRule;
  /** Bucket id; empty if none. */
  readonly bucket: string;
  /** Meter id; empty if none. */
  readonly meter: string;
  /** May be negative where an allowance grew. */
  readonly quantity: number;
  /** The whole event's quantity in this unit; 0 for a fact's line. */
  readonly eventQuantity: number;
  readonly amount: Money;
  /** Use of the meter (or the bucket) before and after. */
  readonly before: number;
  readonly after: number;
  /** 0 if no bucket. */
  readonly bucketSize: number;
  /**
   * For a line that a fact caused: which, when it holds, the pool or subscription it is for, and the service that the
   * usage given back was of (else the line would move another total than the usage did).
   */
  readonly fact?: {
    readonly id: string;
    readonly time: number;
    readonly subscription: string;
    readonly pool: string;
    readonly service?: string;
  };
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
  /** In event order; the lines of an event are adjacent. */
  readonly lines: readonly RatedLine[];
  /** One of the OUTCOME_ values for each event. */
  readonly outcomes: Uint8Array;
  readonly suspended: readonly SuspendedUsage[];
}

export interface FactOutcome {
  /** Lines for allowances that grew (or shrank) after use: overage given back. */
  readonly lines: readonly RatedLine[];
  /** Facts that cannot hold, with the reason in words. They change nothing. */
  readonly refused: readonly { readonly id: string; readonly reason: string }[];
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
}

export interface RaterStatistics {
  readonly meters: number;
  readonly buckets: number;
  readonly subscriptions: number;
  readonly duplicateKeys: number;
  /** Bytes that the duplicate tables hold. */
  readonly duplicateKeyBytes: number;
}
