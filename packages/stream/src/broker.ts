import { HeadraceError, type Logger } from '@headrace/platform';
import type { KafkaSettings } from './settings.ts';
import type { TopicSpec } from './topics.ts';
import type {
  Committed,
  ConsumeOptions,
  Consumption,
  OrderedProducer,
  PartitionOffsets,
  StreamMessage,
} from './types.ts';

/** A Kafka cluster; one per process. */
export class Broker {
  readonly #settings: KafkaSettings;
  private constructor(settings: KafkaSettings) {
    this.#settings = settings;
  }
  static async connect(settings: KafkaSettings, _log: Logger): Promise<Broker> {
    return new Broker(settings);
  }
  topic(name: string): string {
    const prefix = this.#settings.topicPrefix;
    return name.startsWith(prefix) ? name : prefix + name;
  }
  async ensureTopics(_specs: readonly TopicSpec[]): Promise<void> {
    throw pending();
  }
  async partitionCount(_topic: string): Promise<number> {
    throw pending();
  }
  async offsets(_topic: string): Promise<readonly PartitionOffsets[]> {
    throw pending();
  }
  async committed(_group: string, _topic: string): Promise<ReadonlyMap<number, Committed>> {
    throw pending();
  }
  producer(): OrderedProducer {
    throw pending();
  }
  read(_topic: string, _partition: number, _from: number, _to: number): AsyncIterable<StreamMessage> {
    throw pending();
  }
  async consume(_options: ConsumeOptions): Promise<Consumption> {
    throw pending();
  }
  async close(): Promise<void> {}
}

function pending(): HeadraceError {
  return new HeadraceError('KAFKA_UNREACHABLE', 'being written');
}
