/**
 * How fast one thread guides: raw messages are decoded, validated, resolved and written as blocks for four guided
 * partitions, plan by plan, as a guide does. The yardstick is avsc's generic decoding of the same events in the same run.
 * No issue sets a goal for it.
 *
 * It checks its result: every event is guided, rejected or suspended, and all rounds give the same bytes. It leaves out
 * Kafka, the plan log, compression, and applying the reference log. A round begins without what a guide keeps from plan
 * to plan, so it is a cold start.
 */
import { createHash } from 'node:crypto';
import { type DecodedMessage, type Plan, schemaManifest, UsageDecoder } from '@headrace/codec';
import { GuideMemory } from '@headrace/guide/guide-memory';
import { executePlan, type RawMessage } from '@headrace/guide/guided-plan';
import { ReferenceIndex } from '@headrace/rating';
import { createWorkload } from '@headrace/testkit';
import avsc from 'avsc';
import { collectGarbage, cpuMs, median, spreadOf } from './cpu-time.ts';

const GUIDED_PARTITIONS = 4;
const PLAN_EVENTS = 4_096;

export interface GuideOptions {
  readonly events: number;
  readonly rounds: number;
  readonly seed: string;
  readonly progress: (what: string) => void;
}

export interface GuideResult {
  readonly seed: string;
  readonly events: number;
  readonly guided: number;
  readonly rounds: number;
  readonly bareDecodePerSecond: number;
  readonly decodePerSecond: number;
  /** Validation, resolution and writing. */
  readonly executePerSecond: number;
  readonly guidePerSecond: number;
  /** Median over rounds of the ratio within a round. */
  readonly guideToDecode: number;
  readonly spread: string;
}

interface Raw {
  readonly value: Uint8Array;
  readonly receivedAt: number;
}

interface Round {
  readonly decodeMs: number;
  readonly executeMs: number;
  readonly events: number;
  readonly guided: number;
  readonly digest: string;
}

export function measureGuide(options: GuideOptions): GuideResult {
  options.progress(`making ${options.events} events, seed ${options.seed}`);
  const workload = createWorkload({ seed: options.seed, events: options.events, scale: 'S' });
  const index = new ReferenceIndex();
  let x = 0;
  for (const { json } of workload.facts()) index.applyMessage(x++, json);
  const messages: Raw[] = [];
  for (const { value, receivedAtMs } of workload.messages()) {
    messages.push({ value, receivedAt: receivedAtMs * 1000 });
  }
  const ratios: number[] = [];
  const rounds: Round[] = [];
  const bare: number[] = [];
  for (let number = 0; number < options.rounds; number += 1) {
    collectGarbage();
    const yardstick = bareDecode(messages);
    collectGarbage();
    const round = guide(messages, index, x);
    rounds.push(round);
    bare.push(yardstick.perEvent);
    ratios.push(yardstick.perEvent / ((round.decodeMs + round.executeMs) / round.events));
    options.progress(`round ${number + 1} of ${options.rounds}: ${(100 * ratios[number]).toFixed(1)} %`);
  }
  const [first] = rounds;
  if (rounds.some(({ digest }) => digest !== first.digest)) throw new Error('rounds gave different bytes');
  const perSecond = (milliseconds: number): number => (first.events * 1000) / milliseconds;
  return {
    seed: options.seed,
    events: first.events,
    guided: first.guided,
    rounds: options.rounds,
    bareDecodePerSecond: 1000 / median(bare),
    decodePerSecond: perSecond(median(rounds.map(({ decodeMs }) => decodeMs))),
    executePerSecond: perSecond(median(rounds.map(({ executeMs }) => executeMs))),
    guidePerSecond: perSecond(median(rounds.map(({ decodeMs, executeMs }) => decodeMs + executeMs))),
    guideToDecode: median(ratios),
    spread: spreadOf(ratios),
  };
}

/** Milliseconds for each event of avsc's generic decoding of the events that our decoder reads. */
function bareDecode(messages: readonly Raw[]): { readonly perEvent: number } {
  const entry = schemaManifest().find(({ subject }) => subject === 'usage-event');
  if (entry === undefined) throw new Error('the manifest has no usage-event');
  const type = avsc.Type.forSchema(JSON.parse(entry.schema));
  const decoder = newDecoder();
  const data: Buffer[] = [];
  for (const { value } of messages) {
    const decoded = decoder.decodeMessage(value);
    if (decoded.kind === 'refused') continue;
    for (const { raw, rawEncoding, refused } of decoded.events) {
      if (refused !== null || (rawEncoding !== 'message' && rawEncoding !== `datum:${entry.id}`)) continue;
      const datum = rawEncoding === 'message' ? raw.subarray(5) : raw;
      data.push(Buffer.from(datum.buffer, datum.byteOffset, datum.length));
    }
  }
  const started = cpuMs();
  for (const datum of data) type.decode(datum, 0);
  return { perEvent: (cpuMs() - started) / data.length };
}

function guide(messages: readonly Raw[], index: ReferenceIndex, x: number): Round {
  const decoder = newDecoder();
  const memory = new GuideMemory();
  const hash = createHash('sha256');
  const sums = { decodeMs: 0, executeMs: 0, events: 0, guided: 0 };
  let from = 0;
  while (from < messages.length) {
    const started = cpuMs();
    const batch: RawMessage[] = [];
    let events = 0;
    while (events < PLAN_EVENTS && from + batch.length < messages.length) {
      const offset = from + batch.length;
      const { value, receivedAt } = messages[offset];
      const decoded: DecodedMessage = decoder.decodeMessage(value);
      events += decoded.kind === 'refused' ? 1 : decoded.events.length;
      batch.push({ partition: 0, offset, receivedAt, value, decoded });
    }
    const decodedAt = cpuMs();
    const to = from + batch.length;
    const { blocks, suspense, counts } = executePlan(planOf(from, to, x), batch, index, 'usage.events', memory);
    sums.executeMs += cpuMs() - decodedAt;
    sums.decodeMs += decodedAt - started;
    sums.events += events;
    sums.guided += counts.guided;
    if (counts.received !== events || counts.guided + counts.rejected + counts.suspended !== events) {
      throw new Error(`a plan of ${events} events accounts for ${JSON.stringify(counts)}`);
    }
    for (const block of [...blocks, suspense]) hash.update(block);
    from = to;
  }
  return { ...sums, digest: hash.digest('hex') };
}

function planOf(from: number, to: number, x: number): Plan {
  return {
    format: 1,
    source: 'raw/0',
    number: 1,
    from: { offset: from, x: from === 0 ? 0 : x },
    to: { offset: to, x },
    generation: 1,
    guidedPartitions: GUIDED_PARTITIONS,
    receiptTime: 'header',
    horizonDays: 45,
    futureToleranceMinutes: 60,
  };
}

function newDecoder(): UsageDecoder {
  const schemas = schemaManifest();
  return new UsageDecoder({ schemaText: (id) => schemas.find((entry) => entry.id === id)?.schema ?? null });
}
