/** bytes <-> domain: the public face of the room. */

export { canRead, checkVersions, type SchemaVersion } from './avro/compatibility.ts';
export { type ExactLong, exactLong } from './avro/exact-long.ts';
export { fetchSchema, lookUpSchemaId } from './avro/registry.ts';
export { type BuiltInSchema, builtInSchemas, latestSchema, schemaManifest } from './avro/schemas.ts';
export * from './block.ts';
export { type BlockInput, type BlockProblem, encodeBlock, readBlockHeader, verifyBlock } from './blocks/block-file.ts';
export { decodeFactBlock, encodeFactBlock } from './blocks/fact-block.ts';
export { decodeGuidedBlock, type GuidedBlock } from './blocks/guided-block.ts';
export { GuidedColumns } from './blocks/guided-columns.ts';
export { GuidedBlockWriter, GuidedEntries, type GuidedEntry } from './blocks/guided-writer.ts';
export type { HeaderInput } from './blocks/header.ts';
export { decodeRatedBlock, type RatedBlock } from './blocks/rated-block.ts';
export {
  encodeRatedBlock,
  type GuidedIdentity,
  type RatedBlockInput,
  RatedBlockWriter,
} from './blocks/rated-writer.ts';
export {
  decodeSuspenseBlock,
  encodeSuspenseBlock,
  type GuideRefusal,
  suspendedByGuide,
  suspendedByRater,
  WHOLE_MESSAGE,
} from './blocks/suspense-block.ts';
export { decodeTotalsBlock, encodeTotalsBlock } from './blocks/totals-block.ts';
export { AMOUNT_MAX, formatAmount, parseAmount } from './bytes/amount.ts';
export * from './limits.ts';
export { type DecodedPlan, decodePlan, encodePlan, type Plan } from './plan.ts';
export {
  columnsOf,
  decodeControlTotals,
  decodeFinding,
  encodeControlTotals,
  encodeFinding,
} from './records/framed.ts';
export type * from './records/framed-types.ts';
export type * from './records/suspended-record.ts';
export { UsageDecoder } from './usage/decoder.ts';
export { eventKey, payloadDigest, sessionOf } from './usage/identity.ts';
export { isoTime, QUANTITY_MAX, quantityProblem } from './usage/plausible.ts';
export { refusalOf } from './usage/required.ts';
export type * from './usage/usage-event.ts';
export { usageFile, usageMessage, writeUsageEvent } from './usage/write-event.ts';
export { parseYaml, type YamlDocument, type YamlPlace } from './yaml.ts';
