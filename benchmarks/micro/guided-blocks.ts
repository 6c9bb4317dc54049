/** The reference workload as guided blocks in memory: what a rater would read from usage.guided. */
import {
  eventKey,
  GuidedBlockWriter,
  type HeaderInput,
  type Plan,
  payloadDigest,
  schemaManifest,
  UsageDecoder,
} from '@headrace/codec';
import { type Context, type GuidedFact, isProfile, ReferenceIndex } from '@headrace/rating';
import { createWorkload, type Scale } from '@headrace/testkit';

export interface GuidedWorkload {
  readonly blocks: readonly Uint8Array[];
  readonly facts: readonly GuidedFact[];
  readonly events: number;
}

/** Guides a workload without Kafka; everything goes to one partition, what cannot be guided is left out. */
export function guidedWorkload(seed: string, events: number, scale: Scale, blockEvents: number): GuidedWorkload {
  const workload = createWorkload({ seed, events, scale });
  const index = new ReferenceIndex();
  const facts: GuidedFact[] = [];
  let position = 0;
  for (const { json } of workload.facts()) {
    index.applyMessage(position, json);
    for (const fact of index.factsOf(position, json)) {
      if (index.concern(fact).to !== 'none') {
        facts.push({ position, receivedAt: 0, kind: fact.kind, fact: JSON.stringify(fact) });
      }
    }
    position += 1;
  }
  const blocks: Uint8Array[] = [];
  const writer = new GuidedBlockWriter();
  const decoder = new UsageDecoder({
    schemaText: (id) => schemaManifest().find((entry) => entry.id === id)?.schema ?? null,
  });
  const contexts = new Map<string, Context>();
  const key = new Uint32Array(4);
  const digest = new Uint32Array(2);
  let offset = 0;
  let guided = 0;
  const close = (): void => {
    if (writer.count === 0) return;
    guided += writer.count;
    blocks.push(writer.finish(headerOf(blocks.length, position, writer)));
  };
  for (const message of workload.messages()) {
    const decoded = decoder.decodeMessage(message.value);
    offset += 1;
    if (decoded.kind === 'refused') continue;
    decoded.events.forEach(({ event, refused, raw, rawEncoding }, rawIndex) => {
      if (refused !== null || event.bytesUp < 0 || event.bytesDown < 0) return;
      const id = eventKey(event, key);
      const profile = index.resolve(event.iccid, event.imsi, event.msisdn, event.startTime, position);
      if (id === null || !isProfile(profile)) return;
      payloadDigest(event, digest);
      writer.add({
        event,
        profile,
        context: contextOf(contexts, event, rawEncoding),
        key,
        id,
        payloadDigest: digest,
        receivedAt: message.receivedAtMs * 1000,
        rawPartition: 0,
        rawOffset: offset,
        rawIndex,
        raw,
      });
      if (writer.count >= blockEvents) close();
    });
  }
  close();
  return { blocks, facts, events: guided };
}

function contextOf(
  contexts: Map<string, Context>,
  event: Parameters<GuidedBlockWriter['add']>[0]['event'],
  rawEncoding: string,
): Context {
  const context: Context = {
    source: event.source,
    service: event.service,
    plmn: event.plmn ?? '',
    rat: event.rat ?? '',
    apn: event.apn ?? '',
    ratingGroup: event.ratingGroup ?? -1,
    rawEncoding,
  };
  const key = Object.values(context).join('\u0000');
  const known = contexts.get(key);
  if (known !== undefined) return known;
  contexts.set(key, context);
  return context;
}

function headerOf(number: number, x: Plan['to']['x'], writer: GuidedBlockWriter): HeaderInput {
  const zero = { rated: 0, ratedBytes: 0, duplicate: 0, duplicateBytes: 0, rejected: 0, rejectedBytes: 0 };
  const none = { ...zero, suspended: 0, suspendedBytes: 0, lines: 0, quantity: 0, eventQuantity: 0, amounts: {} };
  return {
    v: 1,
    kind: 'usage',
    source: 'raw/0',
    from: { offset: number, x },
    to: { offset: number + 1, x },
    generation: 1,
    partition: 0,
    status: 'applied',
    blockTime: 0,
    horizonDays: 45,
    controls: { ...none, events: writer.count, bytes: writer.usageBytes },
  };
}
