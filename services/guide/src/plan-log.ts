/**
 * One partition of usage.guide-plans: the decisions of guiding for one source, written down before they are executed.
 *
 * 1. `open` reads the log to its end, from the last plan that is known to count.
 * 2. `append` writes one plan and finds out which plans count since: where the acknowledged offset is the next one that
 *    we expect, nobody wrote in between and nothing needs to be read; else the log is read back up to our own record.
 * 3. An append whose outcome is unknown is a record that may or may not be there: the log is read back before another.
 */
import { decodePlan, encodePlan, type Plan } from '@headrace/codec';
import { HeadraceError } from '@headrace/platform';
import { type Broker, type OrderedProducer, TOPICS } from '@headrace/stream';
import { type CountedPlan, PlanChain } from './plan-chain.ts';

/** What the group's commit says beside the raw offset: where in the plan log the last executed plan stands. */
export interface CommitMark {
  readonly planOffset: number;
}

export function encodeMark(mark: CommitMark): string {
  return JSON.stringify(mark);
}

export function decodeMark(metadata: string): CommitMark | null {
  if (metadata === '') return null;
  const value: unknown = JSON.parse(metadata);
  const planOffset = typeof value === 'object' && value !== null && 'planOffset' in value ? value.planOffset : null;
  if (typeof planOffset !== 'number' || !Number.isSafeInteger(planOffset)) {
    throw new HeadraceError(
      'PLAN_CONFLICT',
      `The committed metadata ${metadata} of the guide's group names no plan offset.`,
    );
  }
  return { planOffset };
}

/** The plan partition of a source: 0 for the reference log, 1 + r for raw partition r. */
export function planPartition(source: string): number {
  return source === 'reference' ? 0 : 1 + Number(source.slice('raw/'.length));
}

export class PlanLog {
  private readonly broker: Broker;
  private readonly producer: OrderedProducer;
  private readonly topic: string;
  private readonly partition: number;
  private chain = new PlanChain();
  private nextOffset = 0;
  /** True after an append whose acknowledgement did not come. */
  private unsure = false;

  constructor(broker: Broker, producer: OrderedProducer, source: string) {
    this.broker = broker;
    this.producer = producer;
    this.topic = broker.topic(TOPICS.guidePlans);
    this.partition = planPartition(source);
  }

  /** Where the next plan has to begin. */
  get end(): CountedPlan['plan']['to'] {
    return this.chain.end;
  }

  /**
   * Reads the log from the plan that `mark` names (it counts, since it was executed) or from its begin.
   * @returns the plans that count, the marked one included, in order
   */
  async open(mark: CommitMark | null): Promise<readonly CountedPlan[]> {
    const start = mark?.planOffset ?? 0;
    this.nextOffset = start;
    const counted: CountedPlan[] = [];
    for await (const { plan, offset } of this.readTo(await this.logEnd())) {
      if (offset === start && mark !== null) this.chain = new PlanChain(plan.from);
      if (this.chain.accept(plan)) counted.push({ plan, offset });
    }
    if (mark !== null && counted[0]?.offset !== start) {
      throw new HeadraceError(
        'OFFSET_GONE',
        `${this.topic}/${this.partition} has no plan at offset ${start}, which the group's commit names; plans must never be deleted. Restore the topic, or reset the group headrace-guide to begin anew.`,
      );
    }
    return counted;
  }

  /** Writes a plan. @returns the plans that count since the last call, in order: ours is the last, or it lost. */
  async append(plan: Plan): Promise<{ readonly counted: readonly CountedPlan[]; readonly mine: boolean }> {
    if (this.unsure) {
      const counted = await this.catchUp(await this.logEnd());
      this.unsure = false;
      if (counted.length > 0) return { counted, mine: false };
    }
    this.unsure = true;
    const [ack] = await this.producer.send([
      { topic: this.topic, partition: this.partition, messages: [{ value: encodePlan(plan) }] },
    ]);
    const offset = ack.baseOffset;
    const counted = [...(await this.catchUp(offset))];
    const mine = this.chain.accept(plan);
    if (mine) counted.push({ plan, offset });
    this.nextOffset = offset + 1;
    this.unsure = false;
    return { counted, mine };
  }

  private async catchUp(end: number): Promise<CountedPlan[]> {
    const counted: CountedPlan[] = [];
    if (end <= this.nextOffset) return counted;
    for await (const { plan, offset } of this.readTo(end)) {
      if (this.chain.accept(plan)) counted.push({ plan, offset });
    }
    this.nextOffset = end;
    return counted;
  }

  private async *readTo(end: number): AsyncGenerator<CountedPlan> {
    if (end <= this.nextOffset) return;
    for await (const message of this.broker.read(this.topic, this.partition, this.nextOffset, end)) {
      const read = decodePlan(message.value);
      if (read.problem !== null) {
        throw new HeadraceError(
          'PLAN_CONFLICT',
          `${this.topic}/${this.partition} offset ${message.offset} is no plan: ${read.problem}. Guiding of this partition cannot go on; find out who wrote it.`,
        );
      }
      yield { plan: read.plan, offset: message.offset };
    }
    this.nextOffset = end;
  }

  private async logEnd(): Promise<number> {
    const offsets = await this.broker.offsets(this.topic);
    const own = offsets.find(({ partition }) => partition === this.partition);
    if (own === undefined) {
      throw new HeadraceError(
        'TOPIC_PARTITIONS',
        `${this.topic} has no partition ${this.partition}; it needs one for the reference log and one for each raw partition. Run headrace init to add what is missing.`,
      );
    }
    return own.end;
  }
}
