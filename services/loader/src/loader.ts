/** The loader as a service: one TopicLoader for each route, with health and metrics over all of them. */
import type { Health, Metrics, Service } from '@headrace/platform';
import type { LoaderRoom } from './partition-loader.ts';
import { loadRoutes } from './routes.ts';
import { TopicLoader } from './topic-loader.ts';

export interface LoaderOptions {
  readonly generation: number;
  readonly group: string;
  readonly queueBytesMax: number;
}

export async function startLoader(room: LoaderRoom, options: LoaderOptions, metrics: Metrics): Promise<Service> {
  const loaders: TopicLoader[] = [];
  const stop = async () => {
    for (const loader of [...loaders].reverse()) await loader.stop();
  };
  try {
    for (const route of loadRoutes(options.generation)) loaders.push(await TopicLoader.start(room, route, options));
  } catch (error) {
    await stop();
    throw error;
  }
  const states = () => loaders.map((loader) => loader.state());
  addGauges(metrics, states, options.queueBytesMax);
  return { name: 'loader', health: () => healthOf(states(), room), stop };
}

type States = ReturnType<TopicLoader['state']>[];

function addGauges(metrics: Metrics, states: () => States, queueBytesMax: number): void {
  metrics.gauge('loader_lag_records', 'Blocks not yet loaded.', ['partition'], (gauge) => {
    gauge.reset();
    for (const { lag } of states()) for (const [partition, records] of lag) gauge.set({ partition }, records);
  });
  metrics.gauge('loader_stopped_partitions', 'Partitions that a failure stopped.', ['topic'], (gauge) => {
    for (const { topic, stopped } of states()) gauge.set({ topic }, stopped.length);
  });
  metrics.gauge('loader_stopped_sources', 'Sources that wait for missing blocks.', ['topic'], (gauge) => {
    for (const { topic, gaps } of states()) gauge.set({ topic }, gaps.length);
  });
  metrics.gauge('loader_queue_bytes_max', 'Limit of the queue of one partition.').set(queueBytesMax);
}

/** Not ok when a partition or a source stopped, or when blocks wait and none is loaded. */
function healthOf(states: States, room: LoaderRoom): Health {
  const { progress } = room.meters;
  const lag = states.flatMap((state) => [...state.lag.values()]).reduce((sum, records) => sum + records, 0);
  const stopped = states.flatMap((state) =>
    state.stopped.map(({ topic, partition, why }) => ({ topic, partition, why })),
  );
  const gaps = states.flatMap((state) => state.gaps);
  const waitingMs = Math.round(progress.waitingMs(lag));
  const stalled = progress.stalled(lag);
  return {
    ok: stopped.length === 0 && gaps.length === 0 && !stalled,
    detail: { lagRecords: lag, loadedBlocks: progress.finished, waitingMs, stalled, stopped, gaps },
  };
}
