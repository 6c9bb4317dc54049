import type { Broker } from './broker.ts';

export interface RestoredCheckpoint {
  /** Next guided offset to apply. */
  readonly offset: number;
  readonly meta: Record<string, unknown>;
  readonly chunks: Uint8Array[];
}

export class CheckpointStore {
  readonly #broker: Broker;
  readonly #topic: string;
  constructor(broker: Broker, topic: string) {
    this.#broker = broker;
    this.#topic = topic;
  }
  async write(
    _partition: number,
    _offset: number,
    _meta: Record<string, unknown>,
    _chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<{ bytes: number }> {
    throw new Error(this.#broker.topic(this.#topic));
  }
  async restore(_partition: number): Promise<RestoredCheckpoint | null> {
    return null;
  }
}
