/**
 * Loads one topic: consumes its partitions and gives each to a PartitionLoader. Decides where reading begins.
 *
 * Reading begins at the committed offset if ClickHouse holds the block that the commit was marked with, else at the log's
 * begin (commit-mark.ts says why).
 */

import { retrying } from '@headrace/platform';
import { type Consumption, Coverage, type CoverageEntry, comparePositions } from '@headrace/stream';
import { decodeMark } from './commit-mark.ts';
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
      queueBytesMax: options.queueBytesMax,
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
    const entries = await retrying(`read positions of ${table}`, log, signal, () => store.loadedPositions(table));
    const coverage = Coverage.restore(entries);
    const mark = committed === null ? null : decodeMark(committed.metadata);
    const held = mark !== null && isHeld(entries, mark);
    this.#partitions.set(
      partition,
      new PartitionLoader(this.#room, this.#route, partition, coverage, held ? mark : null),
    );
    if (committed !== null && held) return { startAt: committed.offset };
    const low = (await broker.offsets(this.#topic)).find((offsets) => offsets.partition === partition)?.low ?? 0;
    log.info('reading from the begin of the log', { topic: this.#topic, partition, low, committed: committed?.offset });
    return { startAt: low };
  }
}

function isHeld(
  entries: readonly CoverageEntry[],
  mark: { source: string; to: { offset: number; x: number } },
): boolean {
  const entry = entries.find(({ source }) => source === mark.source);
  return entry !== undefined && ['equal', 'above'].includes(comparePositions(entry.covered, mark.to));
}
