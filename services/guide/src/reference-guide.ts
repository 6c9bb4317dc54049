/**
 * Guides the reference log itself: each fact to the partitions that it concerns, as a block with the source `reference`.
 * One instance owns the log's only partition at a time.
 *
 * 1. The same plans, ranges and acknowledgements as for raw partitions; a fact's own position is its X.
 * 2. The reference offset is committed, and other plans may use it as X, only after every guided partition acknowledged.
 */
import { encodeFactBlock, NO_CONTROLS, type Plan } from '@headrace/codec';
import { type Logger, retrying } from '@headrace/platform';
import { type GuidedFact, guidedPartition, type ReferenceFact, type ReferenceIndex } from '@headrace/rating';
import type { Broker, Committed, OrderedProducer, PartitionHandle, StreamMessage } from '@headrace/stream';
import type { PlanRules } from './config.ts';
import { controlsOf, digestOf, type GuidedPlan } from './guided-plan.ts';
import type { CountedPlan } from './plan-chain.ts';
import { decodeMark, encodeMark, PlanLog } from './plan-log.ts';
import type { ReferenceFollower } from './reference-follower.ts';
import { sendPlan } from './send-plan.ts';

/** Facts of one plan at most, about; a message is never split. */
const PLAN_BYTES_MAX = 4 * 1024 * 1024;

export class ReferenceGuide {
  private readonly broker: Broker;
  private readonly producer: OrderedProducer;
  private readonly reference: ReferenceFollower;
  private readonly rules: PlanRules;
  private readonly log: Logger;
  private readonly signal: AbortSignal;
  private readonly plans: PlanLog;
  private pending: CountedPlan[] = [];
  private buffer: StreamMessage[] = [];
  private planNumber = 0;

  constructor(
    broker: Broker,
    producer: OrderedProducer,
    reference: ReferenceFollower,
    rules: PlanRules,
    log: Logger,
    signal: AbortSignal,
  ) {
    this.broker = broker;
    this.producer = producer;
    this.reference = reference;
    this.rules = rules;
    this.log = log;
    this.signal = signal;
    this.plans = new PlanLog(broker, producer, 'reference');
  }

  /** Reads the plan log. @returns the offset to start at */
  async open(committed: Committed | null): Promise<number> {
    const mark = committed === null ? null : decodeMark(committed.metadata);
    const counted = await retrying('read plans of reference', this.log, this.signal, () => this.plans.open(mark));
    const covered = committed?.offset ?? 0;
    this.pending = counted.filter(({ plan }) => plan.to.offset >= covered);
    this.planNumber = counted.at(-1)?.plan.number ?? 0;
    this.buffer = [];
    return this.pending[0]?.plan.from.offset ?? this.plans.end.offset;
  }

  async take(handle: PartitionHandle, messages: readonly StreamMessage[]): Promise<void> {
    this.buffer = [...this.buffer, ...messages];
    while (!handle.lost && this.buffer.length > 0) {
      const seen = this.buffer[this.buffer.length - 1].offset + 1;
      await this.reference.until(() => this.reference.index.end >= seen, this.signal);
      const next = this.pending[0];
      if (next === undefined) {
        if (!(await this.decide())) return;
      } else if (next.plan.to.offset > seen) return;
      else await this.execute(handle, next);
    }
  }

  /** Writes the next plan. @returns false if the log does not say yet how many guided partitions there are */
  private async decide(): Promise<boolean> {
    const to = this.buffer[this.messagesForPlan() - 1].offset + 1;
    const guided = this.reference.index.guidedPartitions(to);
    if (guided === null) {
      this.log.warn('the reference log does not say how many guided partitions there are; run headrace init');
      return false;
    }
    const plan: Plan = {
      format: 1,
      source: 'reference',
      number: this.planNumber + 1,
      from: this.plans.end,
      to: { offset: to, x: to },
      generation: guided.generation,
      guidedPartitions: guided.count,
      ...this.rules,
    };
    const { counted } = await retrying('write a plan of reference', this.log, this.signal, () =>
      this.plans.append(plan),
    );
    this.pending.push(...counted);
    this.planNumber = counted.at(-1)?.plan.number ?? this.planNumber;
    return true;
  }

  private messagesForPlan(): number {
    let bytes = 0;
    for (const [at, message] of this.buffer.entries()) {
      bytes += message.value?.length ?? 0;
      if (at > 0 && bytes > PLAN_BYTES_MAX) return at;
    }
    return this.buffer.length;
  }

  private async execute(handle: PartitionHandle, { plan, offset }: CountedPlan): Promise<void> {
    const covered = this.buffer.filter((message) => message.offset < plan.to.offset);
    const messages = covered.filter((message) => message.offset >= plan.from.offset);
    const guided = executeReferencePlan(plan, messages, this.reference.index);
    await retrying('send blocks of reference', this.log, this.signal, () =>
      sendPlan(this.broker, this.producer, plan, guided),
    );
    this.pending.shift();
    this.buffer = this.buffer.slice(covered.length);
    handle.commit(plan.to.offset, encodeMark({ planOffset: offset }));
    this.reference.acknowledged(plan.to.offset);
  }
}

/** Pure: the blocks of a reference plan. Facts are reference data, not usage, so their control totals are zero. */
export function executeReferencePlan(
  plan: Plan,
  messages: readonly StreamMessage[],
  index: ReferenceIndex,
): Pick<GuidedPlan, 'blocks' | 'controls'> & { readonly suspense: null } {
  const facts: GuidedFact[][] = Array.from({ length: plan.guidedPartitions }, () => []);
  let blockTime = 0;
  for (const message of messages) {
    const receivedAt = message.timestampMs * 1000;
    blockTime = Math.max(blockTime, receivedAt);
    const text = new TextDecoder().decode(message.value ?? new Uint8Array());
    for (const fact of index.factsOf(message.offset, text)) {
      const guidedFact = { position: message.offset, receivedAt, kind: fact.kind, fact: JSON.stringify(fact) };
      for (const partition of partitionsOf(fact, index, plan.guidedPartitions)) facts[partition].push(guidedFact);
    }
  }
  const { source, from, to, generation, horizonDays } = plan;
  const header = {
    v: 1,
    kind: 'reference',
    source,
    from,
    to,
    generation,
    status: 'applied',
    blockTime,
    horizonDays,
  } as const;
  const blocks = facts.map((own, partition) =>
    encodeFactBlock({ header: { ...header, partition, controls: NO_CONTROLS }, facts: own }),
  );
  const controls = blocks.map((block, partition) => ({
    ...controlsOf(plan, 'guided', partition, blockTime),
    digest: digestOf(block),
  }));
  return { blocks, suspense: null, controls };
}

function partitionsOf(fact: ReferenceFact, index: ReferenceIndex, count: number): readonly number[] {
  const concern = index.concern(fact);
  switch (concern.to) {
    case 'none':
      return [];
    case 'all':
      return Array.from({ length: count }, (_, partition) => partition);
    case 'key':
      return [guidedPartition(concern.ratingKey, count)];
    default:
      return concern satisfies never;
  }
}
