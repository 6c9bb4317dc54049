/** bytes <-> domain. The public face of the room. */

import type {
  Context,
  GuidedEvents,
  GuidedFact,
  Money,
  Profile,
  RatedLine,
  SuspendedUsage,
} from '@headrace/rating/contract';
import type { BlockHeader, Position } from './block.ts';
import type { ControlTotals, Finding } from './records/framed-types.ts';
import type { SuspendedRecord, TotalDelta, TotalKey } from './records/suspended-record.ts';
import type { DecodedEvent, DecodedMessage, SchemaLookup, UsageEvent } from './usage/usage-event.ts';

export * from './block.ts';
export type * from './records/framed-types.ts';
export type * from './records/suspended-record.ts';
export type * from './usage/usage-event.ts';

// ---- usage events
export declare class UsageDecoder {
  constructor(schemas: SchemaLookup);
  /** Never throws; the views in `raw` share the message's memory. */
  decodeMessage(value: Uint8Array | null): DecodedMessage;
  /** Decodes what a suspended record keeps (recycling). */
  decodeRaw(raw: Uint8Array, rawEncoding: string): DecodedMessage;
}
export declare function builtInSchemas(): SchemaLookup;
/** Schema text of a Confluent-compatible registry. HeadraceError REGISTRY_UNREACHABLE (retry), SCHEMA_NOT_REGISTERED. */
export declare function fetchSchema(registryUrl: string, id: number): Promise<string>;
/** Writes the 4 words of the event key's digest into key[0..3] and gives the key in words; null if no set is complete. */
export declare function eventKey(event: UsageEvent, key: Uint32Array): string | null;
/** Writes the 2 words of the payload's digest into digest[0..1]. */
export declare function payloadDigest(event: UsageEvent, digest: Uint32Array): void;
/** The session that a partial record belongs to; empty if none. */
export declare function sessionOf(event: UsageEvent): string;

// ---- blocks
export type HeaderInput = Omit<BlockHeader, 'digest'>;
export declare function encodeBlock(block: {
  header: HeaderInput;
  schemaText: string;
  records: Uint8Array;
  count: number;
  extra?: Readonly<Record<string, string>>;
}): Uint8Array;
export interface BlockProblem {
  readonly problem: string;
}
/** Cheap: reads the file metadata only. */
export declare function readBlockHeader(value: Uint8Array): { header: BlockHeader; problem: null } | BlockProblem;
/** Bounds, sync markers and digest. */
export declare function verifyBlock(
  value: Uint8Array,
): { header: BlockHeader; count: number; problem: null } | BlockProblem;

export declare class GuidedBlockWriter {
  constructor();
  readonly count: number;
  /** Bytes of usage (up + down) of the events added. */
  readonly usageBytes: number;
  add(entry: {
    event: UsageEvent;
    /** Interned by the caller: compared by identity. */
    profile: Profile;
    context: Context;
    /** Four words. */
    key: Uint32Array;
    id: string;
    /** Two words. */
    payloadDigest: Uint32Array;
    /** Microseconds. */
    receivedAt: number;
    rawPartition: number;
    rawOffset: number;
    rawIndex: number;
    raw: Uint8Array;
  }): void;
  /** The block, then empty again for the next one. */
  finish(header: HeaderInput): Uint8Array;
}
export interface GuidedBlock extends GuidedEvents {
  readonly header: BlockHeader;
  eventId(event: number): string;
  rawPartition(event: number): number;
  rawOffset(event: number): number;
  rawIndex(event: number): number;
  raw(event: number): Uint8Array;
}
/** Throws HeadraceError BLOCK_UNREADABLE; call verifyBlock first for a digest check. */
export declare function decodeGuidedBlock(value: Uint8Array): GuidedBlock;
export interface GuidedIdentity {
  readonly generation: number;
  readonly partition: number;
  /** Offset of the guided message. */
  readonly offset: number;
  /** Microseconds: timestamp of the guided message. */
  readonly blockTime: number;
}
export declare function encodeRatedBlock(block: {
  /** null for an empty block, and for lines that facts caused. */
  guided: GuidedBlock | null;
  lines: readonly RatedLine[];
  identity: GuidedIdentity;
  header: HeaderInput;
}): Uint8Array;
export interface RatedBlock {
  readonly header: BlockHeader;
  readonly count: number;
  /** The distinct totals that lines belong to, in order of first appearance, and each line's index into them. */
  readonly totals: readonly TotalKey[];
  readonly total: Int32Array;
  /** Four words a line. */
  readonly eventKey: Uint32Array;
  readonly eventTime: Float64Array;
  readonly part: Int32Array;
  readonly quantity: Float64Array;
  readonly eventQuantity: Float64Array;
  amount(line: number): Money;
}
export declare function decodeRatedBlock(value: Uint8Array): RatedBlock;
export declare function encodeFactBlock(block: { header: HeaderInput; facts: readonly GuidedFact[] }): Uint8Array;
export declare function decodeFactBlock(value: Uint8Array): { header: BlockHeader; facts: readonly GuidedFact[] };
export declare function encodeSuspenseBlock(block: {
  header: HeaderInput;
  records: readonly SuspendedRecord[];
}): Uint8Array;
export declare function decodeSuspenseBlock(value: Uint8Array): {
  header: BlockHeader;
  records: readonly SuspendedRecord[];
};
/** A record for what the guide refused. */
export declare function suspendedByGuide(refused: {
  decoded: DecodedEvent;
  originTopic: string;
  originPartition: number;
  originOffset: number;
  originIndex: number;
  receivedAt: number;
  blockTime: number;
}): SuspendedRecord;
/** A record for what the rater suspended, from the guided block. */
export declare function suspendedByRater(
  guided: GuidedBlock,
  usage: SuspendedUsage,
  originTopic: string,
  identity: GuidedIdentity,
): SuspendedRecord;
export declare function encodeTotalsBlock(block: {
  header: HeaderInput;
  identity: GuidedIdentity;
  deltas: readonly TotalDelta[];
}): Uint8Array;
export declare function decodeTotalsBlock(value: Uint8Array): {
  header: BlockHeader;
  identity: GuidedIdentity | null;
  deltas: readonly TotalDelta[];
};

// ---- framed records (Confluent wire format, ids of schemas/avro/manifest.json)
export declare function encodeControlTotals(totals: ControlTotals): Uint8Array;
export declare function decodeControlTotals(value: Uint8Array): ControlTotals;
export declare function encodeFinding(finding: Finding): Uint8Array;
export declare function decodeFinding(value: Uint8Array): Finding;
/** The record with its column names (snake case). */
export declare function columnsOf(record: object): Record<string, unknown>;

// ---- plans
export interface Plan {
  readonly format: 1;
  /** `raw/<partition>` or `reference`. */
  readonly source: string;
  readonly number: number;
  readonly from: Position;
  readonly to: Position;
  readonly generation: number;
  readonly guidedPartitions: number;
  readonly receiptTime: 'log' | 'header';
  readonly horizonDays: number;
  readonly futureToleranceMinutes: number;
}
export declare function encodePlan(plan: Plan): Uint8Array;
export declare function decodePlan(value: Uint8Array | null): { plan: Plan; problem: null } | { problem: string };

// ---- money on the wire
/** Decimal string (at most 12 decimals, 38 digits) to a count of 1e-12; null if it is none. */
export declare function parseAmount(text: string): Money | null;
/** Canonical: no trailing zeros, no exponent ("0", "0.3", "-70"). */
export declare function formatAmount(amount: Money): string;

// ---- YAML
export interface YamlPlace {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}
export interface YamlDocument {
  /** Numbers with a point or exponent stay text, so that no amount passes through binary floating point. */
  readonly document: unknown;
  readonly problems: readonly (YamlPlace & { readonly problem: string })[];
  locate(path: readonly (string | number)[]): YamlPlace | null;
}
export declare function parseYaml(text: string): YamlDocument;

// ---- schema evolution
/** Problems, in words; empty if data written with `writer` can be read with `reader`. */
export declare function canRead(reader: string, writer: string): readonly string[];
/** Full transitive: each version reads each other one. */
export declare function checkVersions(versions: readonly { name: string; text: string }[]): readonly string[];
