/** The aggregator as a service: rated partitions shared out by the consumer group, with health and metrics. */
import type { Health, Metrics, Service } from '@headrace/platform';
import { type Consumption, Coverage, generationTopic, TOPICS } from '@headrace/stream';
import { decodeCoverage } from './coverage-mark.ts';
import { type AggregatorRoom, PartitionAggregator } from './partition-aggregator.ts';

export interface AggregatorOptions {
  readonly group: string;
  readonly queueBytesMax: number;
}

export async function startAggregator(
  room: AggregatorRoom,
  options: AggregatorOptions,
  metrics: Metrics,
): Promise<Service> {
  const topic = generationTopic(TOPICS.rated, room.generation);
  const partitions = new Map<number, PartitionAggregator>();
  const consumption = await room.broker.consume({
    group: options.group,
    topics: [topic],
    queueBytesMax: options.queueBytesMax,
    async assigned({ partition, committed }) {
      const coverage = committed === null ? new Coverage() : Coverage.restore(decodeCoverage(committed.metadata));
      partitions.set(partition, new PartitionAggregator(room, coverage));
      if (committed !== null) return { startAt: committed.offset };
      const offsets = await room.broker.offsets(topic);
      return { startAt: offsets.find((entry) => entry.partition === partition)?.low ?? 0 };
    },
    messages: async (handle, messages) => partitions.get(handle.partition)?.take(handle, messages),
    async revoked({ partition }) {
      partitions.delete(partition);
    },
  });
  addGauges(metrics, consumption, options.queueBytesMax);
  return { name: 'aggregator', health: () => healthOf(consumption, room), stop: () => consumption.stop() };
}

function addGauges(metrics: Metrics, consumption: Consumption, queueBytesMax: number): void {
  metrics.gauge('aggregator_lag_records', 'Rated blocks not yet aggregated.', ['partition'], (gauge) => {
    gauge.reset();
    for (const [partition, records] of consumption.lag()) gauge.set({ partition }, records);
  });
  metrics.gauge('aggregator_stopped_partitions', 'Partitions that a failure stopped.', [], (gauge) => {
    gauge.set(consumption.stopped().length);
  });
  metrics.gauge('aggregator_queue_bytes_max', 'Limit of the queue of one partition.').set(queueBytesMax);
}

/** Not ok when a partition stopped, or when blocks wait and none is aggregated. */
function healthOf(consumption: Consumption, { meters }: AggregatorRoom): Health {
  const lag = [...consumption.lag().values()].reduce((sum, records) => sum + records, 0);
  const stopped = consumption.stopped();
  const stalled = meters.progress.stalled(lag);
  return {
    ok: stopped.length === 0 && !stalled,
    detail: { lagRecords: lag, aggregatedBlocks: meters.progress.finished, stalled, stopped },
  };
}
