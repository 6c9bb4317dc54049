/**
 * Loads one topic: consumes its partitions and gives each to a PartitionLoader. Decides where reading begins.
 *
 * Reading begins behind the last message that loaded_blocks has of the partition, or at the log's begin if it has none:
 * ClickHouse may have been restored from a backup, and then holds less than Kafka's committed offset says. The committed
 * offset only makes it begin earlier, before blocks of a source that waits for a missing one.
 */

import { retrying } from '@headrace/platform';
import { type Consumption, Coverage } from '@headrace/stream';
import { type LoaderRoom, PartitionLoader, type SourceGap } from './partition-loader.ts';
import type { LoadRoute } from './routes.ts';

export interface TopicLoaderState {
  readonly topic: string;
  readonly lag: ReadonlyMap<string, number>;
  readonly stopped: readonly { readonly topic: string; readonly partition: number; readonly why: string }[];
  readonly gaps: readonly SourceGap[];
}

export class TopicLoader {
  readonly #room: LoaderRoom;
  readonly #route: LoadRoute;
  readonly #topic: string;
  readonly #partitions = new Map<number, PartitionLoader>();
  #consumption: Consumption | undefined;

  private constructor(room: LoaderRoom, route: LoadRoute) {
    this.#room = room;
    this.#route = route;
    this.#topic = room.broker.topic(route.topic);
  }

  static async start(
    room: LoaderRoom,
    route: LoadRoute,
    options: { readonly group: string; readonly queueBytesMax: number },
  ): Promise<TopicLoader> {
    const loader = new TopicLoader(room, route);
    loader.#consumption = await room.broker.consume({
      group: `${options.group}.${route.topic}`,
      topics: [route.topic],
      // Three topics with all their partitions wait here when ClickHouse is slow, so a queue is two or three blocks.
      queueBytesMax: options.queueBytesMax,
      fetchBytesMax: Math.ceil(options.queueBytesMax / 2),
      assigned: ({ partition, committed }) => loader.#open(partition, committed),
      messages: async (handle, messages) => loader.#partitions.get(handle.partition)?.take(handle, messages),
      revoked: async ({ partition }) => {
        loader.#partitions.delete(partition);
      },
    });
    return loader;
  }

  state(): TopicLoaderState {
    return {
      topic: this.#topic,
      lag: this.#consumption?.lag() ?? new Map(),
      stopped: this.#consumption?.stopped() ?? [],
      gaps: [...this.#partitions.values()].flatMap((partition) => partition.gaps),
    };
  }

  async stop(): Promise<void> {
    await this.#consumption?.stop();
  }

  async #open(
    partition: number,
    committed: { readonly offset: number; readonly metadata: string } | null,
  ): Promise<{ startAt: number }> {
    const { store, broker, log, signal } = this.#room;
    const { table } = this.#route;
    const positions = await retrying(`read positions of ${table}`, log, signal, () => store.loadedPositions(table));
    const covered = positions.map(({ source, to }) => ({ source, covered: to, lastFrom: to, digest: '' }));
    this.#partitions.set(partition, new PartitionLoader(this.#room, this.#route, partition, Coverage.restore(covered)));
    const loaded = positions.filter((position) => position.partition === partition).map(({ nextOffset }) => nextOffset);
    if (loaded.length > 0)
      return { startAt: Math.min(Math.max(...loaded), committed?.offset ?? Number.POSITIVE_INFINITY) };
    const low = (await broker.offsets(this.#topic)).find((offsets) => offsets.partition === partition)?.low ?? 0;
    log.info('reading from the begin of the log', { topic: this.#topic, partition, low, committed: committed?.offset });
    return { startAt: low };
  }
}
