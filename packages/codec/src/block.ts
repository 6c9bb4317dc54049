/**
 * What every block says of itself: an Avro Object Container File whose file metadata holds, under `headrace.block`, this
 * header as JSON. The grammar of a range: `from` is exclusive and `to` inclusive in plan positions, and a position is
 * the pair (next offset, X): everything below `offset` has been read, and facts of the reference log below `x` are
 * known. Neither part ever falls.
 */

/** `offset`: the next offset to read. `x`: the next offset of the reference log to apply. */
export interface Position {
  readonly offset: number;
  readonly x: number;
}

export const POSITION_START: Position = { offset: 0, x: 0 };

export type BlockKind = 'usage' | 'reference' | 'rated' | 'suspense' | 'totals';

/** applied: the contents count. The others are empty blocks that answer a guided block that was not applied. */
export type BlockStatus = 'applied' | 'duplicate' | 'gap' | 'unreadable';

/** Control totals of a block's contents. Counts of events and of usage bytes (up + down); amounts by currency. */
export interface BlockControls {
  /** Events in the input that this block answers (guided: events in the block). */
  readonly events: number;
  readonly bytes: number;
  readonly rated: number;
  readonly ratedBytes: number;
  readonly duplicate: number;
  readonly duplicateBytes: number;
  readonly rejected: number;
  readonly rejectedBytes: number;
  readonly suspended: number;
  readonly suspendedBytes: number;
  readonly lines: number;
  /** Sum over lines, retail leg, of all units but money. */
  readonly quantity: number;
  /** Sum over rated events, retail leg, of all units but money. */
  readonly eventQuantity: number;
  /** Currency to decimal string, retail leg. */
  readonly amounts: Readonly<Record<string, string>>;
}

/** Control totals of nothing. */
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

export interface BlockHeader {
  /** Format version of the header. */
  readonly v: 1;
  readonly kind: BlockKind;
  /** What the range is of: `raw/<partition>`, `reference`, or `guided/<generation>/<partition>`. */
  readonly source: string;
  readonly from: Position;
  readonly to: Position;
  readonly generation: number;
  /** The guided partition it is for, or came from; for suspense of the guide, -1. */
  readonly partition: number;
  readonly status: BlockStatus;
  /** Microseconds: receipt time of the last message of the range (guided), or the guided message's timestamp (rated). */
  readonly blockTime: number;
  /** Late-arrival horizon in days that the plan was made with; duplicate keys older than that may go. */
  readonly horizonDays: number;
  readonly controls: BlockControls;
  /** SHA-256 of everything that the block says: metadata (this field empty), count and records. Hexadecimal. */
  readonly digest: string;
  /** For rated and totals blocks: source and range of the guided block that it answers, for the controls. */
  readonly answers?: { readonly source: string; readonly from: Position; readonly to: Position };
}

/** Events of one raw message at most; a container with more is suspended as MESSAGE_TOO_LARGE. */
export const MESSAGE_EVENTS_MAX = 65_536;
/** Lines of a block at most: 8 for each of its events. The fold keeps to it; insert settings keep so many in one part. */
export const BLOCK_LINES_MAX = MESSAGE_EVENTS_MAX * 8;
