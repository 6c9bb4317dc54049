/** Coverage as metadata of a committed offset, and back. A rated partition has one source, so it stays far below 4 KiB. */
import { HeadraceError, z } from '@headrace/platform';
import type { CoverageEntry } from '@headrace/stream';

const position = z.object({ offset: z.number().int().min(0), x: z.number().int().min(0) });
const entries = z.array(z.object({ source: z.string(), covered: position, lastFrom: position, digest: z.string() }));

export function encodeCoverage(coverage: readonly CoverageEntry[]): string {
  return JSON.stringify(coverage);
}

/** @throws HeadraceError CHECKPOINT_BROKEN: the offset was committed by something else. */
export function decodeCoverage(metadata: string): readonly CoverageEntry[] {
  try {
    return entries.parse(JSON.parse(metadata));
  } catch (error) {
    throw new HeadraceError(
      'CHECKPOINT_BROKEN',
      'The committed offset has no coverage in its metadata, so something else committed it: delete the offsets of the aggregator group to begin at the start of the log; repeated totals are known by their range.',
      { cause: error },
    );
  }
}
