/** Wires the rater: guided partitions shared out by the consumer group, each pinned to a lane. */
import {
  type Counter,
  type Gauge,
  type Health,
  type Histogram,
  type Logger,
  type Metrics,
  ProgressWatch,
  type Service,
} from '@headrace/platform';
import type { RaterStatistics } from '@headrace/rating';
import {
  Broker,
  CheckpointStore,
  type Consumption,
  generationTopic,
  type KafkaSettings,
  type OrderedProducer,
  TOPICS,
} from '@headrace/stream';
import { Lanes } from './lanes.ts';
import type { FoldedBlock } from './partition-fold.ts';
import { RatedPartition, type RaterRoom } from './rated-partition.ts';

/** The first topic generation; a later one starts by a fact of the reference log (not in this version). */
const GENERATION = 1;
/** How long a stop waits for sends that do not get through. */
const DRAIN_MAX_MS = 10_000;
/** Of one partition: a few blocks, of which one is folded and one is sent. */
const QUEUE_BYTES_MAX = 8 * 1024 * 1024;

export interface RaterOptions {
  readonly checkpointIntervalMs: number;
  readonly stallMs: number;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
}

export async function startRater({
  kafka,
  threads,
  ...options
}: RaterOptions & { readonly kafka: KafkaSettings; readonly threads: number }): Promise<Service> {
  return startRaterOver(await Broker.connect(kafka, options.log), Lanes.inThreads(threads), options);
}

/** Takes broker and lanes over: they are closed when the rater stops. */
export async function startRaterOver(broker: Broker, lanes: Lanes, options: RaterOptions): Promise<Service> {
  const rater = new RaterService(broker, lanes, options);
  try {
    await rater.start();
    return rater;
  } catch (error) {
    await rater.stop();
    throw error;
  }
}

class RaterService implements Service {
  readonly name = 'rater';
  private readonly broker: Broker;
  private readonly options: RaterOptions;
  private readonly lanes: Lanes;
  private readonly producer: OrderedProducer;
  private readonly checkpoints: CheckpointStore;
  private readonly partitions = new Map<number, RatedPartition>();
  private readonly stopping = new AbortController();
  private readonly signal: AbortSignal;
  private consumption: Consumption | null = null;
  private readonly progress: ProgressWatch;
  /** Sources that wait for missing blocks, with the reason in words; by `partition source`. */
  private readonly gaps = new Map<string, string>();
  private readonly events: Counter;
  private readonly lines: Counter;
  private readonly blocks: Counter;
  private readonly checkpointBytes: Counter;
  private readonly checkpointSeconds: Histogram;
  private readonly state: Gauge;

  constructor(broker: Broker, lanes: Lanes, options: RaterOptions) {
    this.broker = broker;
    this.options = options;
    this.signal = this.stopping.signal;
    this.progress = new ProgressWatch({ stallMs: options.stallMs });
    this.lanes = lanes;
    this.producer = broker.producer();
    this.checkpoints = new CheckpointStore(broker, generationTopic(TOPICS.checkpoints, GENERATION));
    const { metrics } = options;
    this.events = metrics.counter('rater_events_total', 'Events by what rating made of them.', ['outcome']);
    this.lines = metrics.counter('rater_lines_total', 'Rated lines.');
    this.blocks = metrics.counter('rater_blocks_total', 'Guided blocks by how they were answered.', ['status']);
    this.checkpointBytes = metrics.counter('rater_checkpoint_bytes_total', 'Bytes of checkpoints written.');
    this.checkpointSeconds = metrics.histogram('rater_checkpoint_seconds', 'Time to write a checkpoint.');
    this.state = metrics.gauge('rater_state', 'What the state holds, by partition.', ['partition', 'what']);
    metrics.gauge('rater_lag_records', 'Guided blocks not yet rated.', ['partition'], (gauge) => {
      gauge.reset();
      for (const [partition, lag] of this.consumption?.lag() ?? []) gauge.set({ partition }, lag);
    });
    metrics.gauge('rater_stopped_partitions', 'Partitions that stopped and wait for a person.', [], (gauge) =>
      gauge.set(this.consumption?.stopped().length ?? 0),
    );
    metrics.gauge('rater_stopped_sources', 'Sources of guided partitions that wait for missing blocks.', [], (gauge) =>
      gauge.set(this.gaps.size),
    );
    metrics.gauge('rater_queued_tasks', 'Tasks that wait for a rating thread.', [], (gauge) =>
      gauge.set(this.lanes.queued),
    );
  }

  async start(): Promise<void> {
    this.consumption = await this.broker.consume({
      group: 'headrace-rater',
      topics: [generationTopic(TOPICS.guided, GENERATION)],
      queueBytesMax: QUEUE_BYTES_MAX,
      assigned: async ({ partition, epoch }) => {
        const rated = new RatedPartition(this.room(), partition, epoch);
        const startAt = await rated.open();
        this.partitions.set(partition, rated);
        return { startAt };
      },
      messages: async (handle, messages) => {
        await this.partitions.get(handle.partition)?.take(handle, messages);
      },
      revoked: async ({ partition }) => {
        const rated = this.partitions.get(partition);
        this.partitions.delete(partition);
        // Makes the next owner's start quick; without it the state is folded again from the checkpoint before.
        await rated?.checkpoint();
        await rated?.close();
      },
    });
  }

  health(): Health {
    const stopped = this.consumption?.stopped() ?? [];
    const lag = [...(this.consumption?.lag().values() ?? [])].reduce((sum, records) => sum + records, 0);
    const stalled = this.progress.stalled(lag);
    return {
      ok: stopped.length === 0 && this.gaps.size === 0 && !stalled,
      detail: {
        partitions: [...this.partitions.keys()],
        threads: this.lanes.threads,
        lagRecords: lag,
        waitingMs: Math.round(this.progress.waitingMs(lag)),
        stalled,
        stopped,
        gaps: Object.fromEntries(this.gaps),
      },
    };
  }

  /** Numbers of the state, for the demo and for people; asked for, since they are a pass through the state. */
  readonly actions = {
    statistics: async (): Promise<Record<string, RaterStatistics>> => {
      const all: Record<string, RaterStatistics> = {};
      for (const [partition, rated] of this.partitions) {
        const statistics = await rated.statistics();
        all[partition] = statistics;
        for (const [what, value] of Object.entries(statistics)) this.state.set({ partition, what }, value);
      }
      return all;
    },
  };

  async stop(): Promise<void> {
    // What is being sent may finish; what waits for a server that does not come back is given up and repeated later.
    const giveUp = setTimeout(() => this.stopping.abort(new Error('the rater is stopping')), DRAIN_MAX_MS);
    await this.consumption?.stop();
    clearTimeout(giveUp);
    this.stopping.abort(new Error('the rater is stopping'));
    await this.producer.close();
    await this.lanes.destroy();
    await this.broker.close();
  }

  private room(): RaterRoom {
    const { checkpointIntervalMs, log } = this.options;
    return {
      broker: this.broker,
      producer: this.producer,
      lanes: this.lanes,
      checkpoints: this.checkpoints,
      generation: GENERATION,
      checkpointIntervalMs,
      log,
      signal: this.signal,
      folded: (partition, block) => this.count(partition, block),
      checkpointed: (_partition, bytes, milliseconds) => {
        this.checkpointBytes.inc(bytes);
        this.checkpointSeconds.observe(milliseconds / 1000);
      },
    };
  }

  private count(partition: number, block: FoldedBlock): void {
    this.progress.advance();
    const gap = `${partition} ${block.source}`;
    if (block.status === 'gap' || block.status === 'unreadable') this.gaps.set(gap, block.detail);
    else if (block.status === 'applied') this.gaps.delete(gap);
    const { rated, duplicate, suspended, lines } = block.controls;
    this.events.inc({ outcome: 'rated' }, rated);
    this.events.inc({ outcome: 'duplicate' }, duplicate);
    this.events.inc({ outcome: 'suspended' }, suspended);
    this.lines.inc(lines);
    this.blocks.inc({ status: block.status });
  }
}
