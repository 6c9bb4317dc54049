/**
 * The events of a workload lie in chunks of neighbours in time: even chunks are sent as single messages, odd ones as one
 * container file each. A chunk is a function of the seed and its number, so chunks can be made in any order and made
 * again, and a replay needs no memory.
 */
import { hashNumbers, hashText, Random } from '../random.ts';

const CHUNK_EVENTS_MIN = 1_000;
const CHUNK_EVENTS_SPREAD = 4_001;
/** The replayed file is sent this often again. */
const REPLAYS = 2;
const BROKEN_FILE_EVERY = 40;
/** Smaller workloads do without the oversized file. */
const OVERSIZED_FROM_EVENTS = 100_000;

export interface Chunk {
  readonly number: number;
  /** First event, inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly file: boolean;
}

export type SendItem =
  | { readonly kind: 'chunk'; readonly chunk: Chunk; readonly broken: boolean }
  | { readonly kind: 'replay'; readonly chunk: Chunk }
  | { readonly kind: 'oversized' };

export interface ChunkPlan {
  readonly chunks: readonly Chunk[];
  /** In natural order. */
  readonly items: readonly SendItem[];
  /** Indexes of events that are followed by another payload under their key; all in single messages. */
  readonly conflicts: ReadonlySet<number>;
}

export function planChunks(seed: number, events: number): ChunkPlan {
  const chunks = cutChunks(seed, events);
  const items: SendItem[] = chunks.map((chunk) => {
    const broken = chunk.file && (chunk.number === 1 || hashNumbers(seed, chunk.number, 20) % BROKEN_FILE_EVERY === 0);
    return { kind: 'chunk', chunk, broken };
  });
  const files = chunks.filter((chunk) => chunk.file);
  const replayed = files[Math.floor(files.length / 2)];
  for (let replay = 1; replayed !== undefined && replay <= REPLAYS; replay++) {
    items.splice(Math.min(items.length, replayed.number + 3 * replay), 0, { kind: 'replay', chunk: replayed });
  }
  if (events >= OVERSIZED_FROM_EVENTS) items.push({ kind: 'oversized' });
  return { chunks, items, conflicts: chooseConflicts(seed, events, chunks) };
}

function cutChunks(seed: number, events: number): Chunk[] {
  const sizeMax = Math.max(1, Math.ceil(events / 8));
  const chunks: Chunk[] = [];
  for (let from = 0; from < events; ) {
    const number = chunks.length;
    const size = Math.min(sizeMax, CHUNK_EVENTS_MIN + (hashNumbers(seed, number, 21) % CHUNK_EVENTS_SPREAD));
    const to = Math.min(events, from + size);
    chunks.push({ number, from, to, file: number % 2 === 1 });
    from = to;
  }
  return chunks;
}

/** One in a million, and three more so that any run has some. */
function chooseConflicts(seed: number, events: number, chunks: readonly Chunk[]): ReadonlySet<number> {
  const random = new Random(seed, hashText('conflicts'));
  const single = chunks.filter((chunk) => !chunk.file);
  const chosen = new Set<number>();
  const wanted = 3 + Math.round(events / 1_000_000);
  for (let trial = 0; trial < wanted * 4 && chosen.size < wanted; trial++) {
    const chunk = single[random.below(single.length)];
    if (chunk !== undefined) chosen.add(chunk.from + random.below(chunk.to - chunk.from));
  }
  return chosen;
}
