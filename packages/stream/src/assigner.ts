/**
 * Who reads which partition: balanced to within one, and otherwise as it was, because a moved partition costs a restore
 * of its state. kafkajs has only round robin, which moves most partitions when a member comes or goes.
 *
 * `assignSticky` is pure; the assigner around it speaks kafkajs's protocol. Members tell the leader what they own in the
 * user data of their subscription, as JSON: {"owned":{"<topic>":[<partition>, ...]}}.
 */
import type { Cluster, PartitionAssigner } from 'kafkajs';
import { AssignerProtocol } from './kafkajs.ts';

export interface MemberClaim {
  readonly memberId: string;
  /** What it owned until now, by topic. */
  readonly owned: Readonly<Record<string, readonly number[]>>;
}

export interface TopicPartitionCount {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** By member, by topic. Every partition goes to exactly one member; a member's count differs by one at most. */
export function assignSticky(
  members: readonly MemberClaim[],
  topics: readonly TopicPartitionCount[],
): Map<string, Record<string, number[]>> {
  const unassigned = new Set(topics.flatMap(({ topic, partitions }) => partitions.map((p) => `${p} ${topic}`)));
  const owners = new Map<string, Set<string>>();
  // Sorted by id, so that every leader decides alike.
  for (const member of [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1))) {
    const kept = new Set<string>();
    for (const [topic, partitions] of Object.entries(member.owned)) {
      for (const partition of partitions) {
        const key = `${partition} ${topic}`;
        if (unassigned.delete(key)) kept.add(key);
      }
    }
    owners.set(member.memberId, kept);
  }
  if (owners.size === 0) return new Map();
  const open = [...unassigned].sort(byTopicAndPartition);
  level(owners, open);
  return new Map([...owners].map(([memberId, keys]) => [memberId, groupByTopic(keys)]));
}

/** Hands out `open` to whoever has least, then moves single partitions from the fullest to the emptiest. */
function level(owners: Map<string, Set<string>>, open: readonly string[]): void {
  const extremes = () => {
    const sorted = [...owners.values()].sort((a, b) => a.size - b.size);
    return { least: sorted[0] ?? new Set<string>(), most: sorted.at(-1) ?? new Set<string>() };
  };
  for (const key of open) extremes().least.add(key);
  for (let { least, most } = extremes(); most.size - least.size > 1; { least, most } = extremes()) {
    const moved = [...most].sort(byTopicAndPartition).at(-1);
    if (moved === undefined) return;
    most.delete(moved);
    least.add(moved);
  }
}

function byTopicAndPartition(a: string, b: string): number {
  const [x, y] = [split(a), split(b)];
  if (x.topic !== y.topic) return x.topic < y.topic ? -1 : 1;
  return x.partition - y.partition;
}

function split(key: string): { topic: string; partition: number } {
  const space = key.indexOf(' ');
  return { topic: key.slice(space + 1), partition: Number(key.slice(0, space)) };
}

function groupByTopic(keys: Iterable<string>): Record<string, number[]> {
  const grouped: Record<string, number[]> = {};
  for (const { topic, partition } of [...keys].sort(byTopicAndPartition).map(split)) {
    grouped[topic] = [...(grouped[topic] ?? []), partition];
  }
  return grouped;
}

/** The kafkajs assigner. `owned` is asked at each join; `onCluster` gets the consumer's cluster once, when it is made. */
export function stickyAssigner(
  owned: () => Readonly<Record<string, readonly number[]>>,
  onCluster: (cluster: Cluster) => void,
): PartitionAssigner {
  return ({ cluster }) => {
    onCluster(cluster);
    const version = 1;
    return {
      name: 'headrace-sticky',
      version,
      protocol: ({ topics }) => ({
        name: 'headrace-sticky',
        metadata: AssignerProtocol.MemberMetadata.encode({
          version,
          topics,
          userData: Buffer.from(JSON.stringify({ owned: owned() })),
        }),
      }),
      assign: async ({ members, topics }) => {
        const claims = members.map(({ memberId, memberMetadata }) => ({ memberId, owned: claimOf(memberMetadata) }));
        const counts = topics.map((topic) => ({
          topic,
          partitions: cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId),
        }));
        return [...assignSticky(claims, counts)].map(([memberId, assignment]) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version,
            assignment,
            userData: Buffer.alloc(0),
          }),
        }));
      },
    };
  };
}

/** A claim that cannot be read is none: it costs a move, nothing else. */
function claimOf(memberMetadata: Buffer): Record<string, number[]> {
  const text = AssignerProtocol.MemberMetadata.decode(memberMetadata)?.userData.toString() ?? '';
  if (text === '') return {};
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null || !('owned' in parsed)) return {};
  const { owned } = parsed;
  if (typeof owned !== 'object' || owned === null) return {};
  return Object.fromEntries(
    Object.entries(owned).flatMap(([topic, partitions]) =>
      Array.isArray(partitions) ? [[topic, partitions.filter((p) => Number.isSafeInteger(p))]] : [],
    ),
  );
}
