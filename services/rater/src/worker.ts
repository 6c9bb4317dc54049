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
  | { readonly task: 'statistics'; readonly key: string }
  | { readonly task: 'close'; readonly key: string };

export interface Snapshot {
  readonly meta: FoldMeta;
  readonly pieces: Uint8Array[];
}

/** Errors cross the thread boundary as data, since a class does not survive structured cloning. */
export type LaneResult =
  | { readonly ok: FoldedBlock | Snapshot | RaterStatistics | null }
  | { readonly failed: { readonly code: HeadraceError['code']; readonly message: string } };

const folds = new Map<string, PartitionFold>();

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
      const folded = foldOf(task.key).fold(task.offset, task.blockTime, task.value, task.readTwice);
      return folded === null ? { ok: null } : transferred(folded);
    }
    case 'snapshot': {
      const fold = foldOf(task.key);
      return { ok: { meta: fold.meta(), pieces: [...fold.pieces()] } };
    }
    case 'statistics':
      return { ok: foldOf(task.key).statistics() };
    case 'close':
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

/** Hands the blocks over without another copy: they are in buffers of their own. */
function transferred(folded: FoldedBlock): ReturnType<typeof move> {
  const { rated, suspense } = folded;
  const buffers = suspense === null ? [rated.buffer] : [rated.buffer, suspense.buffer];
  return move({ [transferableSymbol]: buffers, [valueSymbol]: { ok: folded } satisfies LaneResult });
}
