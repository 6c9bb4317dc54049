/**
 * The topics: names, partition counts, retention. One constants file, so that a name is written once. The table for
 * people is schemas/README.md.
 */

/** Bytes of one message of usage.events at most: an event, or a container file of events. */
export const RAW_MESSAGE_BYTES_MAX = 8 * 1024 * 1024;
/** Bytes of one message of any other topic at most; a block of what one raw message holds must fit, with its dictionaries. */
export const MESSAGE_BYTES_MAX = 32 * 1024 * 1024;

export const TOPICS = {
  usageEvents: 'usage.events',
  referenceLog: 'reference.log',
  guidePlans: 'usage.guide-plans',
  guided: 'usage.guided',
  suspense: 'usage.suspense',
  rated: 'usage.rated',
  invoiceTotals: 'invoice.totals',
  controls: 'assurance.controls',
  findings: 'assurance.findings',
  checkpoints: 'rater.checkpoints',
} as const;

export type TopicName = (typeof TOPICS)[keyof typeof TOPICS];

export interface TopicSpec {
  /** Without the prefix. */
  readonly name: string;
  readonly partitions: number;
  readonly replication: number;
  readonly config: Readonly<Record<string, string>>;
}

export interface TopicCounts {
  /** R: partitions of usage.events. */
  readonly raw: number;
  /** G: guided partitions. */
  readonly guided: number;
  /** Topic generation, from 1. */
  readonly generation: number;
  readonly replication: number;
}

const DAY_MS = 86_400_000;
/** Raw messages and guided blocks outlive the late-arrival horizon (45 days) with room for a month's close. */
const INPUT_RETENTION_MS = 90 * DAY_MS;
/** Kept until a person or settlement has dealt with them. */
const LONG_RETENTION_MS = 400 * DAY_MS;
const FOREVER = -1;

/** The topic's name in a generation: above the first it ends in `.g<N>`. */
export function generationTopic(name: string, generation: number): string {
  return generation > 1 ? `${name}.g${generation}` : name;
}

/** All topics of one deployment. Counts are checked: whole numbers from 1. */
export function topicSpecs(counts: TopicCounts): TopicSpec[] {
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} must be a whole number from 1: ${value}`);
  }
  const { raw, guided, generation } = counts;
  const appendOnly = (name: string, partitions: number, retentionMs: number, extra: Record<string, string> = {}) =>
    spec(name, partitions, counts.replication, {
      'cleanup.policy': 'delete',
      'retention.ms': String(retentionMs),
      ...extra,
    });
  const appendTime = { 'message.timestamp.type': 'LogAppendTime' };
  const inGeneration = (name: string) => generationTopic(name, generation);
  return [
    appendOnly(TOPICS.usageEvents, raw, INPUT_RETENTION_MS, {
      ...appendTime,
      'max.message.bytes': String(RAW_MESSAGE_BYTES_MAX),
      // Publishers may compress as they like; the broker hands it out as zstd, which our client reads.
      'compression.type': 'zstd',
    }),
    appendOnly(TOPICS.referenceLog, 1, FOREVER),
    appendOnly(TOPICS.guidePlans, 1 + raw, FOREVER),
    appendOnly(inGeneration(TOPICS.guided), guided, INPUT_RETENTION_MS, appendTime),
    appendOnly(TOPICS.suspense, 1, LONG_RETENTION_MS),
    appendOnly(inGeneration(TOPICS.rated), guided, INPUT_RETENTION_MS),
    appendOnly(inGeneration(TOPICS.invoiceTotals), guided, LONG_RETENTION_MS),
    appendOnly(TOPICS.controls, 1, LONG_RETENTION_MS),
    appendOnly(TOPICS.findings, 1, LONG_RETENTION_MS),
    spec(inGeneration(TOPICS.checkpoints), guided, counts.replication, {
      'cleanup.policy': 'compact',
      // A reader that is slower than this could miss a tombstone and bring a deleted chunk back.
      'delete.retention.ms': String(7 * DAY_MS),
      'min.cleanable.dirty.ratio': '0.2',
    }),
  ];
}

function spec(name: string, partitions: number, replication: number, config: Record<string, string>): TopicSpec {
  return {
    name,
    partitions,
    replication,
    config: {
      'retention.bytes': '-1',
      'max.message.bytes': String(MESSAGE_BYTES_MAX),
      // Acknowledged means on a majority, so that no single broker can lose it.
      'min.insync.replicas': String(Math.floor(replication / 2) + 1),
      ...config,
    },
  };
}
