/**
 * The metadata of a committed offset: the last block that was applied before it, as `<source>@<offset>,<x>`.
 *
 * Kafka's committed offset alone is never trusted, for ClickHouse may have been restored from a backup since. The blocks
 * of a partition are recorded in order, so when ClickHouse has the block of the mark it has all before it, and reading may
 * begin at the committed offset; otherwise it begins at the log's begin, and what is there already comes as duplicates.
 */
import type { Position } from '@headrace/codec/block';

export interface CommitMark {
  readonly source: string;
  readonly to: Position;
}

export function encodeMark(mark: CommitMark): string {
  return `${mark.source}@${mark.to.offset},${mark.to.x}`;
}

/** Null for metadata that is none of ours. */
export function decodeMark(metadata: string): CommitMark | null {
  const match = /^([a-z0-9/]+)@(\d{1,15}),(\d{1,15})$/.exec(metadata);
  if (match === null) return null;
  const [, source = '', offset, x] = match;
  return { source, to: { offset: Number(offset), x: Number(x) } };
}
