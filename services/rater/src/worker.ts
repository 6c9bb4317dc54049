/** One rating thread: owns the folds of the guided partitions that are pinned to it. */
import { HeadraceError } from '@headrace/platform';
import type { RaterStatistics } from '@headrace/rating';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { type FoldedBlock, type FoldIdentity, type FoldMeta, PartitionFold } from './partition-fold.ts';

export type LaneTask =
  | {
      readonly task: 'open';
      readonly key: string;
      readonly identity: FoldIdentity;
      readonly checkpoint: { readonly meta: FoldMeta; readonly pieces: Uint8Array[] } | null;
    }
  | {
      readonly task: 'fold';
      readonly key: string;
      readonly offset: number;
      readonly blockTime: number;
      readonly value: Uint8Array;
      readonly readTwice: boolean;
    }
  | { readonly task: 'snapshot'; readonly key: string }
  | { readonly task: 'pieces'; readonly key: string }
  | { readonly task: 'statistics'; readonly key: string }
  | { readonly task: 'close'; readonly key: string };

/** A state as it is restored: all of it. */
export interface Snapshot {
  readonly meta: FoldMeta;
  readonly pieces: Uint8Array[];
}

/** Errors cross the thread boundary as data, since a class does not survive structured cloning. */
export type LaneResult =
  | { readonly ok: FoldedBlock | FoldMeta | readonly Uint8Array[] | RaterStatistics | null }
  | { readonly failed: { readonly code: HeadraceError['code']; readonly message: string } };

/** Bytes of a state that leave the thread at once, about. */
const PIECES_BYTES_MAX = 4 * 1024 * 1024;

const folds = new Map<string, PartitionFold>();
/** Snapshots of which pieces are still to be taken. A fold changes the state and ends them. */
const snapshots = new Map<string, Iterator<Uint8Array>>();

export default function run(task: LaneTask): LaneResult | ReturnType<typeof move> {
  try {
    return perform(task);
  } catch (error) {
    if (error instanceof HeadraceError) return { failed: { code: error.code, message: error.message } };
    throw error;
  }
}

function perform(task: LaneTask): LaneResult | ReturnType<typeof move> {
  switch (task.task) {
    case 'open':
      folds.set(task.key, new PartitionFold(task.identity, task.checkpoint));
      return { ok: null };
    case 'fold': {
      snapshots.delete(task.key);
      const folded = foldOf(task.key).fold(task.offset, task.blockTime, task.value, task.readTwice);
      return folded === null ? { ok: null } : transferred(folded);
    }
    case 'snapshot': {
      const fold = foldOf(task.key);
      snapshots.set(task.key, fold.pieces()[Symbol.iterator]());
      return { ok: fold.meta() };
    }
    case 'pieces':
      return nextPieces(task.key);
    case 'statistics':
      return { ok: foldOf(task.key).statistics() };
    case 'close':
      snapshots.delete(task.key);
      folds.delete(task.key);
      return { ok: null };
    default:
      return task satisfies never;
  }
}

function foldOf(key: string): PartitionFold {
  const fold = folds.get(key);
  if (fold === undefined) throw new Error(`partition ${key} is not open in this thread`);
  return fold;
}

/** The next pieces of a snapshot; none at its end. They move, so that a state is never in memory twice. */
function nextPieces(key: string): ReturnType<typeof move> {
  const snapshot = snapshots.get(key);
  if (snapshot === undefined) throw new Error(`partition ${key} has no snapshot that stands`);
  const pieces: Uint8Array[] = [];
  for (let bytes = 0; bytes < PIECES_BYTES_MAX; ) {
    const next = snapshot.next();
    if (next.done === true) break;
    pieces.push(next.value);
    bytes += next.value.byteLength;
  }
  if (pieces.length === 0) snapshots.delete(key);
  const value: LaneResult = { ok: pieces };
  return move({ [transferableSymbol]: pieces.map(({ buffer }) => buffer), [valueSymbol]: value });
}

/** Hands the blocks over without another copy: they are in buffers of their own. */
function transferred(folded: FoldedBlock): ReturnType<typeof move> {
  const { rated, suspense } = folded;
  const buffers = suspense === null ? [rated.buffer] : [rated.buffer, suspense.buffer];
  return move({ [transferableSymbol]: buffers, [valueSymbol]: { ok: folded } satisfies LaneResult });
}
