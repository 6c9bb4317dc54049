/**
 * What one lane holds and does: the folds of the guided partitions that are pinned to it, one task after the other. It
 * knows no thread; worker.ts runs it in one.
 *
 * 1. What a task answers shares no memory with the folds, so that its buffers can be moved to another thread.
 * 2. A snapshot stands until its partition's next fold.
 */
import { HeadraceError } from '@headrace/platform';
import type { RaterStatistics } from '@headrace/rating';
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

export interface LaneAnswer {
  readonly result: LaneResult;
  /** Buffers of the result, to be moved instead of copied. */
  readonly buffers: readonly ArrayBufferLike[];
}

/** Bytes of a state that leave the lane at once, about. */
const PIECES_BYTES_MAX = 4 * 1024 * 1024;

export class LaneFolds {
  private readonly folds = new Map<string, PartitionFold>();
  /** Snapshots of which pieces are still to be taken. A fold changes the state and ends them. */
  private readonly snapshots = new Map<string, Iterator<Uint8Array>>();

  perform(task: LaneTask): LaneAnswer {
    try {
      return this.answer(task);
    } catch (error) {
      if (!(error instanceof HeadraceError)) throw error;
      return { result: { failed: { code: error.code, message: error.message } }, buffers: [] };
    }
  }

  private answer(task: LaneTask): LaneAnswer {
    switch (task.task) {
      case 'open':
        this.folds.set(task.key, new PartitionFold(task.identity, task.checkpoint));
        return plain(null);
      case 'fold': {
        this.snapshots.delete(task.key);
        const folded = this.foldOf(task.key).fold(task.offset, task.blockTime, task.value, task.readTwice);
        return { result: { ok: folded }, buffers: folded === null ? [] : buffersOf(folded) };
      }
      case 'snapshot': {
        const fold = this.foldOf(task.key);
        this.snapshots.set(task.key, fold.pieces()[Symbol.iterator]());
        return plain(fold.meta());
      }
      case 'pieces':
        return this.nextPieces(task.key);
      case 'statistics':
        return plain(this.foldOf(task.key).statistics());
      case 'close':
        this.snapshots.delete(task.key);
        this.folds.delete(task.key);
        return plain(null);
      default:
        return task satisfies never;
    }
  }

  private foldOf(key: string): PartitionFold {
    const fold = this.folds.get(key);
    if (fold === undefined) throw new Error(`partition ${key} is not open in this lane`);
    return fold;
  }

  /** The next pieces of a snapshot; none at its end. They move, so that a state is never in memory twice. */
  private nextPieces(key: string): LaneAnswer {
    const snapshot = this.snapshots.get(key);
    if (snapshot === undefined) throw new Error(`partition ${key} has no snapshot that stands`);
    const pieces: Uint8Array[] = [];
    for (let bytes = 0; bytes < PIECES_BYTES_MAX; ) {
      const next = snapshot.next();
      if (next.done === true) break;
      pieces.push(next.value);
      bytes += next.value.byteLength;
    }
    if (pieces.length === 0) this.snapshots.delete(key);
    return { result: { ok: pieces }, buffers: pieces.map(({ buffer }) => buffer) };
  }
}

function plain(ok: FoldMeta | RaterStatistics | null): LaneAnswer {
  return { result: { ok }, buffers: [] };
}

/** The blocks are in buffers of their own. */
function buffersOf({ rated, suspense }: FoldedBlock): readonly ArrayBufferLike[] {
  return suspense === null ? [rated.buffer] : [rated.buffer, suspense.buffer];
}
