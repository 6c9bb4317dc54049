/** Container files as a mediation system writes them, and damaged copies of them. */

import { type ContainerBlock, writeContainer } from '../avro/container.ts';
import { type ByteSink, recordEncoder } from '../avro/encoder.ts';
import {
  olderUsageEventSchema,
  olderUsageEventSchemaText,
  UNKNOWN_SCHEMA_ID,
  USAGE_EVENT_SCHEMA_ID,
  usageEventSchema,
  usageEventSchemaText,
} from '../avro/schema.ts';
import { hashNumbers } from '../random.ts';
import type { UsageEvent } from './usage-event.ts';

/** Records of one block of a file. */
export const FILE_BLOCK_RECORDS = 500;

export function fileName(number: number): string {
  return `usage-${String(number).padStart(6, '0')}.avro`;
}

export const encodeEvent = recordEncoder<UsageEvent>(usageEventSchema);
const encodeOlder = recordEncoder<UsageEvent>(olderUsageEventSchema);

/** One file in eight comes from a system with an older version of the schema. */
function isOlder(seed: number, number: number): boolean {
  return hashNumbers(seed, number, 36) % 8 === 0;
}

/** Appends one event by the schema of this file. */
export function encoderOfFile(seed: number, number: number): (sink: ByteSink, event: UsageEvent) => void {
  return isOlder(seed, number) ? encodeOlder : encodeEvent;
}

/** Half of the files are deflated. */
function isDeflated(seed: number, number: number): boolean {
  return hashNumbers(seed, number, 30) % 2 === 0;
}

/** The number of a file that is deflated, beyond those of the workload. */
export function deflatedFileNumber(seed: number): number {
  let number = 900_000;
  while (!isDeflated(seed, number)) number++;
  return number;
}

export function buildFile(seed: number, number: number, blocks: readonly ContainerBlock[]): Buffer {
  return writeContainer({
    codec: isDeflated(seed, number) ? 'deflate' : 'null',
    schema: isOlder(seed, number) ? olderUsageEventSchemaText : usageEventSchemaText,
    metadata: {
      'mediation.source': `mediation-${number % 8}`,
      'mediation.sequence': String(number),
      'mediation.records': String(blocks.reduce((sum, block) => sum + block.records, 0)),
    },
    sync: syncMarker(seed, number),
    blocks,
  });
}

function syncMarker(seed: number, number: number): Buffer {
  const sync = Buffer.alloc(16);
  for (let word = 0; word < 4; word++) sync.writeUInt32BE(hashNumbers(seed, number, 31 + word), word * 4);
  return sync;
}

/** A copy that cannot be read to its end: cut short, a sync marker that does not fit, or a codec that nobody has. */
export function breakFile(file: Buffer, seed: number, number: number): Buffer {
  const damage = hashNumbers(seed, number, 35) % 3;
  if (damage === 0) return file.subarray(0, Math.floor(file.length * 0.6));
  const broken = Buffer.from(file);
  if (damage === 1) broken[broken.length - 1] = (broken[broken.length - 1] ?? 0) ^ 0xff;
  else broken.write('nulx', broken.indexOf('avro.codec') + 'avro.codec'.length + 1);
  return broken;
}

/** The frame of a single message: a zero byte and the schema id. */
export function writeFrame(bytes: Buffer, at: number, unknownSchema: boolean): void {
  bytes[at] = 0;
  bytes.writeUInt32BE(unknownSchema ? UNKNOWN_SCHEMA_ID : USAGE_EVENT_SCHEMA_ID, at + 1);
}

export const FRAME_BYTES = 5;
