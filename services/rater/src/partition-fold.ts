/**
 * The state of one guided partition and the fold over its blocks: guided block in, rated block out. Pure: runs in a
 * worker thread, reads no clock, no network and no other topic.
 *
 * 1. One guided block gives exactly one rated block; what is not applied is answered by an empty one that says why.
 * 2. A block is applied only if its range continues what this partition has covered of its source, and the facts that
 *    its plan could see (X) have been applied.
 * 3. Outcomes account for every event: rated + duplicate + suspended = events in the block.
 * 4. A breach of determinism stops the partition; nothing is written for it.
 */
import {
  type BlockControls,
  type BlockHeader,
  type BlockStatus,
  decodeFactBlock,
  decodeGuidedBlock,
  encodeSuspenseBlock,
  type GuidedBlock,
  GuidedColumns,
  type GuidedIdentity,
  type HeaderInput,
  NO_CONTROLS,
  RatedBlockWriter,
  suspendedByRater,
  verifyBlock,
} from '@headrace/codec';
import { HeadraceError } from '@headrace/platform';
import {
  createRater,
  FOLD_VERSION,
  type GuidedFact,
  OUTCOME_DUPLICATE,
  OUTCOME_RATED,
  type RatedLines,
  type Rater,
  type RaterStatistics,
  restoreRater,
  type SuspendedUsage,
} from '@headrace/rating';
import { LineTable } from '@headrace/rating/lines';
import { Coverage } from '@headrace/stream/coverage';
import type { CoverageEntry } from '@headrace/stream/types';
import { lineControls } from './line-controls.ts';

const NO_LINES: RatedLines = new LineTable();

export interface FoldIdentity {
  readonly generation: number;
  readonly partition: number;
  /** Prefixed name of usage.events: the origin of what is suspended. */
  readonly rawTopic: string;
}

/** What a checkpoint says beside the rating state. */
export interface FoldMeta {
  readonly coverage: readonly CoverageEntry[];
  /** Next guided offset to fold. */
  readonly nextOffset: number;
  /** Next guided offset that suspense blocks have covered. */
  readonly suspendedTo: number;
}

export interface FoldedBlock {
  readonly rated: Uint8Array;
  /** Only where something was suspended; its range continues the one before. */
  readonly suspense: Uint8Array | null;
  /** Source of the guided block; empty where it could not be read. */
  readonly source: string;
  readonly status: BlockStatus;
  readonly detail: string;
  readonly controls: BlockControls;
  readonly refusedFacts: readonly { readonly id: string; readonly reason: string }[];
}

interface Applied {
  /** Valid until the rater is called again: they are encoded before that. */
  readonly lines: RatedLines;
  readonly guided: GuidedBlock | null;
  readonly suspended: readonly SuspendedUsage[];
  readonly controls: BlockControls;
  readonly refusedFacts: FoldedBlock['refusedFacts'];
}

export class PartitionFold {
  private readonly identity: FoldIdentity;
  private readonly rater: Rater;
  private readonly coverage: Coverage;
  /** One block is folded at a time, so its memory serves the next one. */
  private readonly columns = new GuidedColumns();
  private readonly writer = new RatedBlockWriter();
  private nextOffset: number;
  private suspendedTo: number;

  constructor(identity: FoldIdentity, checkpoint: { readonly meta: FoldMeta; readonly pieces: Uint8Array[] } | null) {
    this.identity = identity;
    this.rater = checkpoint === null ? createRater() : restoreRater(checkpoint.pieces);
    this.coverage = Coverage.restore(checkpoint?.meta.coverage ?? []);
    this.nextOffset = checkpoint?.meta.nextOffset ?? 0;
    this.suspendedTo = checkpoint?.meta.suspendedTo ?? 0;
  }

  meta(): FoldMeta {
    return { coverage: this.coverage.snapshot(), nextOffset: this.nextOffset, suspendedTo: this.suspendedTo };
  }

  pieces(): Iterable<Uint8Array> {
    return this.rater.snapshot();
  }

  statistics(): RaterStatistics {
    return this.rater.statistics();
  }

  /**
   * Folds the guided message at `offset`. Offsets rise; holes are allowed.
   * Its digest is looked at before anything that it says is believed. What is damaged may be damaged on the way only, and
   * an answer stands for ever, so it takes a second reading to be unreadable.
   * @param blockTime the message's timestamp, microseconds
   * @param readTwice the bytes are those of a second reading
   * @returns null where the bytes of a first reading are damaged: nothing has changed, read them again
   * @throws HeadraceError BLOCK_BREACH, FOLD_VERSION: the partition must stop
   */
  fold(offset: number, blockTime: number, value: Uint8Array, readTwice: boolean): FoldedBlock | null {
    const read = verifyBlock(value);
    if (read.problem !== null) {
      return readTwice ? this.answer(offset, blockTime, null, 'unreadable', read.problem) : null;
    }
    const { header } = read;
    const verdict = this.coverage.check(header.source, header.from, header.to, header.digest);
    switch (verdict) {
      case 'duplicate':
        return this.answer(offset, blockTime, header, 'duplicate', 'its range was covered before');
      case 'gap':
        return this.answer(offset, blockTime, header, 'gap', this.gapDetail(header));
      case 'breach':
        throw new HeadraceError(
          'BLOCK_BREACH',
          `Guided partition ${this.identity.partition}, offset ${offset}: a block of ${header.source} neither continues nor repeats what was covered (${JSON.stringify(header.from)} to ${JSON.stringify(header.to)}, covered ${JSON.stringify(this.coverage.covered(header.source))}). Two writers disagree; compare the blocks before anything else.`,
          { context: { partition: this.identity.partition, offset, source: header.source } },
        );
      case 'apply':
        return this.apply(offset, blockTime, header, value);
      default:
        return verdict satisfies never;
    }
  }

  private apply(offset: number, blockTime: number, header: BlockHeader, value: Uint8Array): FoldedBlock {
    const known = this.coverage.covered('reference').offset;
    if (header.kind !== 'reference' && known < header.to.x) {
      const detail = `its plan knew the reference log up to ${header.to.x}, this partition has ${known}`;
      return this.answer(offset, blockTime, header, 'gap', detail);
    }
    const applied = header.kind === 'reference' ? this.applyFacts(value) : this.applyUsage(value);
    this.coverage.advance(header.source, header.to, header.digest);
    const identity = this.guidedIdentity(offset, blockTime);
    const rated = this.writer.encode({
      guided: applied.guided,
      lines: applied.lines,
      identity,
      header: this.header('rated', this.nextOffset, offset, blockTime, header, 'applied', applied.controls),
    });
    const suspense = this.suspense(offset, blockTime, header, applied, identity);
    this.nextOffset = offset + 1;
    return {
      rated,
      suspense,
      source: header.source,
      status: 'applied',
      detail: '',
      controls: applied.controls,
      refusedFacts: applied.refusedFacts,
    };
  }

  private applyFacts(value: Uint8Array): Applied {
    const { facts } = decodeFactBlock(value);
    for (const fact of facts) this.checkFoldVersion(fact);
    const { lines, refused } = this.rater.applyFacts(facts);
    return { lines, guided: null, suspended: [], controls: lineControls(NO_CONTROLS, lines), refusedFacts: refused };
  }

  private checkFoldVersion({ kind, fact }: GuidedFact): void {
    if (kind !== 'foldVersion') return;
    const { version } = JSON.parse(fact) as { version: unknown };
    if (version !== FOLD_VERSION) {
      throw new HeadraceError(
        'FOLD_VERSION',
        `The reference log puts version ${String(version)} of the fold in force from here; this rater has ${FOLD_VERSION}. Start a rater of that version.`,
        { context: { partition: this.identity.partition } },
      );
    }
  }

  private applyUsage(value: Uint8Array): Applied {
    const guided = decodeGuidedBlock(value, this.columns);
    const outcome = this.rater.rate(guided);
    let controls: BlockControls = { ...NO_CONTROLS, events: guided.count };
    const counted = { rated: 0, ratedBytes: 0, duplicate: 0, duplicateBytes: 0, suspended: 0, suspendedBytes: 0 };
    for (let event = 0; event < guided.count; event += 1) {
      const bytes = guided.bytesUp[event] + guided.bytesDown[event];
      if (outcome.outcomes[event] === OUTCOME_RATED) {
        counted.rated += 1;
        counted.ratedBytes += bytes;
      } else if (outcome.outcomes[event] === OUTCOME_DUPLICATE) {
        counted.duplicate += 1;
        counted.duplicateBytes += bytes;
      } else {
        counted.suspended += 1;
        counted.suspendedBytes += bytes;
      }
    }
    const bytes = counted.ratedBytes + counted.duplicateBytes + counted.suspendedBytes;
    controls = lineControls({ ...controls, ...counted, bytes }, outcome.lines);
    return { lines: outcome.lines, guided, suspended: outcome.suspended, controls, refusedFacts: [] };
  }

  private suspense(
    offset: number,
    blockTime: number,
    header: BlockHeader,
    applied: Applied,
    identity: GuidedIdentity,
  ): Uint8Array | null {
    const { guided, suspended } = applied;
    if (guided === null || suspended.length === 0) return null;
    const { suspended: events, suspendedBytes } = applied.controls;
    const controls = { ...NO_CONTROLS, suspended: events, suspendedBytes };
    const block = encodeSuspenseBlock({
      header: this.header('suspense', this.suspendedTo, offset, blockTime, header, 'applied', controls),
      records: suspended.map((usage) => suspendedByRater(guided, usage, this.identity.rawTopic, identity)),
    });
    this.suspendedTo = offset + 1;
    return block;
  }

  /** An empty rated block for a guided block that is not applied. */
  private answer(
    offset: number,
    blockTime: number,
    header: BlockHeader | null,
    status: BlockStatus,
    detail: string,
  ): FoldedBlock {
    const rated = this.writer.encode({
      guided: null,
      lines: NO_LINES,
      identity: this.guidedIdentity(offset, blockTime),
      header: this.header('rated', this.nextOffset, offset, blockTime, header, status, NO_CONTROLS),
    });
    this.nextOffset = offset + 1;
    return {
      rated,
      suspense: null,
      source: header?.source ?? '',
      status,
      detail,
      controls: NO_CONTROLS,
      refusedFacts: [],
    };
  }

  private header(
    kind: 'rated' | 'suspense',
    from: number,
    offset: number,
    blockTime: number,
    guided: BlockHeader | null,
    status: BlockStatus,
    controls: BlockControls,
  ): HeaderInput {
    const { generation, partition } = this.identity;
    return {
      v: 1,
      kind,
      source: `guided/${generation}/${partition}`,
      from: { offset: from, x: 0 },
      to: { offset: offset + 1, x: 0 },
      generation,
      partition,
      status,
      blockTime,
      horizonDays: guided?.horizonDays ?? 0,
      controls,
      ...(guided === null ? {} : { answers: { source: guided.source, from: guided.from, to: guided.to } }),
    };
  }

  private guidedIdentity(offset: number, blockTime: number): GuidedIdentity {
    return { generation: this.identity.generation, partition: this.identity.partition, offset, blockTime };
  }

  private gapDetail(header: BlockHeader): string {
    const covered = this.coverage.covered(header.source);
    return `${header.source} is covered to ${JSON.stringify(covered)}, this block begins at ${JSON.stringify(header.from)}: blocks before it are missing; headrace guide rewind sends them again`;
  }
}
