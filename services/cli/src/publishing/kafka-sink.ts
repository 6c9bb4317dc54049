/**
 * Usage events to messages of usage.events. Events of one SIM go to one partition, in order.
 *
 * A send that is not acknowledged is repeated a few times: events are known by their keys, so a repeat does no harm.
 */
import {
  latestSchema,
  lookUpSchemaId,
  type UsageEvent,
  usageFile,
  usageMessage,
  writeUsageEvent,
} from '@headrace/codec';
import { ByteWriter } from '@headrace/codec/bytes/writer';
import { type Logger, readConfig, z } from '@headrace/platform';
import { ratingKeyHash } from '@headrace/rating';
import {
  Broker,
  kafkaSettings,
  kafkaSettingsSchema,
  type OrderedProducer,
  type OutgoingMessage,
  persist,
  TOPICS,
} from '@headrace/stream';

/** Under which the registry has the schema of usage.events. */
const SUBJECT = 'usage.events-value';
/** Data of one container file, about: half of what a message may hold. */
const FILE_BYTES = 4 * 1024 * 1024;
const TRIES_MAX = 20;

const configSchema = z.object({
  ...kafkaSettingsSchema.shape,
  SCHEMA_REGISTRY_URL: z.url().optional().describe('Confluent-compatible registry; else schemas/avro/manifest.json'),
});

export interface Form {
  /** Container files instead of single events. */
  readonly container: boolean;
  /** Whether the messages say that they were received at the events' own times. */
  readonly receivedAt: boolean;
}

export class KafkaSink {
  readonly #broker: Broker;
  readonly #producer: OrderedProducer;
  readonly #partitions: number;
  readonly #form: Form;
  readonly #schemaId: number;
  readonly #log: Logger;
  messages = 0;

  private constructor(broker: Broker, partitions: number, form: Form, schemaId: number, log: Logger) {
    this.#broker = broker;
    this.#producer = broker.producer();
    this.#partitions = partitions;
    this.#form = form;
    this.#schemaId = schemaId;
    this.#log = log;
  }

  static async open(form: Form, givenId: number | null, log: Logger): Promise<KafkaSink> {
    const config = readConfig(configSchema);
    const schemaId = givenId ?? (await schemaIdOf(config.SCHEMA_REGISTRY_URL));
    const broker = await Broker.connect(kafkaSettings(config), log);
    try {
      return new KafkaSink(broker, await broker.partitionCount(TOPICS.usageEvents), form, schemaId, log);
    } catch (error) {
      await broker.close();
      throw error;
    }
  }

  async send(events: readonly UsageEvent[]): Promise<void> {
    const byPartition = new Map<number, UsageEvent[]>();
    for (const event of events) {
      const sim = event.iccid ?? event.imsi ?? event.msisdn ?? '';
      const partition = ratingKeyHash(sim) % this.#partitions;
      const list = byPartition.get(partition);
      if (list === undefined) byPartition.set(partition, [event]);
      else list.push(event);
    }
    const batches = [...byPartition].map(([partition, own]) => ({
      topic: this.#broker.topic(TOPICS.usageEvents),
      partition,
      messages: this.#form.container ? this.#files(own) : own.map((event) => this.#single(event)),
    }));
    const options = { log: this.#log, what: 'send to usage.events', triesMax: TRIES_MAX };
    await persist(() => this.#producer.send(batches), options);
    this.messages += batches.reduce((sum, { messages }) => sum + messages.length, 0);
  }

  async close(): Promise<void> {
    await this.#producer.close();
    await this.#broker.close();
  }

  #single(event: UsageEvent): OutgoingMessage {
    return { value: usageMessage(event, this.#schemaId), ...this.#headers(event.startTime) };
  }

  /** One file, or several where it would become too large for a message. */
  #files(events: readonly UsageEvent[]): OutgoingMessage[] {
    const files: OutgoingMessage[] = [];
    const writer = new ByteWriter();
    let count = 0;
    let latest = 0;
    const finish = (): void => {
      if (count > 0) files.push({ value: usageFile(writer.view(), count), ...this.#headers(latest) });
      writer.clear();
      count = 0;
      latest = 0;
    };
    for (const event of events) {
      writeUsageEvent(writer, event);
      count += 1;
      latest = Math.max(latest, event.startTime);
      if (writer.length >= FILE_BYTES) finish();
    }
    finish();
    return files;
  }

  /** Milliseconds, as RECEIPT_TIME=header reads them. */
  #headers(micros: number): Pick<OutgoingMessage, 'headers'> {
    return this.#form.receivedAt ? { headers: { 'received-at': String(Math.ceil(micros / 1000)) } } : {};
  }
}

async function schemaIdOf(registryUrl: string | undefined): Promise<number> {
  const { id, schema } = latestSchema('usage-event');
  return registryUrl === undefined ? id : lookUpSchemaId(registryUrl, SUBJECT, schema);
}
