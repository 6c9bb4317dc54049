/** Sends what executing a plan gave: blocks to every guided partition and to suspense, control totals beside them. */
import { encodeControlTotals, type Plan } from '@headrace/codec';
import { type Broker, generationTopic, type OrderedProducer, type OutgoingBatch, TOPICS } from '@headrace/stream';
import type { GuidedPlan } from './guided-plan.ts';

/** Resolves when all are acknowledged; the caller repeats the whole on failure (readers know a repeated block). */
export async function sendPlan(
  broker: Broker,
  producer: OrderedProducer,
  plan: Plan,
  guided: Pick<GuidedPlan, 'blocks' | 'controls'> & { readonly suspense: Uint8Array | null },
): Promise<void> {
  const guidedTopic = broker.topic(generationTopic(TOPICS.guided, plan.generation));
  const batches: OutgoingBatch[] = guided.blocks.map((value, partition) => ({
    topic: guidedTopic,
    partition,
    messages: [{ value }],
  }));
  if (guided.suspense !== null) {
    batches.push({ topic: broker.topic(TOPICS.suspense), partition: 0, messages: [{ value: guided.suspense }] });
  }
  batches.push({
    topic: broker.topic(TOPICS.controls),
    partition: 0,
    messages: guided.controls.map((totals) => ({ value: encodeControlTotals(totals) })),
  });
  await producer.send(batches);
}
