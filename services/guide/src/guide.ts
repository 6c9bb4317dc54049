/**
 * Wires the guide: the reference log followed by every instance and guided by one, the raw partitions shared out by the
 * consumer group.
 */
import {
  type Counter,
  Gate,
  type Gauge,
  type Health,
  type Logger,
  type Metrics,
  ProgressWatch,
  type Service,
} from '@headrace/platform';
import { Broker, type Consumption, type KafkaSettings, type OrderedProducer, TOPICS } from '@headrace/stream';
import type { PlanLimits, PlanRules } from './config.ts';
import { GuideMemory } from './guide-memory.ts';
import type { PlanCounts } from './guided-plan.ts';
import { type GuideRoom, RawPartition } from './raw-partition.ts';
import { REFERENCE_GROUP, ReferenceFollower } from './reference-follower.ts';
import { ReferenceGuide } from './reference-guide.ts';
import { ReferenceWriter } from './reference-writer.ts';

const IDLE_CHECK_MS = 1_000;
/** While the blocks of one plan are on their way the next is worked on; more would only hold memory. */
const PLANS_AT_ONCE_MAX = 2;
/** How long a stop waits for sends that do not get through. */
const DRAIN_MAX_MS = 10_000;

export interface GuideOptions {
  readonly registryUrl: string | undefined;
  readonly rules: PlanRules;
  readonly limits: PlanLimits;
  /** Of one raw partition. */
  readonly queueBytesMax: number;
  readonly stallMs: number;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
}

export async function startGuide({ kafka, ...options }: GuideOptions & { kafka: KafkaSettings }): Promise<Service> {
  return startGuideOver(await Broker.connect(kafka, options.log), options);
}

/** Takes the broker over: it is closed when the guide stops. */
export async function startGuideOver(broker: Broker, options: GuideOptions): Promise<Service> {
  const guide = new Guide(broker, options);
  try {
    await guide.start();
    return guide;
  } catch (error) {
    await guide.stop();
    throw error;
  }
}

class Guide implements Service {
  readonly name = 'guide';
  private readonly broker: Broker;
  private readonly options: GuideOptions;
  private readonly reference: ReferenceFollower;
  private readonly writer: ReferenceWriter;
  /** Reference and usage each have a producer of their own, so that a close does not queue behind usage. */
  private readonly referenceProducer: OrderedProducer;
  private readonly usageProducer: OrderedProducer;
  private readonly consumptions: Consumption[] = [];
  private readonly partitions = new Map<number, RawPartition>();
  private readonly stopping = new AbortController();
  private readonly memory = new GuideMemory();
  private readonly plansAtOnce = new Gate(PLANS_AT_ONCE_MAX);
  private readonly signal: AbortSignal;
  private idleTimer: NodeJS.Timeout | null = null;
  private readonly progress: ProgressWatch;
  private readonly events: Counter;
  private readonly bytes: Counter;
  private readonly plans: Counter;
  private readonly failures = new Map<number, string>();

  constructor(broker: Broker, options: GuideOptions) {
    this.broker = broker;
    this.options = options;
    this.signal = this.stopping.signal;
    this.progress = new ProgressWatch({ stallMs: options.stallMs });
    this.reference = new ReferenceFollower(broker, options.log);
    this.referenceProducer = broker.producer();
    this.usageProducer = broker.producer();
    this.writer = new ReferenceWriter(
      options.registryUrl,
      broker,
      this.referenceProducer,
      this.reference,
      options.log,
      options.signal,
    );
    const { metrics } = options;
    this.events = metrics.counter('guide_events_total', 'Events by what guiding made of them.', ['outcome']);
    this.bytes = metrics.counter('guide_bytes_total', 'Usage bytes by what guiding made of the events.', ['outcome']);
    this.plans = metrics.counter('guide_plans_total', 'Plans executed.', ['source']);
    metrics.gauge('guide_lag_records', 'Raw messages not yet guided.', ['partition'], (gauge) => this.showLag(gauge));
    metrics.gauge('guide_reference_position', 'Facts known and guided.', ['what'], (gauge) => {
      gauge.set({ what: 'known' }, this.reference.index.end);
      gauge.set({ what: 'guided' }, this.reference.guidedX);
      gauge.set({ what: 'refused' }, this.reference.index.refusals.length);
    });
    metrics.gauge('guide_waiting_plans', 'Partitions that wait until fewer plans are under way.', [], (gauge) =>
      gauge.set(this.plansAtOnce.waiting),
    );
    metrics.gauge('guide_queue_bytes_max', 'Limit of the queue of one partition.').set(options.queueBytesMax);
    metrics.gauge('guide_stopped_partitions', 'Partitions that stopped and wait for a person.', [], (gauge) =>
      gauge.set(this.stopped().length),
    );
  }

  async start(): Promise<void> {
    await this.reference.start(this.options.signal);
    this.consumptions.push(await this.consumeReference());
    this.consumptions.push(await this.consumeUsage());
    this.idleTimer = setInterval(() => this.lookAtIdle(), IDLE_CHECK_MS);
  }

  health(): Health {
    const stopped = this.stopped();
    const lag = this.consumptions
      .flatMap((each) => [...each.lag().values()])
      .reduce((sum, records) => sum + records, 0);
    const stalled = this.progress.stalled(lag);
    return {
      ok: stopped.length === 0 && this.failures.size === 0 && !stalled,
      detail: {
        partitions: [...this.partitions.keys()],
        referenceKnown: this.reference.index.end,
        referenceGuided: this.reference.guidedX,
        lagRecords: lag,
        waitingMs: Math.round(this.progress.waitingMs(lag)),
        stalled,
        refusedFacts: this.reference.index.refusals.length,
        stopped,
        failures: Object.fromEntries(this.failures),
      },
    };
  }

  async stop(): Promise<void> {
    if (this.idleTimer !== null) clearInterval(this.idleTimer);
    // What is being sent may finish; what waits for a server that does not come back is given up and repeated later.
    const giveUp = setTimeout(() => this.stopping.abort(new Error('the guide is stopping')), DRAIN_MAX_MS);
    for (const consumption of this.consumptions.reverse()) await consumption.stop();
    clearTimeout(giveUp);
    this.stopping.abort(new Error('the guide is stopping'));
    await this.reference.stop();
    await this.usageProducer.close();
    await this.referenceProducer.close();
    await this.broker.close();
  }

  private consumeReference(): Promise<Consumption> {
    let guide: ReferenceGuide | null = null;
    const { rules, log } = this.options;
    return this.broker.consume({
      group: REFERENCE_GROUP,
      topics: [TOPICS.referenceLog],
      assigned: async ({ committed }) => {
        guide = new ReferenceGuide(this.broker, this.referenceProducer, this.reference, rules, log, this.signal);
        return { startAt: await guide.open(committed) };
      },
      messages: async (handle, messages) => {
        await guide?.take(handle, messages);
        this.progress.advance();
      },
      revoked: () => Promise.resolve(),
    });
  }

  private consumeUsage(): Promise<Consumption> {
    return this.broker.consume({
      group: 'headrace-guide',
      topics: [TOPICS.usageEvents],
      queueBytesMax: this.options.queueBytesMax,
      fetchBytesMax: Math.ceil(this.options.queueBytesMax / 2),
      assigned: async ({ partition, committed }) => {
        await this.declare(partition);
        const raw = new RawPartition(this.room(), partition);
        const startAt = await raw.open(committed);
        this.partitions.set(partition, raw);
        return { startAt };
      },
      messages: async (handle, messages) => this.partitions.get(handle.partition)?.take(handle, messages),
      revoked: ({ partition }) => {
        this.partitions.get(partition)?.close();
        this.partitions.delete(partition);
        return Promise.resolve();
      },
    });
  }

  /** A raw partition is a fact before its first plan, so that no close passes it by. */
  private async declare(partition: number): Promise<void> {
    const { index } = this.reference;
    if (index.rawPartition(partition) === undefined) {
      await this.writer.append([{ kind: 'rawPartition', id: `raw-partition/${partition}`, partition }]);
    }
    const position = index.rawPartition(partition) ?? 0;
    await this.reference.until(() => this.reference.guidedX > position, this.options.signal);
  }

  private room(): GuideRoom {
    const { rules, limits, log } = this.options;
    return {
      broker: this.broker,
      producer: this.usageProducer,
      reference: this.reference,
      writer: this.writer,
      rules,
      limits,
      plansAtOnce: this.plansAtOnce,
      memory: this.memory,
      log,
      signal: this.signal,
      executed: (source, counts) => this.count(source, counts),
    };
  }

  private count(source: string, counts: PlanCounts): void {
    this.progress.advance();
    for (const outcome of ['received', 'guided', 'rejected', 'suspended'] as const) {
      this.events.inc({ outcome }, counts[outcome]);
      this.bytes.inc({ outcome }, counts[`${outcome}Bytes`]);
    }
    this.plans.inc({ source });
  }

  private lookAtIdle(): void {
    for (const [partition, raw] of this.partitions) {
      raw.idle().then(
        () => this.failures.delete(partition),
        (error: unknown) => {
          if (this.signal.aborted) return;
          this.failures.set(partition, error instanceof Error ? error.message : String(error));
          this.options.log.error('an idle raw partition could not pass a control fact', { partition, error });
        },
      );
    }
  }

  private stopped(): readonly unknown[] {
    return this.consumptions.flatMap((consumption) => [...consumption.stopped()]);
  }

  private showLag(gauge: Gauge): void {
    gauge.reset();
    for (const consumption of this.consumptions) {
      for (const [partition, lag] of consumption.lag()) gauge.set({ partition }, lag);
    }
  }
}
