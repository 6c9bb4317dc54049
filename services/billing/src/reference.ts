/**
 * The reference log as settlement needs it: the index that guides events anew, the facts of each guided partition, the
 * books, and which partitions SIMs were moved between.
 */
import {
  type GuidedFact,
  guidedPartition,
  type PriceBook,
  parseTimeMicros,
  type ReferenceFact,
  ReferenceIndex,
  validatePriceBook,
} from '@headrace/rating';
import { type Broker, TOPICS } from '@headrace/stream';
import type { Validity } from './period.ts';

export class Reference {
  readonly index = new ReferenceIndex();
  readonly books: PriceBook[] = [];
  readonly grants: Validity[] = [];
  readonly closedPeriods = new Set<string>();
  readonly #facts: GuidedFact[][] = [];
  /** For all partitions, of as long as their number is not known. */
  readonly #early: { readonly fact: ReferenceFact; readonly guided: GuidedFact }[] = [];
  /** Subscriptions by SIM, of more than one; else the one. */
  readonly #bySim = new Map<string, string | string[]>();
  readonly #rootOf = new Map<string, string>();

  /** Adds one message. @param timestampMs of the log */
  apply(offset: number, timestampMs: number, text: string): void {
    this.index.applyMessage(offset, text);
    for (const fact of this.index.factsOf(offset, text)) {
      const guided = {
        position: offset,
        receivedAt: timestampMs * 1000,
        kind: fact.kind,
        fact: JSON.stringify(fact),
      };
      this.#note(fact);
      this.#early.push({ fact, guided });
    }
    const count = this.partitions;
    if (count === 0) return;
    for (const { fact, guided } of this.#early.splice(0)) this.#deal(fact, guided, count);
  }

  /** Guided partitions; 0 while none is known. */
  get partitions(): number {
    return this.index.guidedPartitions(this.index.end)?.count ?? 0;
  }

  /** In the order of the log. */
  factsOf(partition: number): readonly GuidedFact[] {
    return this.#facts[partition] ?? [];
  }

  /** Pairs of guided partitions that some SIM was moved between. */
  *moves(): Generator<readonly [number, number]> {
    for (const subscriptions of this.#bySim.values()) {
      if (typeof subscriptions === 'string') continue;
      const partitions = subscriptions.map((subscription) => this.#partitionOf(subscription));
      const known = [...new Set(partitions.filter((partition) => partition !== undefined))];
      const [first, ...others] = known;
      for (const other of others) if (first !== undefined) yield [first, other];
    }
  }

  /** How the latest book rounds invoice lines. */
  get invoiceRounding(): PriceBook['invoiceRounding'] {
    return this.books.at(-1)?.invoiceRounding ?? 'half-up';
  }

  #note(fact: ReferenceFact): void {
    switch (fact.kind) {
      case 'priceBook': {
        const read = validatePriceBook(fact.book);
        if ('book' in read) this.books.push(read.book);
        return;
      }
      case 'topUp':
        this.grants.push({ from: parseTimeMicros(fact.validFrom), to: parseTimeMicros(fact.validTo) });
        return;
      case 'periodClosed':
        this.closedPeriods.add(fact.period);
        return;
      case 'subscription': {
        const concern = this.index.concern(fact);
        if (concern.to === 'key') this.#rootOf.set(fact.subscription, concern.ratingKey);
        return;
      }
      case 'sim': {
        const known = this.#bySim.get(fact.sim);
        if (known === undefined) this.#bySim.set(fact.sim, fact.subscription);
        else if (typeof known !== 'string') known.push(fact.subscription);
        else if (known !== fact.subscription) this.#bySim.set(fact.sim, [known, fact.subscription]);
        return;
      }
      default:
        return;
    }
  }

  #deal(fact: ReferenceFact, guided: GuidedFact, count: number): void {
    const concern = this.index.concern(fact);
    if (concern.to === 'none') return;
    for (let partition = 0; partition < count; partition += 1) {
      if (concern.to === 'key' && guidedPartition(concern.ratingKey, count) !== partition) continue;
      const facts = this.#facts[partition];
      if (facts === undefined) this.#facts[partition] = [guided];
      else facts.push(guided);
    }
  }

  #partitionOf(subscription: string): number | undefined {
    const root = this.#rootOf.get(subscription);
    return root === undefined ? undefined : guidedPartition(root, this.partitions);
  }
}

/** The whole log, up to its end as it is now. @throws HeadraceError OFFSET_GONE if its begin was deleted */
export async function readReference(broker: Broker): Promise<Reference> {
  const reference = new Reference();
  const topic = broker.topic(TOPICS.referenceLog);
  const [{ end } = { end: 0 }] = await broker.offsets(topic);
  if (end === 0) return reference;
  for await (const message of broker.read(topic, 0, 0, end)) {
    reference.apply(message.offset, message.timestampMs, message.value?.toString('utf8') ?? '');
  }
  return reference;
}
