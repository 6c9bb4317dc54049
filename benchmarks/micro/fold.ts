/**
 * Goal: decode + rate + encode of guided events on one thread at 25 % or more (a later goal: 40 %) of the speed of bare
 * Avro decoding of the same bytes in the same run. The yardstick is avsc's generic decoding of the guided records.
 *
 * Speeds are per second of the thread's processor time (its own part of garbage collection included), which a busy neighbour
 * changes less than a clock. What other threads do for it, concurrent collection and compilation, is shown beside it.
 * Asking for it takes a while itself, so it is asked once for some blocks, and shared out by the clock.
 *
 * A round begins with a rater that has seen no event. Its first half is the way to work: plans, subscriptions and their
 * routes are met for the first time. The ratio that counts (`foldToDecode`) is of the second half, beside the yardstick on
 * the same half; those of the first half (cold) and of the whole are shown beside it. What an event costs depends on how
 * often its SIM is heard of: 10 million SIMs send 112 million events a day, 340 a SIM and month (domain, section 8), and the
 * standard run, 400 thousand events of a thousand SIMs, is as dense. `--scale S` is the opposite: a month in which each of
 * 100 thousand SIMs has four events, so that most of what is measured is meeting it.
 *
 * It checks its result: every event is accounted for, the parts of the events add up, and all rounds give the same bytes.
 * The parts are looked at in a round of its own that does not count, since decoding them leaves garbage.
 * It leaves out Kafka, guiding, block digests on reading, and ClickHouse. Rounds do not see each other's garbage.
 */
import { createHash } from 'node:crypto';
import { decodeGuidedBlock, decodeRatedBlock, GuidedColumns, RatedBlockWriter, schemaManifest } from '@headrace/codec';
import { type BlockFile, openBlock } from '@headrace/codec/blocks/block-file';
import { createRater, type RaterStatistics } from '@headrace/rating';
import type { Scale } from '@headrace/testkit';
import avsc from 'avsc';
import { collectGarbage, cpuMs, median, processCpuMs, spreadOf } from './cpu-time.ts';
import { type GuidedWorkload, guidedWorkload } from './guided-blocks.ts';

const BLOCK_EVENTS = 4_096;
/** Blocks between two looks at the processor time. */
const BLOCKS_TIMED = 8;

export interface FoldOptions {
  readonly events: number;
  readonly rounds: number;
  readonly seed: string;
  readonly scale: Scale;
  readonly progress: (what: string) => void;
}

export interface FoldResult {
  readonly seed: string;
  readonly scale: Scale;
  readonly events: number;
  readonly lines: number;
  readonly rounds: number;
  readonly bareDecodePerSecond: number;
  readonly decodePerSecond: number;
  readonly ratePerSecond: number;
  readonly encodePerSecond: number;
  readonly foldPerSecond: number;
  /** Of the second half; median over rounds of the ratio within a round. */
  readonly foldToDecode: number;
  /** Lowest to highest ratio. */
  readonly spread: string;
  /** The same ratio over the first half of the blocks, and over all. */
  readonly coldToDecode: number;
  readonly wholeToDecode: number;
  /** Processor time of all other threads of the process, in parts of the fold's own. */
  readonly helperShare: number;
  readonly bytesPerDuplicateKey: number;
}

/** Milliseconds of the halves of the blocks. */
interface Halves {
  readonly cold: number;
  readonly steady: number;
}

interface Round {
  readonly decode: Halves;
  readonly rate: Halves;
  readonly encode: Halves;
  /** Events of the second half. */
  readonly steadyEvents: number;
  readonly lines: number;
  readonly digest: string;
  /** Milliseconds that other threads worked in the same time. */
  readonly helpers: number;
  readonly statistics: RaterStatistics;
}

export function measureFold(options: FoldOptions): FoldResult {
  options.progress(`making ${options.events} events, scale ${options.scale}, seed ${options.seed}`);
  const workload = guidedWorkload(options.seed, options.events, options.scale, BLOCK_EVENTS);
  // Checked once, by the way a warm-up: the rounds that count have to give the same bytes.
  const checked = fold(workload, new Check());
  const rounds: Round[] = [];
  const bare: Halves[] = [];
  for (let number = 0; number < options.rounds; number += 1) {
    collectGarbage();
    bare.push(bareDecode(workload));
    collectGarbage();
    rounds.push(fold(workload, new Digest()));
    const ratio = bare[number].steady / foldOf(rounds[number]).steady;
    options.progress(`round ${number + 1} of ${options.rounds}: ${(100 * ratio).toFixed(1)} %`);
  }
  if (rounds.some(({ digest }) => digest !== checked.digest)) throw new Error('rounds gave different bytes');
  const perSecond = (milliseconds: readonly Halves[]): number =>
    (checked.steadyEvents * 1000) / median(milliseconds.map(({ steady }) => steady));
  const ratios = (of: (halves: Halves) => number): number[] =>
    rounds.map((round, number) => of(bare[number]) / of(foldOf(round)));
  const { statistics } = rounds[rounds.length - 1];
  return {
    seed: options.seed,
    scale: options.scale,
    events: workload.events,
    lines: checked.lines,
    rounds: options.rounds,
    bareDecodePerSecond: perSecond(bare),
    decodePerSecond: perSecond(rounds.map(({ decode }) => decode)),
    ratePerSecond: perSecond(rounds.map(({ rate }) => rate)),
    encodePerSecond: perSecond(rounds.map(({ encode }) => encode)),
    foldPerSecond: perSecond(rounds.map(foldOf)),
    foldToDecode: median(ratios(({ steady }) => steady)),
    spread: spreadOf(ratios(({ steady }) => steady)),
    coldToDecode: median(ratios(({ cold }) => cold)),
    wholeToDecode: median(ratios(whole)),
    helperShare: median(rounds.map((round) => round.helpers / whole(foldOf(round)))),
    bytesPerDuplicateKey: statistics.duplicateKeyBytes / statistics.duplicateKeys,
  };
}

function whole({ cold, steady }: Halves): number {
  return cold + steady;
}

function foldOf({ decode, rate, encode }: Round): Halves {
  return { cold: decode.cold + rate.cold + encode.cold, steady: decode.steady + rate.steady + encode.steady };
}

/** avsc's generic decoding of all guided records. */
function bareDecode({ blocks, events }: GuidedWorkload): Halves {
  const entry = schemaManifest().find(({ subject }) => subject === 'guided-event');
  if (entry === undefined) throw new Error('the manifest has no guided-event');
  const type = avsc.Type.forSchema(JSON.parse(entry.schema));
  const files = blocks.map((block) => openBlock(block, 'usage'));
  const middle = Math.floor(files.length / 2);
  let decoded = 0;
  const decode = (part: readonly BlockFile[]): number => {
    const started = cpuMs();
    for (const { bytes, blocks: records } of part) {
      for (const { from, to } of records) {
        let at = from;
        while (at < to) {
          at = type.decode(bytes, at).offset;
          decoded += 1;
        }
      }
    }
    return cpuMs() - started;
  };
  const halves = { cold: decode(files.slice(0, middle)), steady: decode(files.slice(middle)) };
  if (decoded !== events) throw new Error(`avsc decoded ${decoded} events of ${events}`);
  return halves;
}

function fold({ blocks, facts, events }: GuidedWorkload, output: Digest): Round {
  const rater = createRater();
  const { refused } = rater.applyFacts(facts);
  if (refused.length > 0) throw new Error(`a fact was refused: ${refused[0].reason}`);
  const cold = { decode: 0, rate: 0, encode: 0 };
  const steady = { decode: 0, rate: 0, encode: 0 };
  const columns = new GuidedColumns();
  const writer = new RatedBlockWriter();
  const middle = Math.floor(blocks.length / 2);
  let accounted = 0;
  let helpers = 0;
  let steadyEvents = 0;
  for (let first = 0; first < blocks.length; ) {
    // No group is in both halves.
    const end = Math.min(first + BLOCKS_TIMED, first < middle ? middle : blocks.length);
    const clock = { decode: 0, rate: 0, encode: 0 };
    const written: Uint8Array[] = [];
    const helpersAt = processCpuMs() - cpuMs();
    const started = cpuMs();
    for (let offset = first; offset < end; offset += 1) {
      const begun = performance.now();
      const guided = decodeGuidedBlock(blocks[offset], columns);
      const decodedAt = performance.now();
      const outcome = rater.rate(guided);
      const ratedAt = performance.now();
      const identity = { generation: 1, partition: 0, offset, blockTime: 0 };
      const header = { ...guided.header, kind: 'rated', source: 'guided/1/0' } as const;
      written.push(
        writer.encode({
          guided,
          lines: outcome.lines,
          identity,
          header: { ...header, from: { offset, x: 0 }, to: { offset: offset + 1, x: 0 } },
        }),
      );
      clock.encode += performance.now() - ratedAt;
      clock.rate += ratedAt - decodedAt;
      clock.decode += decodedAt - begun;
      accounted += guided.count;
      if (first >= middle) steadyEvents += guided.count;
      if (outcome.outcomes.length < guided.count) throw new Error(`block ${offset} has events without an outcome`);
    }
    const perClock = (cpuMs() - started) / (clock.decode + clock.rate + clock.encode);
    helpers += processCpuMs() - cpuMs() - helpersAt;
    const time = first < middle ? cold : steady;
    time.decode += clock.decode * perClock;
    time.rate += clock.rate * perClock;
    time.encode += clock.encode * perClock;
    // Outside of the time, and soon, so that little more is held than a rater holds.
    for (const rated of written) output.add(rated);
    first = end;
  }
  if (accounted !== events) throw new Error(`the fold accounted for ${accounted} events of ${events}`);
  return {
    decode: { cold: cold.decode, steady: steady.decode },
    rate: { cold: cold.rate, steady: steady.rate },
    encode: { cold: cold.encode, steady: steady.encode },
    steadyEvents,
    lines: output.lines,
    digest: output.digest(),
    helpers,
    statistics: rater.statistics(),
  };
}

/** A digest over all that was written. */
class Digest {
  readonly #hash = createHash('sha256');
  /** As far as they were counted. */
  lines = 0;

  add(rated: Uint8Array): void {
    this.#hash.update(rated);
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** Also decodes what was written, and checks that the parts of each event add up to it. */
class Check extends Digest {
  override add(rated: Uint8Array): void {
    super.add(rated);
    const block = decodeRatedBlock(rated);
    this.lines += block.count;
    // The retail leg; quantities of money and the second leg would count the same usage twice.
    let quantity = 0;
    let eventQuantity = 0;
    let last = -1;
    for (let line = 0; line < block.count; line += 1) {
      const { leg, unit } = block.totals[block.total[line]];
      if (leg !== 'retail' || unit === 'money') continue;
      quantity += block.quantity[line];
      if (last < 0 || !sameEvent(block.eventKey, last, line)) eventQuantity += block.eventQuantity[line];
      last = line;
    }
    if (quantity !== eventQuantity) throw new Error(`parts add up to ${quantity}, events to ${eventQuantity}`);
  }
}

function sameEvent(keys: Uint32Array, a: number, b: number): boolean {
  for (let word = 0; word < 4; word += 1) if (keys[4 * a + word] !== keys[4 * b + word]) return false;
  return true;
}
