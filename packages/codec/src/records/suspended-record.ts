/** The records of suspense and totals blocks as plain data. Field names follow the Avro schemas in camel case. */

import type { Money, SuspenseCode } from '@headrace/rating/contract';

/** One event (or undecodable message, or container) that was rejected or suspended: suspended-event.v1. */
export interface SuspendedRecord {
  readonly stage: 'guide' | 'rater';
  readonly outcome: 'suspended' | 'rejected';
  readonly code: SuspenseCode;
  readonly detail: string;
  readonly originTopic: string;
  readonly originPartition: number;
  readonly originOffset: number;
  /** Index inside a container; -1 for the whole message. */
  readonly originIndex: number;
  /** Microseconds, as are the other times. */
  readonly blockTime: number;
  readonly firstAttempt: number;
  readonly lastAttempt: number;
  /** Four words; null where it could not be made (zeros on the wire). */
  readonly eventKey: Uint32Array | null;
  readonly eventId: string;
  /** 0 where unknown. */
  readonly eventTime: number;
  readonly source: string;
  readonly service: string;
  readonly account: string;
  readonly subscription: string;
  readonly sim: string;
  readonly plmn: string;
  readonly unit: string;
  readonly quantity: number;
  readonly estimatedValue: Money;
  readonly currency: string;
  /** A RawEncoding. */
  readonly rawEncoding: string;
  readonly raw: Uint8Array;
}

/** What a total is of. */
export interface TotalKey {
  readonly account: string;
  readonly subscription: string;
  readonly service: string;
  readonly zone: string;
  readonly tag: string;
  readonly leg: string;
  readonly period: string;
  readonly currency: string;
  readonly unit: string;
}

/** By how much one rated block moved one total: invoice-total-delta.v1. */
export interface TotalDelta extends TotalKey {
  readonly quantity: number;
  readonly amount: Money;
  readonly lines: number;
}
