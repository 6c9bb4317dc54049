/**
 * Chunks as messages of `usage.events`.
 *
 * 1. The set of events does not depend on the number of partitions, nor on the order: a partition is a hash of the file
 *    or of the event, modulo the count.
 * 2. Both payloads of a conflict are neighbours of one partition in every order.
 * 3. Memory holds one chunk.
 */

import type { ContainerBlock } from '../avro/container.ts';
import { ByteSink } from '../avro/encoder.ts';
import type { MessageOptions, RawMessage, WorkloadCounts } from '../contract.ts';
import { hashNumbers, hashText, Random } from '../random.ts';
import type { Chunk, ChunkPlan, SendItem } from './chunks.ts';
import { addOne, newWorkloadCounts, outcomeOfRepeat } from './counts.ts';
import type { EventMaker } from './event-maker.ts';
import {
  breakFile,
  buildFile,
  deflatedFileNumber,
  encodeEvent,
  encoderOfFile,
  FILE_BLOCK_RECORDS,
  FRAME_BYTES,
  fileName,
  writeFrame,
} from './files.ts';
import { iccidOf } from './identities.ts';
import { MIX, WINDOW_END_MS, WINDOW_START_MS } from './scale.ts';
import { UsageEvent } from './usage-event.ts';

/** One more than a container may hold. */
const OVERSIZED_RECORDS = 65_537;
/** From the event until its message is received. */
const DELIVERY_MS = 5_000;

/** Messages that stay together in every order. */
type Group = readonly [RawMessage, ...RawMessage[]];

/** A single datum in the chunk's buffer, until its bytes are final. */
interface Single {
  readonly start: number;
  readonly end: number;
  readonly partition: number;
  readonly receivedAtMs: number;
  /** The second payload of the conflict before it. */
  readonly joined: boolean;
}

export class MessageMaker {
  readonly #seed: number;
  readonly #plan: ChunkPlan;
  readonly #maker: EventMaker;
  readonly #partitions: number;
  readonly #counts: WorkloadCounts;
  readonly #shuffle: Random | null;

  constructor(seed: number, plan: ChunkPlan, maker: EventMaker, options: MessageOptions) {
    this.#seed = seed;
    this.#plan = plan;
    this.#maker = maker;
    this.#partitions = options.partitions ?? 1;
    this.#counts = options.counts ?? newWorkloadCounts();
    const order = options.order ?? 'natural';
    this.#shuffle = order === 'natural' ? null : new Random(hashText(order.shuffleSeed), 1);
  }

  *messages(): Generator<RawMessage> {
    const items = this.#shuffle === null ? this.#plan.items : this.#shuffle.shuffle([...this.#plan.items]);
    for (const item of items) {
      const groups = this.#groupsOf(item);
      if (this.#shuffle !== null) this.#shuffle.shuffle(groups);
      for (const group of groups) {
        for (const message of group) {
          this.#counts.messages++;
          this.#counts.bytes += message.value.length;
          this.#counts.published += message.events;
          yield message;
        }
      }
    }
  }

  #groupsOf(item: SendItem): Group[] {
    switch (item.kind) {
      case 'oversized':
        return [[this.#oversized()]];
      case 'replay':
        return [[this.#file(item.chunk, true)]];
      case 'chunk':
        if (!item.chunk.file) return this.#singles(item.chunk);
        return this.#fileGroups(item.chunk, item.broken);
      default:
        return item satisfies never;
    }
  }

  #random(chunk: Chunk): Random {
    return new Random(this.#seed, hashNumbers(chunk.number, 40));
  }

  #partition(number: number, purpose: number): number {
    return hashNumbers(this.#seed, number, purpose) % this.#partitions;
  }

  #singles(chunk: Chunk): Group[] {
    const random = this.#random(chunk);
    const sink = new ByteSink((chunk.to - chunk.from) * 256);
    const singles: Single[] = [];
    const repeats: Single[] = [];
    for (let index = chunk.from; index < chunk.to; index++) {
      const conflict = this.#plan.conflicts.has(index);
      this.#maker.make(index, random, false, conflict, this.#counts);
      const { outcome, form, happenedMs } = this.#maker;
      this.#count(outcome);
      const receivedAtMs = happenedMs + DELIVERY_MS;
      const partition = this.#partition(index, 41);
      const [start, end] = this.#single(sink);
      singles.push({ start, end, partition, receivedAtMs, joined: false });
      if (conflict) {
        singles.push({ ...this.#secondPayload(sink), partition, receivedAtMs, joined: true });
      }
      if (random.fraction() < MIX.repeated && form === 'whole') {
        const range = copyAsRetransmission(sink, start, end);
        repeats.push({
          ...range,
          partition: this.#partition(index, 42),
          receivedAtMs: receivedAtMs + 60_000,
          joined: false,
        });
        this.#countRepeat(outcome);
      }
    }
    return groupSingles(sink, [...singles, ...repeats]);
  }

  /** @returns where the message lies in the sink */
  #single(sink: ByteSink): readonly [number, number] {
    const { form, event } = this.#maker;
    const start = sink.length;
    if (form === 'empty') return [start, start];
    sink.reserve(FRAME_BYTES);
    writeFrame(sink.bytes, start, form === 'unknown-schema');
    sink.length += FRAME_BYTES;
    encodeEvent(sink, event);
    const length = sink.length - start;
    if (form === 'truncated') sink.length = start + FRAME_BYTES + Math.floor((length - FRAME_BYTES) / 2);
    return [start, sink.length];
  }

  /** The same key with other quantities. */
  #secondPayload(sink: ByteSink): { readonly start: number; readonly end: number } {
    const { event } = this.#maker;
    event.bytes_down += 4_096;
    event.units += 1;
    event.seconds += 1;
    const [start, end] = this.#single(sink);
    this.#counts.conflicts++;
    addOne(this.#counts.outcomes, 'suspended:DUPLICATE_CONFLICT');
    return { start, end };
  }

  #fileGroups(chunk: Chunk, broken: boolean): Group[] {
    const file = this.#file(chunk, false);
    if (!broken) return [[file]];
    this.#counts.brokenFiles++;
    addOne(this.#counts.outcomes, 'suspended:SCHEMA_INVALID');
    const value = breakFile(file.value, this.#seed, chunk.number);
    return [[{ ...file, value, events: 1 }], [file]];
  }

  #file(chunk: Chunk, replay: boolean): RawMessage {
    const random = this.#random(chunk);
    const blocks: ContainerBlock[] = [];
    const encode = encoderOfFile(this.#seed, chunk.number);
    let sink = new ByteSink(FILE_BLOCK_RECORDS * 256);
    let records = 0;
    let inBlock = 0;
    // A replay is no new event of a service, so it counts into a throw-away record.
    const madeCounts = replay ? newWorkloadCounts() : this.#counts;
    for (let index = chunk.from; index < chunk.to; index++) {
      const start = sink.length;
      this.#maker.make(index, random, true, false, madeCounts);
      encode(sink, this.#maker.event);
      inBlock++;
      if (replay) this.#countReplay(this.#maker.outcome);
      else this.#count(this.#maker.outcome);
      if (random.fraction() < MIX.repeated) {
        copyAsRetransmission(sink, start, sink.length);
        inBlock++;
        if (replay) this.#countReplay(this.#maker.outcome);
        else this.#countRepeat(this.#maker.outcome);
      }
      if (inBlock < FILE_BLOCK_RECORDS && index + 1 < chunk.to) continue;
      blocks.push({ records: inBlock, data: sink.bytes.subarray(0, sink.length) });
      records += inBlock;
      inBlock = 0;
      sink = new ByteSink(FILE_BLOCK_RECORDS * 256);
    }
    this.#counts.files++;
    this.#counts.inFiles += records;
    return {
      partition: this.#partition(chunk.number, replay ? 44 : 43),
      key: fileName(chunk.number),
      value: buildFile(this.#seed, chunk.number, blocks),
      receivedAtMs: this.#maker.happenedMs + DELIVERY_MS,
      events: records,
    };
  }

  /** A file with more records than a message may have, all alike: small once deflated. It counts as one event. */
  #oversized(): RawMessage {
    const event = new UsageEvent();
    event.source = 'mediation-0';
    event.event_id = 'oversized';
    event.service = 'data';
    event.iccid = iccidOf(0);
    event.start_time = WINDOW_START_MS * 1000;
    event.bytes_down = 1;
    const number = deflatedFileNumber(this.#seed);
    const sink = new ByteSink(256);
    encoderOfFile(this.#seed, number)(sink, event);
    const datum = sink.bytes.subarray(0, sink.length);
    const data = Buffer.concat(Array.from({ length: OVERSIZED_RECORDS }, () => datum));
    this.#counts.oversizedFiles++;
    addOne(this.#counts.outcomes, 'suspended:MESSAGE_TOO_LARGE');
    return {
      partition: this.#partition(0, 45),
      key: fileName(number),
      value: buildFile(this.#seed, number, [{ records: OVERSIZED_RECORDS, data }]),
      receivedAtMs: WINDOW_END_MS,
      events: 1,
    };
  }

  #count(outcome: string): void {
    this.#counts.distinct++;
    addOne(this.#counts.outcomes, outcome);
  }

  #countRepeat(outcome: string): void {
    this.#counts.repeated++;
    addOne(this.#counts.outcomes, outcomeOfRepeat(outcome));
  }

  #countReplay(outcome: string): void {
    this.#counts.replayed++;
    addOne(this.#counts.outcomes, outcomeOfRepeat(outcome));
  }
}

/** The same datum with the retransmission flag, which is its last byte, set. */
function copyAsRetransmission(
  sink: ByteSink,
  start: number,
  end: number,
): { readonly start: number; readonly end: number } {
  sink.reserve(end - start);
  sink.bytes.copyWithin(sink.length, start, end);
  sink.length += end - start;
  sink.bytes[sink.length - 1] = 1;
  return { start: sink.length - (end - start), end: sink.length };
}

function groupSingles(sink: ByteSink, singles: readonly Single[]): Group[] {
  const groups: [RawMessage, ...RawMessage[]][] = [];
  for (const { start, end, partition, receivedAtMs, joined } of singles) {
    const message = { partition, key: null, value: sink.bytes.subarray(start, end), receivedAtMs, events: 1 };
    const last = groups.at(-1);
    if (joined && last !== undefined) last.push(message);
    else groups.push([message]);
  }
  return groups;
}
