/**
 * `headrace publish FILE`: usage from a file into `usage.events`, for mediation integrators and first trials.
 *
 * 1. Everything that guiding would reject at once is not sent: it is listed with its place, and counted.
 * 2. Events of one SIM go to one partition, in the order of the file.
 * 3. The totals printed at the end are of what was acknowledged. A run that failed may be repeated: events are known by
 *    their keys, so what was sent already is a duplicate.
 */
import { createHash, type Hash } from 'node:crypto';
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
  TOPICS,
} from '@headrace/stream';
import { type Command, readWords, UsageError, wholeNumber } from './command.ts';
import { Tally } from './offline/tally.ts';
import { openUsageFile, problemsListed } from './offline/usage-options.ts';
import { Output } from './output/output.ts';
import { grouped, Progress } from './output/progress.ts';
import { sizeOf } from './usage/usage-file.ts';

const HELP = `headrace publish FILE [--dry-run] [--container] [--schema-id N] [--json]

Sends usage from a file (JSON lines, CSV, or an Avro container file) to usage.events: each event a message in the Confluent
wire format, or many in one Avro container file. Prints control totals of the batch (events, bytes, seconds, units, and a
digest of all events in order) to compare with what the pipeline says it received. Lines that the pipeline would refuse are
listed with place and reason, and not sent.

  --dry-run         read and count only; needs no Kafka
  --container       container files of at most --batch events each
  --batch N         events of one send, or of one container file (2000)
  --schema-id N     the id that messages name; else the registry's (SCHEMA_REGISTRY_URL), or schemas/avro/manifest.json's
  --received-at     tell the pipeline that an event was received at its own time (with RECEIPT_TIME=header)
  --source NAME     the source of events that name none
  --format FORMAT   jsonl, csv or avro; else told by the file's name and first bytes
  --strict          the first bad line ends the run with status 1; what was sent before stays sent
  --problems N      list at most N problems (100); all are counted
  --progress        tell progress on standard error, also when nobody watches
  --json            the totals as one JSON object

Exit status: 0 sent, 1 refused or failed, 2 wrong words.

Examples:
  npx headrace publish usage.csv --source trial --dry-run
  KAFKA_BROKERS=127.0.0.1:9092 npx headrace publish usage.jsonl
`;

const BATCH = 2000;
const BATCH_MAX = 20_000;
/** Under which the registry has the schema of usage.events. */
const SUBJECT = 'usage.events-value';

const configSchema = z.object({
  ...kafkaSettingsSchema.shape,
  SCHEMA_REGISTRY_URL: z.url().optional().describe('Confluent-compatible registry; else schemas/avro/manifest.json'),
});

export const command: Command = {
  help: HELP,
  async run(words, log) {
    const { values, positionals } = readWords(words, {
      'dry-run': { type: 'boolean' },
      container: { type: 'boolean' },
      batch: { type: 'string' },
      'schema-id': { type: 'string' },
      'received-at': { type: 'boolean' },
      source: { type: 'string' },
      format: { type: 'string' },
      strict: { type: 'boolean' },
      problems: { type: 'string' },
      progress: { type: 'boolean' },
      json: { type: 'boolean' },
    });
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) throw new UsageError('headrace publish takes one file; see --help.');
    const batch = wholeNumber('batch', values.batch, BATCH, BATCH_MAX);
    const form: Form = { container: values.container === true, receivedAt: values['received-at'] === true };
    const given =
      values['schema-id'] === undefined ? null : wholeNumber('schema-id', values['schema-id'], 1, 2 ** 31 - 1);
    const file = openUsageFile(path, values);
    const progress = new Progress(values.progress === true, await sizeOf(path));
    const listed = problemsListed(values.problems);
    const tally = new Tally({ strict: values.strict === true, listed });
    const sink = values['dry-run'] === true ? null : await KafkaSink.open(form, given, log);
    const totals = new BatchTotals();
    let waiting: UsageEvent[] = [];
    const send = async (): Promise<void> => {
      await sink?.send(waiting);
      for (const event of waiting) totals.add(event);
      waiting = [];
      progress.show('Publishing', totals.events, file.bytesRead);
    };
    try {
      for await (const items of file.batches()) {
        for (const { place, event, refused } of items) {
          tally.received += 1;
          if (refused !== null) tally.refuse(place, refused);
          else if (event !== null) waiting.push(event);
          if (waiting.length >= batch) await send();
        }
      }
      if (waiting.length > 0) await send();
    } finally {
      progress.done();
      await sink?.close();
    }
    const output = new Output();
    const done = {
      sent: sink !== null,
      file: path,
      messages: sink?.messages ?? 0,
      ...totals.told,
      refused: tally.counts.codes,
    };
    output.line(values.json === true ? JSON.stringify(done) : inWords(done, tally));
    await output.flush();
    return 0;
  },
};

interface Form {
  readonly container: boolean;
  readonly receivedAt: boolean;
}

interface Totals {
  readonly events: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly units: number;
  readonly digest: string;
}

function inWords(done: Totals & { readonly sent: boolean; readonly messages: number }, tally: Tally): string {
  const { events, bytes, seconds, units, digest, messages, sent } = done;
  const what = sent
    ? `Sent ${grouped(events)} events in ${grouped(messages)} messages`
    : `Would send ${grouped(events)} events`;
  const refused = tally.rejected + tally.suspended;
  const rest = refused === 0 ? '' : ` ${grouped(refused)} of ${grouped(tally.received)} refused and not sent.`;
  return (
    `${what}: ${grouped(bytes)} bytes, ${grouped(seconds)} seconds, ${grouped(units)} units.${rest}\n` +
    `Digest ${digest} (SHA-256 of the events as usage-event.v1 data, in order).`
  );
}

/** Control totals of what was sent. */
class BatchTotals {
  readonly #hash: Hash = createHash('sha256');
  readonly #writer = new ByteWriter();
  readonly #sums = { bytes: 0, seconds: 0, units: 0 };
  events = 0;

  add(event: UsageEvent): void {
    this.#writer.clear();
    writeUsageEvent(this.#writer, event);
    this.#hash.update(this.#writer.view());
    this.events += 1;
    this.#sums.bytes += event.bytesUp + event.bytesDown;
    this.#sums.seconds += event.seconds;
    this.#sums.units += event.units;
  }

  /** Once, at the end. */
  get told(): Totals {
    return { events: this.events, ...this.#sums, digest: this.#hash.digest('hex') };
  }
}

/** Events to messages of usage.events. */
class KafkaSink {
  readonly #broker: Broker;
  readonly #producer: OrderedProducer;
  readonly #partitions: number;
  readonly #form: Form;
  readonly #schemaId: number;
  messages = 0;

  private constructor(broker: Broker, partitions: number, form: Form, schemaId: number) {
    this.#broker = broker;
    this.#producer = broker.producer();
    this.#partitions = partitions;
    this.#form = form;
    this.#schemaId = schemaId;
  }

  static async open(form: Form, givenId: number | null, log: Logger): Promise<KafkaSink> {
    const config = readConfig(configSchema);
    const schemaId = givenId ?? (await schemaIdOf(config.SCHEMA_REGISTRY_URL));
    const broker = await Broker.connect(kafkaSettings(config), log);
    try {
      return new KafkaSink(broker, await broker.partitionCount(TOPICS.usageEvents), form, schemaId);
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
      messages: this.#form.container ? [this.#file(own)] : own.map((event) => this.#single(event)),
    }));
    await this.#producer.send(batches);
    this.messages += batches.reduce((sum, { messages }) => sum + messages.length, 0);
  }

  async close(): Promise<void> {
    await this.#producer.close();
    await this.#broker.close();
  }

  #single(event: UsageEvent): OutgoingMessage {
    return { value: usageMessage(event, this.#schemaId), ...this.#headers(event.startTime) };
  }

  #file(events: readonly UsageEvent[]): OutgoingMessage {
    const writer = new ByteWriter();
    let latest = 0;
    for (const event of events) {
      writeUsageEvent(writer, event);
      latest = Math.max(latest, event.startTime);
    }
    return { value: usageFile(writer.view(), events.length), ...this.#headers(latest) };
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
