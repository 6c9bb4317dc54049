/**
 * Guides one raw partition, from the plan log's end onwards.
 *
 *   open ──plans that may not be executed──▶ pending ──all executed──▶ planning ⇄ executing
 *
 * 1. A plan is written and counts before any of its blocks is sent.
 * 2. Plans are executed in order, one at a time, whoever wrote them.
 * 3. The raw offset is committed after every block of a plan is acknowledged; a crash in between repeats the plan.
 * 4. X of a plan is a position up to which every guided partition has acknowledged the facts, and never falls.
 */
import { type DecodedMessage, type Plan, UsageDecoder } from '@headrace/codec';
import { type Gate, type Logger, messageOf, retrying } from '@headrace/platform';
import type { Broker, Committed, OrderedProducer, PartitionHandle, StreamMessage } from '@headrace/stream';
import { TOPICS } from '@headrace/stream';
import type { PlanLimits, PlanRules } from './config.ts';
import type { GuideMemory } from './guide-memory.ts';
import { executePlan, type GuidedPlan, PLAN_QUANTITY_MAX, type PlanCounts, usageOf } from './guided-plan.ts';
import type { CountedPlan } from './plan-chain.ts';
import { decodeMark, encodeMark, PlanLog } from './plan-log.ts';
import type { ReferenceFollower } from './reference-follower.ts';
import type { ReferenceWriter } from './reference-writer.ts';
import { sendPlan } from './send-plan.ts';

/** What a guided event adds to its raw bytes, about, with a dictionary entry of its own. */
const GUIDED_OVERHEAD_BYTES = 450;

export interface GuideRoom {
  readonly broker: Broker;
  readonly producer: OrderedProducer;
  readonly reference: ReferenceFollower;
  readonly writer: ReferenceWriter;
  readonly rules: PlanRules;
  readonly limits: PlanLimits;
  /** Limits how many partitions hold decoded events and blocks at once. */
  readonly plansAtOnce: Gate;
  /** Shared by the partitions: plans are executed one at a time. */
  readonly memory: GuideMemory;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Called after a plan's blocks are acknowledged. */
  readonly executed: (source: string, counts: PlanCounts) => void;
}

export class RawPartition {
  private readonly room: GuideRoom;
  private readonly partition: number;
  private readonly source: string;
  private readonly plans: PlanLog;
  private readonly rawTopic: string;
  private pending: CountedPlan[] = [];
  /** Messages received and not yet covered by an executed plan. */
  private buffer: StreamMessage[] = [];
  /** What sizing a plan decoded, so that executing it need not decode again; valid for one X. */
  private decoded: { readonly x: number; readonly messages: Map<number, DecodedMessage> } = {
    x: -1,
    messages: new Map(),
  };
  private planNumber = 0;
  /** Known from the first delivery on; an idle partition has none and leaves the commit to its next message. */
  private handle: PartitionHandle | null = null;
  private closed = false;
  /** Serialises deliveries with idle plans. */
  private turn: Promise<void> = Promise.resolve();

  constructor(room: GuideRoom, partition: number) {
    this.room = room;
    this.partition = partition;
    this.source = `raw/${partition}`;
    this.rawTopic = room.broker.topic(TOPICS.usageEvents);
    this.plans = new PlanLog(room.broker, room.producer, this.source);
  }

  /** Reads the plan log. @returns the raw offset to start at */
  async open(committed: Committed | null): Promise<number> {
    const mark = committed === null ? null : decodeMark(committed.metadata);
    const { log, signal } = this.room;
    const counted = await retrying(`read plans of ${this.source}`, log, signal, () => this.plans.open(mark));
    const covered = committed?.offset ?? 0;
    this.pending = counted.filter(({ plan }) => plan.to.offset >= covered);
    this.planNumber = counted.at(-1)?.plan.number ?? 0;
    this.room.log.info('raw partition opened', {
      source: this.source,
      committed: covered,
      pendingPlans: this.pending.length,
      plannedTo: this.plans.end,
    });
    return this.pending[0]?.plan.from.offset ?? this.plans.end.offset;
  }

  /** Takes the next messages; resolves when all that can be guided is acknowledged. */
  take(handle: PartitionHandle, messages: readonly StreamMessage[]): Promise<void> {
    this.handle = handle;
    return this.inTurn(async () => {
      this.buffer = this.buffer.length === 0 ? [...messages] : [...this.buffer, ...messages];
      await this.advance();
      // What stays waits for the rest of a plan; it must not hold the whole fetch in memory.
      this.buffer = this.buffer.map((message) => ({ ...message, value: message.value && Buffer.from(message.value) }));
    });
  }

  /** Passes control facts (a close, a new partition) while no usage arrives. */
  idle(): Promise<void> {
    return this.inTurn(async () => {
      const { index, guidedX } = this.room.reference;
      if (this.lost || this.pending.length > 0 || this.buffer.length > 0) return;
      const control = index.lastControlPosition;
      if (control < this.plans.end.x || control >= guidedX) return;
      await this.decide(this.newPlan(this.plans.end.offset, guidedX));
      await this.advance();
    });
  }

  /** No longer ours: nothing more is planned. */
  close(): void {
    this.closed = true;
  }

  private get lost(): boolean {
    return this.closed || this.handle?.lost === true;
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.turn.then(work);
    // The next turn goes on after a failure; the failure itself reaches whoever awaits `mine`.
    this.turn = mine.catch((error: unknown) => {
      this.room.log.debug('a turn failed', { source: this.source, reason: messageOf(error) });
    });
    return mine;
  }

  private async advance(): Promise<void> {
    const { plansAtOnce, writer } = this.room;
    while (!this.lost) {
      if (this.pending.length > 0) {
        if (!this.canExecute()) return;
        await plansAtOnce.run(() => this.executeNext());
      } else if (this.buffer.length > 0) {
        await writer.learnSchemas(this.buffer.map(({ value }) => value));
        await plansAtOnce.run(async () => {
          if (!this.lost) await this.planNext();
          await this.executeNext();
        });
      } else return;
    }
  }

  /** Whether all messages of the next plan are here. */
  private canExecute(): boolean {
    const plan = this.pending[0]?.plan;
    if (plan === undefined || this.lost) return false;
    const seen = (this.buffer.at(-1)?.offset ?? -1) + 1;
    return plan.to.offset === plan.from.offset || seen >= plan.to.offset;
  }

  private async planNext(): Promise<void> {
    const x = Math.max(this.room.reference.guidedX, this.plans.end.x);
    const count = this.messagesForPlan(x);
    await this.decide(this.newPlan(this.buffer[count - 1].offset + 1, x));
  }

  /** How many of the buffered messages fit into one plan; at least one. */
  private messagesForPlan(x: number): number {
    const { eventsMax, bytesMax } = this.room.limits;
    const decoder = this.decoder(x);
    const kept = new Map<number, DecodedMessage>();
    this.decoded = { x, messages: kept };
    let events = 0;
    let bytes = 0;
    let usage = 0;
    for (const [at, message] of this.buffer.entries()) {
      const decoded = decoder.decodeMessage(message.value);
      const size = planSize(decoded, message.value?.length ?? 0);
      events += size.events;
      bytes += size.bytes;
      usage += usageOf(decoded);
      if (at > 0 && (events > eventsMax || bytes > bytesMax || usage > PLAN_QUANTITY_MAX)) return at;
      kept.set(message.offset, decoded);
    }
    return this.buffer.length;
  }

  private newPlan(offset: number, x: number): Plan {
    const guided = this.room.reference.index.guidedPartitions(x);
    if (guided === null) throw new Error('a plan needs the count of guided partitions as a fact');
    return {
      format: 1,
      source: this.source,
      number: this.planNumber + 1,
      from: this.plans.end,
      to: { offset, x },
      generation: guided.generation,
      guidedPartitions: guided.count,
      ...this.room.rules,
    };
  }

  private async decide(plan: Plan): Promise<void> {
    const { log, signal } = this.room;
    const { counted, mine } = await retrying(`write a plan of ${this.source}`, log, signal, () =>
      this.plans.append(plan),
    );
    if (!mine) log.warn('another guide planned first; its plans are executed', { source: this.source });
    this.pending.push(...counted);
    this.planNumber = counted.at(-1)?.plan.number ?? this.planNumber;
  }

  private async executeNext(): Promise<void> {
    const next = this.pending[0];
    if (next === undefined || !this.canExecute()) return;
    const { plan, offset } = next;
    const { reference, log, signal, broker, producer } = this.room;
    await reference.until(() => reference.index.end >= plan.to.x, signal);
    const guided = this.guide(plan);
    await retrying(`send blocks of ${this.source}`, log, signal, () => sendPlan(broker, producer, plan, guided));
    this.pending.shift();
    this.buffer = this.buffer.filter((message) => message.offset >= plan.to.offset);
    this.handle?.commit(plan.to.offset, encodeMark({ planOffset: offset }));
    this.room.executed(this.source, guided.counts);
  }

  /** Apart from `executeNext`, so that decoded events, many times their bytes, are let go before the blocks are sent. */
  private guide(plan: Plan): GuidedPlan {
    const { x } = plan.to;
    const { index } = this.room.reference;
    const decoder = this.decoder(x);
    const known = this.decoded.x === x ? this.decoded.messages : null;
    this.decoded = { x: -1, messages: new Map() };
    const messages = this.buffer
      .filter((message) => message.offset >= plan.from.offset && message.offset < plan.to.offset)
      .map((message) => ({
        partition: this.partition,
        offset: message.offset,
        receivedAt: receiptMicros(message, plan.receiptTime),
        value: message.value ?? new Uint8Array(),
        decoded: known?.get(message.offset) ?? decoder.decodeMessage(message.value),
      }));
    return executePlan(plan, messages, index, this.rawTopic, this.room.memory);
  }

  private decoder(x: number): UsageDecoder {
    const { index } = this.room.reference;
    return new UsageDecoder({ schemaText: (id) => index.schema(id, x) ?? null });
  }
}

/** Receipt time in microseconds: the header `received-at` (milliseconds) where asked for and usable, else Kafka's. */
export function receiptMicros(message: StreamMessage, receiptTime: 'log' | 'header'): number {
  const header = receiptTime === 'header' ? message.headers['received-at'] : undefined;
  const given = header !== undefined && /^\d{1,14}$/.test(header) ? Number(header) : message.timestampMs;
  return given * 1000;
}

/** What a message adds to a plan: containers may be compressed, so the bytes of the events count, not the message's. */
function planSize(decoded: DecodedMessage, messageBytes: number): { readonly events: number; readonly bytes: number } {
  if (decoded.kind === 'refused') return { events: 1, bytes: messageBytes };
  let bytes = 0;
  for (const { raw } of decoded.events) bytes += raw.length + GUIDED_OVERHEAD_BYTES;
  return { events: decoded.events.length, bytes };
}
