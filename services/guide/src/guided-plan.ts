/**
 * Executes a plan for a raw partition: raw messages in, one block for each guided partition and one for suspense out.
 *
 * 1. Pure: the blocks depend on the messages, the plan and the reference log up to the plan's X, on nothing else. So
 *    whoever executes a plan, however late, sends the same bytes.
 * 2. Every guided partition and suspense get a block, empty if need be, that covers the plan's range.
 * 3. Every event is in exactly one block: received = guided + rejected + suspended.
 */
import {
  type BlockControls,
  type ControlTotals,
  type DecodedEvent,
  type DecodedMessage,
  encodeSuspenseBlock,
  eventKey,
  GuidedBlockWriter,
  type HeaderInput,
  isoTime,
  NO_CONTROLS,
  type Plan,
  payloadDigest,
  QUANTITY_MAX,
  quantityProblem,
  readBlockHeader,
  type SuspendedRecord,
  suspendedByGuide,
  type UsageEvent,
} from '@headrace/codec';
import { isProfile, type ReferenceIndex, type SuspenseCode } from '@headrace/rating';
import { GuideMemory } from './guide-memory.ts';

/** A raw message with what was read from it; decoding depends on the schemas known at the plan's X. */
export interface RawMessage {
  readonly partition: number;
  readonly offset: number;
  /** Microseconds. */
  readonly receivedAt: number;
  readonly value: Uint8Array;
  readonly decoded: DecodedMessage;
}

export interface GuidedPlan {
  /** One for each guided partition, in order. */
  readonly blocks: readonly Uint8Array[];
  readonly suspense: Uint8Array;
  /** The plan's control totals, then one for each guided partition. */
  readonly controls: readonly ControlTotals[];
  readonly counts: PlanCounts;
}

export interface PlanCounts {
  received: number;
  receivedBytes: number;
  guided: number;
  guidedBytes: number;
  rejected: number;
  rejectedBytes: number;
  suspended: number;
  suspendedBytes: number;
}

/** All quantities of one plan add up to at most this, so that control totals of any block stay safe integers. */
export const PLAN_QUANTITY_MAX = 2 ** 52;
const MICROS_PER_DAY = 86_400_000_000;
const MICROS_PER_MINUTE = 60_000_000;

export function executePlan(
  plan: Plan,
  messages: readonly RawMessage[],
  index: ReferenceIndex,
  rawTopic: string,
  memory = new GuideMemory(),
): GuidedPlan {
  return new PlanExecution(plan, index, rawTopic, memory).run(messages);
}

class PlanExecution {
  private readonly plan: Plan;
  private readonly index: ReferenceIndex;
  private readonly rawTopic: string;
  private readonly writers: GuidedBlockWriter[];
  private readonly suspended: SuspendedRecord[] = [];
  private readonly memory: GuideMemory;
  private readonly key = new Uint32Array(4);
  private readonly digest = new Uint32Array(2);
  private readonly counts: PlanCounts = {
    received: 0,
    receivedBytes: 0,
    guided: 0,
    guidedBytes: 0,
    rejected: 0,
    rejectedBytes: 0,
    suspended: 0,
    suspendedBytes: 0,
  };
  private blockTime = 0;

  constructor(plan: Plan, index: ReferenceIndex, rawTopic: string, memory: GuideMemory) {
    this.plan = plan;
    this.index = index;
    this.rawTopic = rawTopic;
    this.memory = memory;
    memory.startPlan();
    this.writers = Array.from({ length: plan.guidedPartitions }, () => new GuidedBlockWriter(memory.entries));
  }

  run(messages: readonly RawMessage[]): GuidedPlan {
    for (const message of messages) this.blockTime = Math.max(this.blockTime, message.receivedAt);
    for (const message of messages) this.guideMessage(message);
    const controls: ControlTotals[] = [];
    const blocks = this.writers.map((writer, partition) => {
      const counted = { ...NO_CONTROLS, events: writer.count, bytes: writer.usageBytes };
      const block = writer.finish(this.header('usage', partition, counted));
      controls.push(this.partitionControls(partition, counted, digestOf(block)));
      return block;
    });
    const { rejected, rejectedBytes, suspended, suspendedBytes } = this.counts;
    const suspense = encodeSuspenseBlock({
      header: this.header('suspense', -1, { ...NO_CONTROLS, rejected, rejectedBytes, suspended, suspendedBytes }),
      records: this.suspended,
    });
    return { blocks, suspense, controls: [this.planControls(), ...controls], counts: this.counts };
  }

  private guideMessage(message: RawMessage): void {
    const { decoded } = message;
    if (decoded.kind === 'refused') {
      this.refuse(message, -1, { event: null, refused: decoded, raw: message.value, rawEncoding: 'message' });
      return;
    }
    if (usageOf(decoded) > PLAN_QUANTITY_MAX) {
      const detail = `the quantities of its ${decoded.events.length} events add up to more than ${PLAN_QUANTITY_MAX}`;
      const refused = { code: 'QUANTITY_INVALID', outcome: 'suspended', detail } as const;
      this.refuse(message, -1, { event: null, refused, raw: message.value, rawEncoding: 'message' });
      return;
    }
    decoded.events.forEach((entry, rawIndex) => {
      this.guideEvent(message, entry, rawIndex);
    });
  }

  private guideEvent(message: RawMessage, entry: DecodedEvent, rawIndex: number): void {
    if (entry.refused !== null) {
      this.refuse(message, rawIndex, entry);
      return;
    }
    const { event } = entry;
    const wrong = this.timeProblem(event, message.receivedAt) ?? quantityProblem(event);
    if (wrong !== null) {
      this.refuseAs(message, rawIndex, entry, wrong);
      return;
    }
    const id = eventKey(event, this.key);
    if (id === null) {
      const detail = 'no complete event key: event_id, or the numbers of a session record, or a reference, is needed';
      this.refuseAs(message, rawIndex, entry, { code: 'FIELD_MISSING', detail });
      return;
    }
    const profile = this.index.resolve(event.iccid, event.imsi, event.msisdn, event.startTime, this.plan.to.x);
    if (!isProfile(profile)) {
      this.refuseAs(message, rawIndex, entry, profile);
      return;
    }
    payloadDigest(event, this.digest);
    this.writers[this.memory.partitionOf(profile.ratingKey, this.plan.guidedPartitions)].add({
      event,
      profile,
      context: this.memory.contextOf(event, entry.rawEncoding),
      key: this.key,
      id,
      payloadDigest: this.digest,
      receivedAt: message.receivedAt,
      rawPartition: message.partition,
      rawOffset: message.offset,
      rawIndex,
      raw: entry.raw,
    });
    const bytes = event.bytesUp + event.bytesDown;
    this.counts.received += 1;
    this.counts.receivedBytes += bytes;
    this.counts.guided += 1;
    this.counts.guidedBytes += bytes;
  }

  private refuseAs(
    message: RawMessage,
    rawIndex: number,
    entry: DecodedEvent,
    wrong: { readonly code: SuspenseCode; readonly detail: string },
  ): void {
    const outcome = wrong.code === 'FIELD_MISSING' || wrong.code === 'TIME_TOO_OLD' ? 'rejected' : 'suspended';
    this.refuse(message, rawIndex, { ...entry, refused: { ...wrong, outcome } });
  }

  private refuse(message: RawMessage, originIndex: number, decoded: DecodedEvent): void {
    const bytes = usageBytes(decoded.event);
    this.suspended.push(
      suspendedByGuide({
        decoded,
        originTopic: this.rawTopic,
        originPartition: message.partition,
        originOffset: message.offset,
        originIndex,
        receivedAt: message.receivedAt,
        blockTime: this.blockTime,
      }),
    );
    this.counts.received += 1;
    this.counts.receivedBytes += bytes;
    if (decoded.refused?.outcome === 'rejected') {
      this.counts.rejected += 1;
      this.counts.rejectedBytes += bytes;
    } else {
      this.counts.suspended += 1;
      this.counts.suspendedBytes += bytes;
    }
  }

  private timeProblem(event: UsageEvent, receivedAt: number): { code: SuspenseCode; detail: string } | null {
    const { horizonDays, futureToleranceMinutes } = this.plan;
    if (event.startTime < receivedAt - horizonDays * MICROS_PER_DAY) {
      const detail = `start_time ${isoTime(event.startTime)} is more than ${horizonDays} days before receipt at ${isoTime(receivedAt)}`;
      return { code: 'TIME_TOO_OLD', detail };
    }
    if (event.startTime > receivedAt + futureToleranceMinutes * MICROS_PER_MINUTE) {
      const detail = `start_time ${isoTime(event.startTime)} is more than ${futureToleranceMinutes} minutes after receipt at ${isoTime(receivedAt)}`;
      return { code: 'TIME_IN_FUTURE', detail };
    }
    return null;
  }

  private header(kind: 'usage' | 'suspense', partition: number, controls: BlockControls): HeaderInput {
    const { source, from, to, generation, horizonDays } = this.plan;
    return {
      v: 1,
      kind,
      source,
      from,
      to,
      generation,
      partition,
      status: 'applied',
      blockTime: this.blockTime,
      horizonDays,
      controls,
    };
  }

  private planControls(): ControlTotals {
    const { counts } = this;
    return {
      ...controlsOf(this.plan, 'guide', -1, this.blockTime),
      eventsIn: counts.received,
      eventsGuided: counts.guided,
      eventsRejected: counts.rejected,
      eventsSuspended: counts.suspended,
      bytesIn: counts.receivedBytes,
      bytesGuided: counts.guidedBytes,
      bytesRejected: counts.rejectedBytes,
      bytesSuspended: counts.suspendedBytes,
    };
  }

  private partitionControls(partition: number, counted: BlockControls, digest: string): ControlTotals {
    const { events, bytes } = counted;
    return {
      ...controlsOf(this.plan, 'guided', partition, this.blockTime),
      eventsIn: events,
      eventsGuided: events,
      bytesIn: bytes,
      bytesGuided: bytes,
      digest,
    };
  }
}

/** Control totals of a plan with all figures at zero. */
export function controlsOf(plan: Plan, stage: string, guidedPartition: number, blockTime: number): ControlTotals {
  return {
    stage,
    source: plan.source,
    fromOffset: plan.from.offset,
    fromX: plan.from.x,
    toOffset: plan.to.offset,
    toX: plan.to.x,
    generation: plan.generation,
    guidedPartition,
    guidedOffset: -1,
    blockTime,
    status: 'applied',
    eventsIn: 0,
    eventsGuided: 0,
    eventsRated: 0,
    eventsDuplicate: 0,
    eventsRejected: 0,
    eventsSuspended: 0,
    bytesIn: 0,
    bytesGuided: 0,
    bytesRated: 0,
    bytesDuplicate: 0,
    bytesRejected: 0,
    bytesSuspended: 0,
    lines: 0,
    quantity: 0,
    eventQuantity: 0,
    brokenEvents: 0,
    amounts: {},
    digest: '',
  };
}

/** The digest that a block we just made says of itself. */
export function digestOf(block: Uint8Array): string {
  const read = readBlockHeader(block);
  if (read.problem !== null) throw new Error(`a block that was just encoded cannot be read: ${read.problem}`);
  return read.header.digest;
}

/** The sum of a message's plausible quantities, of all units. */
export function usageOf(decoded: DecodedMessage): number {
  if (decoded.kind === 'refused') return 0;
  let sum = 0;
  for (const { event, refused } of decoded.events) {
    if (event === null || refused !== null || quantityProblem(event) !== null) continue;
    sum += event.bytesUp + event.bytesDown + event.seconds + event.units;
  }
  return sum;
}

/** Usage bytes of what was refused, 0 where they cannot be known or are no count. */
function usageBytes(event: UsageEvent | null): number {
  if (event === null) return 0;
  const bytes = event.bytesUp + event.bytesDown;
  return bytes >= 0 && bytes <= QUANTITY_MAX ? bytes : 0;
}
