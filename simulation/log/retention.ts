/** What retention may take away: guided blocks that no complete checkpoint needs any more. */
import type { PartitionLog } from './partition-log.ts';

interface Manifest {
  readonly offset: number;
  readonly chunks: readonly { readonly key: string }[];
}

/** The highest guided offset at which a complete checkpoint begins; 0 if there is none. */
export function checkpointed({ records, partition }: PartitionLog): number {
  const last = new Map<string, Buffer | null>();
  for (const { key, value } of records) if (key !== null) last.set(key.toString(), value);
  let highest = 0;
  for (const [key, value] of last) {
    if (!key.startsWith(`m/${partition}/`) || value === null) continue;
    const { offset, chunks }: Manifest = JSON.parse(value.toString());
    const complete = chunks.every((chunk) => (last.get(chunk.key) ?? null) !== null);
    if (complete) highest = Math.max(highest, offset);
  }
  return highest;
}
