/**
 * A consumer group as its coordinator sees it.
 *
 *   stable ──someone joins, leaves or is given up──▶ preparing ──all have joined anew──▶ stable, next generation
 *
 * 1. Commits are taken from members of the current generation only.
 * 2. A member that does not answer is given up after the session's time, and learns of it when it asks again.
 * 3. Members hear of their assignment one by one: for a while two may think that a partition is theirs.
 */

import type { CommitEntry, Committed } from '@headrace/stream';
import { assignSticky } from '@headrace/stream/assigner';
import type { SimulatedProcess } from '../world/world.ts';
import type { LogCluster } from './log-cluster.ts';

export const SESSION_TIMEOUT_MS = 10_000;
/** A member hears of a rebalance with its next heartbeat. */
const HEARTBEAT_MS = 200;
/** The same where the heartbeat itself is on its way for long. */
const LOST_HEARTBEAT_MS = 4_000;
const FIRST_JOIN_MS = 50;

export type Assignment = Readonly<Record<string, readonly number[]>>;

/** What a member hears from the coordinator; each call is in the member's process. */
export interface MemberEars {
  readonly owner: SimulatedProcess;
  readonly topics: readonly string[];
  owned(): Assignment;
  rebalancing(): void;
  assigned(memberId: string, generation: number, assignment: Assignment): void;
  expelled(memberId: string): void;
}

interface Member {
  readonly id: string;
  readonly ears: MemberEars;
  /** What it owned when it joined the coming generation; null until it has. */
  joined: Assignment | null;
}

export class Group {
  readonly id: string;
  readonly #cluster: LogCluster;
  readonly #members = new Map<string, Member>();
  readonly #committed = new Map<string, Committed>();
  #generation = 0;
  #preparing = false;
  #memberNumber = 0;

  constructor(cluster: LogCluster, id: string) {
    this.id = id;
    this.#cluster = cluster;
  }

  get members(): readonly string[] {
    return [...this.#members.keys()];
  }

  committed(topic: string): ReadonlyMap<number, Committed> {
    const found = new Map<number, Committed>();
    for (const [key, commit] of this.#committed) {
      const slash = key.lastIndexOf('/');
      if (key.slice(0, slash) === topic) found.set(Number(key.slice(slash + 1)), commit);
    }
    return found;
  }

  /** False if the member is not of this generation. */
  commit(memberId: string, generation: number, entries: readonly CommitEntry[]): boolean {
    if (!this.#members.has(memberId) || generation !== this.#generation) return false;
    for (const { topic, partition, offset, metadata } of entries) {
      this.#committed.set(`${topic}/${partition}`, { offset, metadata });
    }
    return true;
  }

  /** A new member. @returns its id */
  join(ears: MemberEars, owned: Assignment): string {
    this.#memberNumber += 1;
    const id = `${ears.owner.name}-${this.#memberNumber}`;
    this.#members.set(id, { id, ears, joined: owned });
    this.#prepare();
    return id;
  }

  /** A member joins the coming generation. False if it is no member any more. */
  rejoin(memberId: string, owned: Assignment): boolean {
    const member = this.#members.get(memberId);
    if (member === undefined) return false;
    member.joined = owned;
    this.#complete();
    return true;
  }

  leave(memberId: string): void {
    if (this.#members.delete(memberId)) this.#prepare();
  }

  /** The coordinator gives a member up; it hears of it a little later, whatever it does meanwhile. */
  expel(memberId: string): void {
    const member = this.#members.get(memberId);
    if (member === undefined) return;
    this.#members.delete(memberId);
    this.#cluster.world.trace.add(`group ${this.id} expels ${memberId}`);
    const { owner } = member.ears;
    const late = this.#cluster.world.random.below(2) === 0 ? HEARTBEAT_MS : LOST_HEARTBEAT_MS;
    this.#cluster.world.schedule(owner, this.#someTime(late), () => member.ears.expelled(memberId));
    this.#prepare();
  }

  /** Looked at when a process stopped answering: its members are given up unless it answers again by then. */
  watch(owner: SimulatedProcess): void {
    for (const { id, ears } of this.#members.values()) {
      if (ears.owner !== owner) continue;
      this.#cluster.world.schedule(null, SESSION_TIMEOUT_MS, () => {
        if (owner.state !== 'running') this.expel(id);
      });
    }
  }

  #prepare(): void {
    const { world } = this.#cluster;
    if (!this.#preparing) {
      this.#preparing = true;
      for (const member of this.#members.values()) {
        // Who has just come has joined already.
        if (member.joined !== null) continue;
        world.schedule(member.ears.owner, this.#someTime(HEARTBEAT_MS), () => {
          if (this.#preparing && this.#members.has(member.id) && member.joined === null) member.ears.rebalancing();
        });
      }
    }
    world.schedule(null, FIRST_JOIN_MS, () => this.#complete());
  }

  #complete(): void {
    if (!this.#preparing) return;
    const members = [...this.#members.values()];
    if (members.some(({ joined }) => joined === null)) return;
    this.#preparing = false;
    this.#generation += 1;
    const generation = this.#generation;
    const claims = members.map(({ id, joined }) => ({ memberId: id, owned: joined ?? {} }));
    const topics = [...new Set(members.flatMap(({ ears }) => ears.topics))].sort().map((topic) => ({
      topic,
      partitions: this.#cluster.topic(topic).map(({ partition }) => partition),
    }));
    const shares = assignSticky(claims, topics);
    for (const member of members) {
      member.joined = null;
      const share = shares.get(member.id) ?? {};
      this.#cluster.world.schedule(member.ears.owner, this.#someTime(HEARTBEAT_MS), () => {
        if (this.#members.has(member.id) && generation === this.#generation) {
          member.ears.assigned(member.id, generation, share);
        }
      });
    }
  }

  #someTime(msMax: number): number {
    return 1 + this.#cluster.world.random.below(msMax);
  }
}
