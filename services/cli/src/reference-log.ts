/** Writing facts to the reference log, after trying them against what the log holds. */
import { HeadraceError } from '@headrace/platform';
import { type ReferenceFact, ReferenceIndex } from '@headrace/rating';
import { type Broker, TOPICS } from '@headrace/stream';

/** Facts of one message, about: they share a position, and a message must stay well below the topic's limit. */
const MESSAGE_BYTES_MAX = 512 * 1024;

/** The whole log as an index. @throws HeadraceError OFFSET_GONE if its begin was deleted */
export async function readReferenceLog(broker: Broker): Promise<ReferenceIndex> {
  const index = new ReferenceIndex();
  const topic = broker.topic(TOPICS.referenceLog);
  const [{ end }] = await broker.offsets(topic);
  if (end === 0) return index;
  for await (const message of broker.read(topic, 0, 0, end)) {
    index.applyMessage(message.offset, message.value?.toString('utf8') ?? '');
  }
  return index;
}

/**
 * Appends the facts whose ids the log does not hold yet.
 * @returns how many were written
 * @throws HeadraceError REFERENCE_INVALID naming the facts that the log would refuse; nothing is written then
 */
export async function publishFacts(broker: Broker, facts: readonly ReferenceFact[]): Promise<number> {
  const index = await readReferenceLog(broker);
  const fresh = facts.filter((fact) => !index.has(fact.id));
  const messages = inMessages(fresh);
  let position = index.end;
  for (const text of messages) {
    const refused = index.applyMessage(position, text);
    if (refused.length > 0) {
      const reasons = refused
        .slice(0, 5)
        .map(({ id, reason }) => `${id}: ${reason}`)
        .join('; ');
      const more = refused.length > 5 ? ` and ${refused.length - 5} more` : '';
      throw new HeadraceError(
        'REFERENCE_INVALID',
        `Nothing was written; the reference log would refuse ${reasons}${more}.`,
      );
    }
    position += 1;
  }
  const producer = broker.producer();
  try {
    for (const text of messages) {
      const value = Buffer.from(text);
      await producer.send([{ topic: broker.topic(TOPICS.referenceLog), partition: 0, messages: [{ value }] }]);
    }
  } finally {
    await producer.close();
  }
  return fresh.length;
}

function inMessages(facts: readonly ReferenceFact[]): string[] {
  const messages: string[] = [];
  let texts: string[] = [];
  let bytes = 0;
  for (const fact of facts) {
    const text = JSON.stringify(fact);
    if (texts.length > 0 && bytes + text.length > MESSAGE_BYTES_MAX) {
      messages.push(`[${texts.join(',')}]`);
      texts = [];
      bytes = 0;
    }
    texts.push(text);
    bytes += text.length + 1;
  }
  if (texts.length > 0) messages.push(`[${texts.join(',')}]`);
  return messages;
}
