/**
 * The usage event as the pipeline knows it: the fields of usage-event.v1 in camel case. Absent is null; an empty
 * string in a nullable field counts as absent, because mediation systems write it for "none". Longs are safe integers
 * (the decoder refuses larger ones as OVERFLOW); times are microseconds since 1970, UTC.
 */

import type { SuspenseCode } from '@headrace/rating/contract';

export interface UsageEvent {
  readonly source: string;
  readonly eventId: string | null;
  readonly service: string;
  readonly iccid: string | null;
  readonly imsi: string | null;
  readonly msisdn: string | null;
  readonly imei: string | null;
  /** The event time. */
  readonly startTime: number;
  readonly endTime: number | null;
  readonly utcOffsetMinutes: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly seconds: number;
  readonly units: number;
  /** Decimal string with at most 12 decimals; the decoder refuses any other as QUANTITY_INVALID. */
  readonly amount: string | null;
  readonly currency: string | null;
  readonly plmn: string | null;
  readonly rat: string | null;
  readonly apn: string | null;
  readonly ratingGroup: number | null;
  readonly otherParty: string | null;
  readonly recordType: string | null;
  readonly node: string | null;
  readonly chargingId: number | null;
  readonly recordSequence: number | null;
  readonly openingTime: number | null;
  readonly containerIndex: number | null;
  readonly localSequence: number | null;
  readonly recordingFunction: string | null;
  readonly chargingSession: string | null;
  readonly sessionSequence: number | null;
  readonly containerSequence: number | null;
  readonly reference: string | null;
  readonly causeForClosing: number | null;
  readonly retransmission: boolean;
}

/** Why a message or event was refused. `rejected` is final; `suspended` waits for a person or a mended cause. */
export interface Refusal {
  readonly code: SuspenseCode;
  readonly outcome: 'rejected' | 'suspended';
  /** In words, with the field and the value that was wrong. */
  readonly detail: string;
}

/**
 * How raw bytes are encoded: `message` (the whole Kafka value), or one Avro datum whose writer schema is
 * `datum:<id>` for a schema id that the look-up knows, else `datum:<schema as JSON>` (a container's own schema), so
 * that a suspended event can always be decoded again from its own record.
 */
export type RawEncoding = 'message' | `datum:${string}`;

export type DecodedEvent =
  | { readonly event: UsageEvent; readonly refused: null; readonly raw: Uint8Array; readonly rawEncoding: RawEncoding }
  | {
      /** As far as it could be decoded; null after OVERFLOW and MESSAGE_TOO_LARGE. */
      readonly event: UsageEvent | null;
      readonly refused: Refusal;
      readonly raw: Uint8Array;
      readonly rawEncoding: RawEncoding;
    };

export type DecodedMessage =
  | { readonly kind: 'events'; readonly events: readonly DecodedEvent[] }
  | ({ readonly kind: 'refused' } & Refusal);

/** Writer schema text by id; null if unknown. Asked for each message, so it may be a view "as known at X". */
export interface SchemaLookup {
  schemaText(id: number): string | null;
}
