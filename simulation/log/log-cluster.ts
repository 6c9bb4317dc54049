/** The simulated cluster itself: topics, groups, and whether it answers at all. One broker, which leads everything. */
import type { TopicSpec } from '@headrace/stream';
import type { World } from '../world/world.ts';
import { Group } from './group.ts';
import { PartitionLog } from './partition-log.ts';

export class LogCluster {
  readonly world: World;
  /** While false no request gets an answer. */
  up = true;
  readonly #topics = new Map<string, PartitionLog[]>();
  readonly #groups = new Map<string, Group>();
  /** Appends so far, to tell quiet from work. */
  appended = 0;

  constructor(world: World) {
    this.world = world;
  }

  create(specs: readonly TopicSpec[]): void {
    for (const { name, partitions, config } of specs) {
      if (this.#topics.has(name)) continue;
      const appendTime = config['message.timestamp.type'] === 'LogAppendTime';
      this.#topics.set(
        name,
        Array.from({ length: partitions }, (_, partition) => new PartitionLog(name, partition, appendTime)),
      );
    }
  }

  topic(name: string): readonly PartitionLog[] {
    const found = this.#topics.get(name);
    if (found === undefined) throw unknownTopic(name);
    return found;
  }

  partition(name: string, partition: number): PartitionLog {
    const found = this.topic(name)[partition];
    if (found === undefined) throw unknownTopic(`${name}/${partition}`);
    return found;
  }

  group(id: string): Group {
    const found = this.#groups.get(id) ?? new Group(this, id);
    this.#groups.set(id, found);
    return found;
  }

  groups(): Iterable<Group> {
    return this.#groups.values();
  }
}

/** A failure as kafkajs would throw it. */
export class LogFailure extends Error {
  override readonly name: string;
  readonly type: string | undefined;
  readonly topic: string | undefined;
  readonly partition: number | undefined;

  constructor(
    name: string,
    message: string,
    more: { readonly type?: string; readonly topic?: string; readonly partition?: number } = {},
  ) {
    super(message);
    this.name = name;
    this.type = more.type;
    this.topic = more.topic;
    this.partition = more.partition;
  }
}

function unknownTopic(name: string): LogFailure {
  return new LogFailure('KafkaJSProtocolError', `This server does not host ${name}`, {
    type: 'UNKNOWN_TOPIC_OR_PARTITION',
  });
}
