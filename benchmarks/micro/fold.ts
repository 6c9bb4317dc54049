/**
 * Goal: decode + rate + encode of guided events on one thread at 25 % or more (a later goal: 40 %) of the speed of bare
 * Avro decoding of the same bytes in the same run. The yardstick is avsc's generic decoding of the guided records.
 *
 * Speeds are per second of processor time (garbage collection included), which a busy neighbour changes less than a clock.
 *
 * It checks its result: every event is accounted for, the parts of the events add up, and all rounds give the same bytes.
 * It leaves out Kafka, guiding, block digests on reading, and ClickHouse.
 */
import { createHash } from 'node:crypto';
import { decodeGuidedBlock, decodeRatedBlock, encodeRatedBlock, schemaManifest } from '@headrace/codec';
import { openBlock } from '@headrace/codec/blocks/block-file';
import { createRater, type RaterStatistics } from '@headrace/rating';
import avsc from 'avsc';
import { type GuidedWorkload, guidedWorkload } from './guided-blocks.ts';

const BLOCK_EVENTS = 4_096;

export interface FoldOptions {
  readonly events: number;
  readonly rounds: number;
  readonly seed: string;
  readonly progress: (what: string) => void;
}

export interface FoldResult {
  readonly seed: string;
  readonly events: number;
  readonly lines: number;
  readonly rounds: number;
  readonly bareDecodePerSecond: number;
  readonly decodePerSecond: number;
  readonly ratePerSecond: number;
  readonly encodePerSecond: number;
  readonly foldPerSecond: number;
  /** Median over rounds of the ratio within a round. */
  readonly foldToDecode: number;
  /** Lowest to highest ratio. */
  readonly spread: string;
  readonly bytesPerDuplicateKey: number;
}

interface Round {
  readonly decodeMs: number;
  readonly rateMs: number;
  readonly encodeMs: number;
  readonly lines: number;
  readonly digest: string;
  readonly statistics: RaterStatistics;
}

export function measureFold(options: FoldOptions): FoldResult {
  options.progress(`making ${options.events} events, seed ${options.seed}`);
  const workload = guidedWorkload(options.seed, options.events, BLOCK_EVENTS);
  const ratios: number[] = [];
  const rounds: Round[] = [];
  const bare: number[] = [];
  for (let number = 0; number < options.rounds; number += 1) {
    const bareMs = bareDecode(workload);
    const round = fold(workload);
    bare.push(bareMs);
    rounds.push(round);
    ratios.push(bareMs / (round.decodeMs + round.rateMs + round.encodeMs));
    options.progress(`round ${number + 1} of ${options.rounds}: ${(100 * ratios[number]).toFixed(1)} %`);
  }
  const [first] = rounds;
  if (rounds.some(({ digest }) => digest !== first.digest)) throw new Error('rounds gave different bytes');
  const perSecond = (milliseconds: number): number => (workload.events * 1000) / milliseconds;
  const { statistics } = rounds[rounds.length - 1];
  return {
    seed: options.seed,
    events: workload.events,
    lines: first.lines,
    rounds: options.rounds,
    bareDecodePerSecond: perSecond(median(bare)),
    decodePerSecond: perSecond(median(rounds.map(({ decodeMs }) => decodeMs))),
    ratePerSecond: perSecond(median(rounds.map(({ rateMs }) => rateMs))),
    encodePerSecond: perSecond(median(rounds.map(({ encodeMs }) => encodeMs))),
    foldPerSecond: perSecond(median(rounds.map((round) => round.decodeMs + round.rateMs + round.encodeMs))),
    foldToDecode: median(ratios),
    spread: `${(100 * Math.min(...ratios)).toFixed(1)} to ${(100 * Math.max(...ratios)).toFixed(1)} %`,
    bytesPerDuplicateKey: statistics.duplicateKeyBytes / statistics.duplicateKeys,
  };
}

/** Milliseconds of avsc's generic decoding of all guided records. */
function bareDecode({ blocks, events }: GuidedWorkload): number {
  const entry = schemaManifest().find(({ subject }) => subject === 'guided-event');
  if (entry === undefined) throw new Error('the manifest has no guided-event');
  const type = avsc.Type.forSchema(JSON.parse(entry.schema));
  const files = blocks.map((block) => openBlock(block, 'usage'));
  let decoded = 0;
  const started = cpuMs();
  for (const file of files) {
    for (const { from, to } of file.blocks) {
      let at = from;
      while (at < to) {
        at = type.decode(file.bytes, at).offset;
        decoded += 1;
      }
    }
  }
  const elapsed = cpuMs() - started;
  if (decoded !== events) throw new Error(`avsc decoded ${decoded} events of ${events}`);
  return elapsed;
}

function fold({ blocks, facts, events }: GuidedWorkload): Round {
  const rater = createRater();
  const { refused } = rater.applyFacts(facts);
  if (refused.length > 0) throw new Error(`a fact was refused: ${refused[0].reason}`);
  const time = { decodeMs: 0, rateMs: 0, encodeMs: 0 };
  const checked = new Check();
  let accounted = 0;
  for (const [offset, block] of blocks.entries()) {
    const started = cpuMs();
    const guided = decodeGuidedBlock(block);
    const decodedAt = cpuMs();
    const outcome = rater.rate(guided);
    const ratedAt = cpuMs();
    const identity = { generation: 1, partition: 0, offset, blockTime: 0 };
    const header = { ...guided.header, kind: 'rated', source: 'guided/1/0' } as const;
    const rated = encodeRatedBlock({
      guided,
      lines: outcome.lines,
      identity,
      header: { ...header, from: { offset, x: 0 }, to: { offset: offset + 1, x: 0 } },
    });
    time.encodeMs += cpuMs() - ratedAt;
    time.rateMs += ratedAt - decodedAt;
    time.decodeMs += decodedAt - started;
    accounted += outcome.outcomes.length;
    // Outside of the time, and at once, so that no more is held than a rater holds.
    checked.add(rated);
  }
  if (accounted !== events) throw new Error(`the fold accounted for ${accounted} events of ${events}`);
  return { ...time, lines: checked.lines, digest: checked.digest(), statistics: rater.statistics() };
}

/** The parts of each event add up to it; and a digest over all that was written. */
class Check {
  readonly #hash = createHash('sha256');
  lines = 0;

  add(rated: Uint8Array): void {
    this.#hash.update(rated);
    const block = decodeRatedBlock(rated);
    this.lines += block.count;
    let quantity = 0;
    let eventQuantity = 0;
    for (let line = 0; line < block.count; line += 1) {
      quantity += block.quantity[line];
      if (block.part[line] === 0) eventQuantity += block.eventQuantity[line];
    }
    if (quantity !== eventQuantity) throw new Error(`parts add up to ${quantity}, events to ${eventQuantity}`);
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** Processor time of this process in milliseconds, garbage collection included: on a shared machine it moves less than a clock. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
