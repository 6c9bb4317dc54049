/** Headers for blocks under test, and avsc's reading of a whole container file: the oracle of what we write by hand. */

import { Readable } from 'node:stream';
import avro from 'avsc';
import type { BlockControls, BlockKind, HeaderInput } from '../../src/index.ts';
import { typeHook } from './events.ts';

export const NO_CONTROLS: BlockControls = {
  events: 0,
  bytes: 0,
  rated: 0,
  ratedBytes: 0,
  duplicate: 0,
  duplicateBytes: 0,
  rejected: 0,
  rejectedBytes: 0,
  suspended: 0,
  suspendedBytes: 0,
  lines: 0,
  quantity: 0,
  eventQuantity: 0,
  amounts: {},
};

export function headerOf(kind: BlockKind, changes: Partial<HeaderInput> = {}): HeaderInput {
  return {
    v: 1,
    kind,
    source: 'raw/0',
    from: { offset: 10, x: 3 },
    to: { offset: 20, x: 4 },
    generation: 1,
    partition: 2,
    status: 'applied',
    blockTime: 1_795_000_001_000_000,
    horizonDays: 45,
    controls: NO_CONTROLS,
    ...changes,
  };
}

/** Every record of a container file, read by avsc with the schema that stands in the file. */
export async function readByAvsc(file: Uint8Array): Promise<Record<string, unknown>[]> {
  const decoder = new avro.streams.BlockDecoder({ parseHook: (schema) => avro.Type.forSchema(schema, { typeHook }) });
  const records: Record<string, unknown>[] = [];
  const done = new Promise<void>((resolve, reject) => {
    decoder.on('data', (record: object) => records.push({ ...record }));
    decoder.on('end', resolve);
    decoder.on('error', reject);
  });
  Readable.from([Buffer.from(file)]).pipe(decoder);
  await done;
  return records;
}

/** The 16 bytes of an amount as a count of 1e-12, by plain arithmetic. */
export function amountOf(bytes: Uint8Array): bigint {
  const value = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return value >= 2n ** 127n ? value - 2n ** 128n : value;
}
