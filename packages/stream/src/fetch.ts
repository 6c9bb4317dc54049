/**
 * One fetch: positions of partitions of one broker in, messages out. It asks the broker itself instead of going through
 * kafkajs's consumer, because that one, on OFFSET_OUT_OF_RANGE, resumes somewhere else without a word, fetches again
 * only when every handler has returned, and drops what it fetched for a partition that was paused meanwhile.
 *
 * It owns: leaving out what is below the position, control records and aborted transactions; the next position.
 *
 * Invariants:
 * 1. `next` never falls below the position asked for, and is past every message that was returned or left out.
 * 2. Messages are in offset order.
 */
import type { Cluster, IHeaders } from 'kafkajs';
import type { FetchSource } from './transport.ts';
import type { StreamMessage } from './types.ts';

export interface FetchTarget {
  readonly topic: string;
  readonly partition: number;
  /** Next to read. */
  readonly offset: number;
  readonly bytesMax: number;
}

export interface Fetched {
  readonly topic: string;
  readonly partition: number;
  /** The position that was asked for. */
  readonly offset: number;
  readonly messages: readonly StreamMessage[];
  /** Next to read after these. */
  readonly next: number;
  /** End of what is committed: transactions that are still open lie beyond. */
  readonly stableEnd: number;
  /** End of the log. */
  readonly end: number;
  /** Bytes of keys and values. */
  readonly bytes: number;
}

export interface FetchLimits {
  readonly waitMs: number;
  readonly bytesMax: number;
}

/** What kafkajs decodes a fetch response to; it types it as anything. */
interface FetchResponse {
  readonly responses: readonly { readonly topicName: string; readonly partitions: readonly FetchedPartition[] }[];
}

interface FetchedPartition {
  readonly partition: number;
  readonly highWatermark: string;
  readonly lastStableOffset?: string;
  readonly abortedTransactions?: readonly AbortedTransaction[] | null;
  readonly messages: readonly RawMessage[];
}

interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

interface RawMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: IHeaders;
  readonly isControlRecord?: boolean;
  readonly batchContext?: { readonly producerId: string; readonly inTransaction: boolean };
}

const READ_COMMITTED = 1;
const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});
/** Type of an abort marker: version 0, type 0. */
const ABORT_MARKER_KEY = Buffer.from([0, 0, 0, 0]);

/** Fetches from the broker `nodeId`. Failures are kafkajs's own. kafkajs shuffles the targets, so none starves. */
async function fetchOnce(
  cluster: Cluster,
  nodeId: string,
  targets: readonly FetchTarget[],
  limits: FetchLimits,
): Promise<Fetched[]> {
  const broker = await cluster.findBroker({ nodeId });
  const byTopic = new Map<string, { partition: number; fetchOffset: string; maxBytes: number }[]>();
  for (const { topic, partition, offset, bytesMax } of targets) {
    const partitions = byTopic.get(topic) ?? [];
    partitions.push({ partition, fetchOffset: String(offset), maxBytes: bytesMax });
    byTopic.set(topic, partitions);
  }
  const response: FetchResponse = await broker.fetch({
    // An ordinary consumer.
    replicaId: -1,
    isolationLevel: READ_COMMITTED,
    maxWaitTime: limits.waitMs,
    minBytes: 1,
    maxBytes: limits.bytesMax,
    topics: [...byTopic].map(([topic, partitions]) => ({ topic, partitions })),
  });
  const fetched: Fetched[] = [];
  for (const { topicName, partitions } of response.responses) {
    for (const data of partitions) {
      const target = targets.find((one) => one.topic === topicName && one.partition === data.partition);
      if (target !== undefined) fetched.push(readPartition(target, data));
    }
  }
  return fetched;
}

function readPartition(target: FetchTarget, data: FetchedPartition): Fetched {
  const { topic, partition, offset: from } = target;
  const isAborted = abortedFilter(data.abortedTransactions ?? []);
  const messages: StreamMessage[] = [];
  let next = from;
  let bytes = 0;
  for (const raw of data.messages) {
    const offset = Number(raw.offset);
    // A compressed batch comes whole, also where it begins below the position.
    const leftOut = isAborted(raw, offset) || raw.isControlRecord === true || offset < from;
    if (offset >= next) next = offset + 1;
    if (leftOut) continue;
    bytes += (raw.key?.length ?? 0) + (raw.value?.length ?? 0);
    messages.push({
      topic,
      partition,
      offset,
      timestampMs: Number(raw.timestamp),
      key: raw.key,
      value: raw.value,
      headers: headersOf(raw.headers),
    });
  }
  const end = Number(data.highWatermark);
  const stableEnd = data.lastStableOffset === undefined ? end : Number(data.lastStableOffset);
  return { topic, partition, offset: from, messages, next, stableEnd, end, bytes };
}

/** Says of each message, called in offset order, whether it belongs to an aborted transaction. */
function abortedFilter(transactions: readonly AbortedTransaction[]): (raw: RawMessage, offset: number) => boolean {
  if (transactions.length === 0) return () => false;
  const coming = [...transactions].sort((a, b) => Number(a.firstOffset) - Number(b.firstOffset));
  const open = new Set<string>();
  return (raw, offset) => {
    for (let first = coming[0]; first !== undefined && Number(first.firstOffset) <= offset; first = coming[0]) {
      open.add(first.producerId);
      coming.shift();
    }
    const producerId = raw.batchContext?.producerId ?? '';
    if (raw.isControlRecord === true) {
      if (raw.key?.equals(ABORT_MARKER_KEY) === true) open.delete(producerId);
      return true;
    }
    return raw.batchContext?.inTransaction === true && open.has(producerId);
  };
}

function headersOf(headers: IHeaders | undefined): Readonly<Record<string, string>> {
  let plain: Record<string, string> | undefined;
  for (const name in headers) {
    const value = headers[name];
    // Of a repeated header the last one counts.
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last === undefined || last === null) continue;
    plain ??= {};
    plain[name] = last.toString();
  }
  return plain ?? NO_HEADERS;
}

/** The broker that leads a partition, as far as the metadata knows. */
function leaderOf(cluster: Cluster, topic: string, partition: number): string | null {
  const found = cluster.findTopicPartitionMetadata(topic).find((one) => one.partitionId === partition);
  return found === undefined || found.leader < 0 ? null : String(found.leader);
}

/** Fetches by the metadata of a cluster. */
export function clusterSource(cluster: Cluster): FetchSource {
  return {
    leaderOf: (topic, partition) => leaderOf(cluster, topic, partition),
    fetch: (node, targets, limits) => fetchOnce(cluster, node, targets, limits),
    refresh: () => cluster.refreshMetadata(),
  };
}
