/** The transport of one simulated process to the simulated log. */
import type { Logger } from '@headrace/platform';
import type {
  Administration,
  CommitEntry,
  Fetched,
  FetchLimits,
  FetchSource,
  FetchTarget,
  GroupMember,
  KafkaSettings,
  LinkedSource,
  MembershipEvents,
  OutgoingBatch,
  OutgoingMessage,
  Sender,
  Transport,
} from '@headrace/stream';
import type { Network, Server } from '../world/network.ts';
import type { SimulatedProcess } from '../world/world.ts';
import { type LogCluster, LogFailure } from './log-cluster.ts';
import { SimulatedMember } from './member.ts';
import type { LogRecord, NewRecord, PartitionLog } from './partition-log.ts';

const NODE = 'simulated';
const SETTINGS: KafkaSettings = { brokers: ['simulated:9092'], clientId: 'simulated', topicPrefix: '' };

export class SimulatedTransport implements Transport {
  readonly settings = SETTINGS;
  readonly administration: Administration;
  readonly #cluster: LogCluster;
  readonly #network: Network;
  readonly #owner: SimulatedProcess;
  readonly #server: Server;

  constructor(cluster: LogCluster, network: Network, owner: SimulatedProcess) {
    this.#cluster = cluster;
    this.#network = network;
    this.#owner = owner;
    this.#server = {
      get up() {
        return cluster.up;
      },
      lost: (what) => new LogFailure('KafkaJSConnectionError', `Connection error: no answer to ${what}`),
    };
    this.administration = this.#makeAdministration();
  }

  async connectSender(): Promise<Sender> {
    return { send: (batches) => this.#send(batches), close: () => Promise.resolve() };
  }

  async connectSource(): Promise<LinkedSource> {
    return { ...this.#source(), follow: () => Promise.resolve(), close: () => Promise.resolve() };
  }

  member(group: string, topics: readonly string[], events: MembershipEvents, _log: Logger): GroupMember {
    return new SimulatedMember({
      world: this.#cluster.world,
      group: this.#cluster.group(group),
      owner: this.#owner,
      topics,
      events,
      source: () => this.#source(),
      commit: (memberId, generation, entries) => this.#commit(group, memberId, generation, entries),
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #call<T>(kind: 'lookup' | 'fetch' | 'send' | 'commit', what: string, perform: () => T): Promise<T> {
    return this.#network.call(this.#owner, this.#server, { kind, what, perform });
  }

  #makeAdministration(): Administration {
    const cluster = this.#cluster;
    const look = <T>(what: string, perform: () => T) => this.#patiently(() => this.#call('lookup', what, perform));
    return {
      probe: () => look('probe', () => undefined),
      createTopics: (specs) => look('create topics', () => cluster.create(specs)),
      removePrefixed: () => Promise.reject(new Error('the laboratory removes nothing')),
      partitionCount: (topic) => look(`partitions of ${topic}`, () => cluster.topic(topic).length),
      offsets: (topic) =>
        look(`offsets of ${topic}`, () =>
          cluster.topic(topic).map(({ partition, low, end }) => ({ partition, low, end })),
        ),
      committed: (group, topic) => look(`commits of ${group}`, () => cluster.group(group).committed(topic)),
    };
  }

  /** As the real one: a few tries, then the failure is the caller's, as an operating error that may pass. */
  async #patiently<T>(task: () => Promise<T>): Promise<T> {
    const { kafkaError } = await failures;
    for (let tries = 1; ; tries += 1) {
      try {
        return await task();
      } catch (error) {
        const failure = kafkaError(error, 'look up', SETTINGS);
        if (tries >= 4 || !('action' in failure) || failure.action !== 'retry') throw failure;
      }
    }
  }

  #send(batches: readonly OutgoingBatch[]): Promise<readonly number[]> {
    const what = batches.map(({ topic, partition, messages }) => `${topic}/${partition}×${messages.length}`).join(' ');
    return this.#call('send', what, () => batches.map((batch) => this.#append(batch)));
  }

  #append({ topic, partition, messages }: OutgoingBatch): number {
    const { world } = this.#cluster;
    const log = this.#cluster.partition(topic, partition);
    if (this.#network.faults.leavesHole(log)) log.skip(1 + world.random.below(2));
    const base = log.append(
      messages.map((message) => newRecord(message, world.now)),
      world.now,
    );
    this.#cluster.appended += messages.length;
    world.trace.add(`log ${topic}/${partition} [${base}, ${log.end}) by ${this.#owner.name}`);
    if (this.#network.faults.compacts(log)) log.compact();
    return base;
  }

  #commit(group: string, memberId: string, generation: number, entries: readonly CommitEntry[]): Promise<boolean> {
    const what = entries.map(({ topic, partition, offset }) => `${topic}/${partition}=${offset}`).join(' ');
    return this.#call('commit', what, () => {
      const taken = this.#cluster.group(group).commit(memberId, generation, entries);
      this.#cluster.world.trace.add(`commit ${what} by ${memberId} ${taken ? 'taken' : 'refused'}`);
      return taken;
    });
  }

  #source(): FetchSource {
    return {
      leaderOf: () => NODE,
      refresh: () => Promise.resolve(),
      fetch: (_node, targets, limits) => this.#fetch(targets, limits),
    };
  }

  async #fetch(targets: readonly FetchTarget[], limits: FetchLimits): Promise<readonly Fetched[]> {
    await this.#untilThere(targets, limits.waitMs);
    const what = targets.map(({ topic, partition, offset }) => `${topic}/${partition}@${offset}`).join(' ');
    return this.#call('fetch', what, () => targets.map((target) => this.#read(target)));
  }

  /** The broker holds a fetch back until there is something, or its time is over. */
  #untilThere(targets: readonly FetchTarget[], waitMs: number): Promise<void> {
    const logs = targets.map(({ topic, partition }) => this.#cluster.partition(topic, partition));
    const there = () => targets.some(({ offset }, index) => offset !== logs[index]?.end);
    if (there()) return Promise.resolve();
    const { world } = this.#cluster;
    const owner = this.#owner;
    return new Promise((resolve) => {
      const end = () => {
        timer.cancelled = true;
        for (const log of logs) log.watchers.delete(end);
        world.schedule(owner, 0, resolve);
      };
      const timer = world.schedule(null, waitMs, end);
      for (const log of logs) log.watchers.add(end);
    });
  }

  #read({ topic, partition, offset, bytesMax }: FetchTarget): Fetched {
    const log = this.#cluster.partition(topic, partition);
    if (offset > log.end || offset < log.low) {
      throw new LogFailure('KafkaJSOffsetOutOfRange', 'The requested offset is not within the range of offsets', {
        topic,
        partition,
      });
    }
    const found = this.#network.faults.cut(log.from(offset, bytesMax));
    const messages = found.map((record) => ({
      topic,
      partition,
      offset: record.offset,
      timestampMs: record.timestampMs,
      key: record.key,
      value: this.#network.faults.spoil(this.#owner, log, record),
      headers: record.headers,
    }));
    const next = (found.at(-1)?.offset ?? endOfHole(log, offset) - 1) + 1;
    const bytes = found.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0);
    return { topic, partition, offset, messages, next, stableEnd: log.end, end: log.end, bytes };
  }
}

/** kafkajs's failures become operating errors by the same rules as over the real transport. */
const failures = import('@headrace/stream/failures');

/** A hole at the end of the log: its records (control records) are read, though no message comes of them. */
function endOfHole(log: PartitionLog, offset: number): number {
  return log.from(offset, 1).length === 0 ? log.end : offset;
}

function newRecord(message: OutgoingMessage, nowMs: number): NewRecord {
  const { key, value } = message;
  return {
    key: key === undefined || key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: message.headers ?? {},
    timestampMs: message.timestampMs ?? nowMs,
  };
}

export type { LogRecord };
