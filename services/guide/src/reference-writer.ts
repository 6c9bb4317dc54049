/**
 * Appends to the reference log what guiding itself finds out: raw partitions and writer schemas. A plan sees a schema only as known at its X, so an id that the log does not know yet is
 * fetched from the registry, appended to the reference log, and waited for.
 */
import { fetchSchema } from '@headrace/codec';
import { HeadraceError, type Logger, retrying } from '@headrace/platform';
import type { ReferenceFact } from '@headrace/rating';
import { type Broker, type OrderedProducer, TOPICS } from '@headrace/stream';
import type { ReferenceFollower } from './reference-follower.ts';

/** Ids that the registry does not know are asked for again after so many messages, not for each. */
const UNKNOWN_IDS_MAX = 10_000;

export class ReferenceWriter {
  private readonly registryUrl: string | undefined;
  private readonly broker: Broker;
  private readonly producer: OrderedProducer;
  private readonly reference: ReferenceFollower;
  private readonly log: Logger;
  private readonly signal: AbortSignal;
  private readonly unknown = new Set<number>();

  constructor(
    registryUrl: string | undefined,
    broker: Broker,
    producer: OrderedProducer,
    reference: ReferenceFollower,
    log: Logger,
    signal: AbortSignal,
  ) {
    this.registryUrl = registryUrl;
    this.broker = broker;
    this.producer = producer;
    this.reference = reference;
    this.log = log;
    this.signal = signal;
  }

  /** Resolves when every schema id in these messages is a fact that plans may see, or is known to be unknown. */
  async learnSchemas(values: readonly (Uint8Array | null)[]): Promise<void> {
    const { registryUrl } = this;
    if (registryUrl === undefined) return;
    for (const id of schemaIds(values)) {
      if (this.reference.index.hasSchema(id) || this.unknown.has(id)) continue;
      const schema = await retrying(`fetch schema ${id}`, this.log, this.signal, () => this.fetch(registryUrl, id));
      if (schema === null) {
        if (this.unknown.size >= UNKNOWN_IDS_MAX) this.unknown.clear();
        this.unknown.add(id);
        this.log.error('the registry does not know a schema id; its events go to suspense', { id });
      } else await this.append([{ kind: 'schema', id: `schema/${id}`, schemaId: id, schema }]);
    }
  }

  /** Appends facts and waits until plans may see them. */
  async append(facts: readonly ReferenceFact[]): Promise<void> {
    const topic = this.broker.topic(TOPICS.referenceLog);
    const value = Buffer.from(JSON.stringify(facts));
    const [ack] = await retrying('append to the reference log', this.log, this.signal, () =>
      this.producer.send([{ topic, partition: 0, messages: [{ value }] }]),
    );
    await this.reference.until(
      () => this.reference.guidedX > ack.baseOffset && this.reference.index.end > ack.baseOffset,
      this.signal,
    );
  }

  private async fetch(registryUrl: string, id: number): Promise<string | null> {
    try {
      return await fetchSchema(registryUrl, id);
    } catch (error) {
      if (error instanceof HeadraceError && error.code === 'SCHEMA_NOT_FOUND') return null;
      throw error;
    }
  }
}

function schemaIds(values: readonly (Uint8Array | null)[]): Set<number> {
  const ids = new Set<number>();
  for (const value of values) {
    if (value !== null && value.length >= 5 && value[0] === 0) {
      ids.add(((value[1] << 24) | (value[2] << 16) | (value[3] << 8) | value[4]) >>> 0);
    }
  }
  return ids;
}
