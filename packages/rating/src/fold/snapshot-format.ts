/**
 * The form of a snapshot: pieces, each of which stands for itself.
 *
 *   piece   = header payload
 *   header  = magic version section argument          four 32-bit words, little-endian
 *   payload = by section: JSON, or the raw words of a table
 *
 * A section may have any number of pieces; those of one section and argument stand in order. The last piece is END, whose
 * argument is the number of pieces before it, so that a snapshot that lost some is known.
 *
 * 1. Equal states give equal bytes: tables are written in the order of their keys, names in the order of the facts that
 *    brought them.
 * 2. A snapshot of another version is refused, never guessed at.
 */
import { RatingError } from '../rating-error.ts';
import { FOLD_VERSION } from '../version.ts';

/** Rises with every change of this form. */
export const SNAPSHOT_VERSION = 2;
/** 'HRS1' */
const MAGIC = 0x31535248;
const HEADER_WORDS = 4;
const HEADER_BYTES = HEADER_WORDS * 4;
/** Payload of a piece at most; a multiple of every entry size there is. */
export const PIECE_BYTES = 480_000;

export const SECTION = {
  head: 1,
  book: 2,
  accounts: 3,
  planNames: 4,
  deviceNames: 5,
  poolNames: 6,
  subscriptionNames: 7,
  subscriptionColumn: 8,
  poolCycles: 9,
  poolShares: 10,
  grants: 11,
  /** Counters; the argument is an index of COUNTERS. */
  counters: 12,
  /** Meters of a day; the argument is the local day since 1970. */
  dayMeters: 13,
  perEvent: 14,
  sessions: 15,
  factIds: 16,
  /** The argument is the day since 1970. */
  duplicates: 17,
  end: 18,
} as const;

/** Which column of the subscriptions a piece holds. */
export const COLUMNS = ['head', 'rowPlan', 'rowPool', 'rowAccount', 'rowState', 'rowDevice', 'rowNext'] as const;
export const TIME_COLUMN = COLUMNS.length;
/** The account of each subscription's last event. */
export const ACCOUNT_COLUMN = TIME_COLUMN + 1;

/** Which table of counters a piece holds. */
export const COUNTERS = ['meters', 'buckets', 'poolUse', 'poolDraws'] as const;

/** Stands for the table of meters that last in a per-event record, which else names a day. */
export const LASTING = null;

export interface Head {
  readonly foldVersion: number;
  readonly receivedMax: number;
  readonly firstDay: number;
}

export interface Piece {
  readonly section: number;
  readonly argument: number;
  readonly payload: Uint8Array;
}

export function encodePiece(section: number, argument: number, payload: Uint8Array): Uint8Array {
  const piece = new Uint8Array(HEADER_BYTES + payload.length);
  new Uint32Array(piece.buffer, 0, HEADER_WORDS).set([MAGIC, SNAPSHOT_VERSION, section, argument]);
  piece.set(payload, HEADER_BYTES);
  return piece;
}

/** @throws RatingError if the piece is none, or of another version */
export function decodePiece(bytes: Uint8Array): Piece {
  if (bytes.length < HEADER_BYTES) throw damaged('a piece is shorter than its header');
  // A copy, because a view must begin at a multiple of its entry size.
  const header = new Uint32Array(bytes.slice(0, HEADER_BYTES).buffer);
  const [magic, version, section = 0, argument = 0] = header;
  if (magic !== MAGIC) throw damaged('a piece does not begin as one');
  if (version !== SNAPSHOT_VERSION) {
    throw new RatingError(
      'SNAPSHOT_VERSION',
      `the snapshot has version ${version}, and this rater reads version ${SNAPSHOT_VERSION}; run the release that wrote ` +
        'it, or fold the log anew from its beginning',
    );
  }
  return { section, argument, payload: bytes.subarray(HEADER_BYTES) };
}

export function checkFoldVersion(head: Head): void {
  if (head.foldVersion === FOLD_VERSION) return;
  throw new RatingError(
    'SNAPSHOT_VERSION',
    `the snapshot was folded by version ${head.foldVersion} of the fold, and this rater has version ${FOLD_VERSION}; run ` +
      'the release that wrote it, or fold the log anew from its beginning',
  );
}

export function damaged(what: string): RatingError {
  return new RatingError(
    'SNAPSHOT_DAMAGED',
    `the snapshot is damaged: ${what}; restore an older one, or fold the log anew`,
  );
}
