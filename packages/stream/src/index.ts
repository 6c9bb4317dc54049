/** Everything about consuming and producing safely. The only room that imports kafkajs. */
export { Broker } from './broker.ts';
export { CheckpointStore, type RestoredCheckpoint } from './checkpoints.ts';
export { Coverage, comparePositions } from './coverage.ts';
export type { Fetched, FetchLimits, FetchTarget } from './fetch.ts';
export { packed } from './packed.ts';
export { Backoff, type PersistOptions, persist } from './retry.ts';
export { type KafkaSettings, kafkaSettings, kafkaSettingsSchema } from './settings.ts';
export {
  generationTopic,
  MESSAGE_BYTES_MAX,
  RAW_MESSAGE_BYTES_MAX,
  TOPICS,
  type TopicCounts,
  type TopicName,
  type TopicSpec,
  topicSpecs,
} from './topics.ts';
export type {
  Administration,
  CommitEntry,
  FetchSource,
  GroupMember,
  LinkedSource,
  MembershipEvents,
  Sender,
  Transport,
} from './transport.ts';
export type {
  Acknowledgement,
  Assignment,
  Committed,
  ConsumeOptions,
  Consumption,
  CoverageEntry,
  CoverageVerdict,
  MessagePlace,
  OrderedProducer,
  OutgoingBatch,
  OutgoingMessage,
  PartitionHandle,
  PartitionOffsets,
  StoppedPartition,
  StreamMessage,
} from './types.ts';
