/**
 * Reference facts: what the reference log holds. One Kafka message of `reference.log` is a JSON array of facts; all of
 * them share its position (the message's offset). Facts are effective-dated: a fact about a thing holds from
 * `validFrom` until the next `validFrom` of a later fact about the same thing; of two facts with the same `validFrom`
 * the one later in the log holds. A fact whose `id` was seen before is nothing.
 *
 * Times are ISO 8601 in UTC with up to microseconds, for example 2026-11-01T00:00:00Z.
 */

/** A customer account. `parent` never changes: the root of the hierarchy is the rating key. */
export interface AccountFact {
  readonly kind: 'account';
  readonly id: string;
  readonly account: string;
  readonly parent: string | null;
  readonly currency: string;
  /** IANA name; billing periods and bands are in this zone. */
  readonly timeZone: string;
  readonly status: 'open' | 'blocked';
  readonly validFrom: string;
}

export interface PoolFact {
  readonly kind: 'pool';
  readonly id: string;
  readonly pool: string;
  /** Who pays the pool's overage; same root account as every member. */
  readonly account: string;
  /** Name of the pool rule in the price book. */
  readonly rule: string;
  readonly validFrom: string;
}

export type LifecycleState = 'test-ready' | 'activation-ready' | 'active' | 'suspended' | 'terminated' | 'retired';

export interface SubscriptionFact {
  readonly kind: 'subscription';
  readonly id: string;
  readonly subscription: string;
  readonly account: string;
  readonly plan: string;
  readonly pool: string | null;
  readonly state: LifecycleState;
  /** IMEI of the device that the subscription's bundle is bound to; absent: none. */
  readonly device?: string | null;
  readonly validFrom: string;
}

export interface SimFact {
  readonly kind: 'sim';
  readonly id: string;
  /** ICCID. */
  readonly sim: string;
  readonly imsi: string | null;
  readonly msisdn: string | null;
  readonly subscription: string;
  readonly state: LifecycleState;
  readonly validFrom: string;
}

/** An add-on or top-up bought for a subscription: a bucket of its own that covers no use before `validFrom`. */
export interface TopUpFact {
  readonly kind: 'topUp';
  readonly id: string;
  /** Bucket id, unique. */
  readonly grant: string;
  readonly subscription: string;
  /** Name of the add-on in the price book. */
  readonly addOn: string;
  readonly validFrom: string;
  /** Exclusive. */
  readonly validTo: string;
}

export interface PriceBookFact {
  readonly kind: 'priceBook';
  readonly id: string;
  /** The document; see price-book. In force for events from its `effectiveFrom` on. */
  readonly book: unknown;
}

/** A writer schema, copied from the registry, so that guiding depends on the log alone. */
export interface SchemaFact {
  readonly kind: 'schema';
  readonly id: string;
  readonly schemaId: number;
  /** The Avro schema as JSON text. */
  readonly schema: string;
}

export interface RawPartitionFact {
  readonly kind: 'rawPartition';
  readonly id: string;
  readonly partition: number;
}

export interface GuidedPartitionsFact {
  readonly kind: 'guidedPartitions';
  readonly id: string;
  readonly generation: number;
  readonly count: number;
}

export interface FoldVersionFact {
  readonly kind: 'foldVersion';
  readonly id: string;
  readonly version: number;
}

export interface PeriodClosedFact {
  readonly kind: 'periodClosed';
  readonly id: string;
  /** For example 2026-11. */
  readonly period: string;
}

export type ReferenceFact =
  | AccountFact
  | PoolFact
  | SubscriptionFact
  | SimFact
  | TopUpFact
  | PriceBookFact
  | SchemaFact
  | RawPartitionFact
  | GuidedPartitionsFact
  | FoldVersionFact
  | PeriodClosedFact;
