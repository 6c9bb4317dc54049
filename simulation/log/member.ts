/** A member of a simulated group, in one process: what kafkajs's consumer is to the real transport. */
import type { CommitEntry, FetchSource, GroupMember, MembershipEvents } from '@headrace/stream';
import type { SimulatedProcess, World } from '../world/world.ts';
import type { Assignment, Group, MemberEars } from './group.ts';

/** From a join to the first heartbeat, which tells the generation. */
const GENERATION_MS_MAX = 250;
const REJOIN_MS_MAX = 400;
const TRIP_MS_MAX = 3;
const READY_MS_MAX = 3_000;

export interface MemberOptions {
  readonly world: World;
  readonly group: Group;
  readonly owner: SimulatedProcess;
  readonly topics: readonly string[];
  readonly events: MembershipEvents;
  source(): FetchSource;
  commit(memberId: string, generation: number, entries: readonly CommitEntry[]): Promise<boolean>;
}

export class SimulatedMember implements GroupMember, MemberEars {
  readonly owner: SimulatedProcess;
  readonly topics: readonly string[];
  readonly #options: MemberOptions;
  #memberId: string | null = null;
  /** Of the assignment before, to tell whether this member has missed anything. */
  #assignedAs: string | null = null;
  #generation: number | null = null;
  #generationKnown = Promise.withResolvers<void>();
  #assignments = 0;
  #stopped = false;

  constructor(options: MemberOptions) {
    this.#options = options;
    this.owner = options.owner;
    this.topics = options.topics;
  }

  start(): void {
    this.#later(TRIP_MS_MAX, () => this.#join());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const { group, world } = this.#options;
    const id = this.#memberId;
    if (id !== null) world.schedule(null, 1, () => group.leave(id));
  }

  async commit(entries: readonly CommitEntry[]): Promise<boolean> {
    if (this.#memberId === null || this.#generation === null) return false;
    return this.#options.commit(this.#memberId, this.#generation, entries);
  }

  ready(): Promise<void> {
    if (this.#generation !== null) return Promise.resolve();
    const limit = Promise.withResolvers<void>();
    this.#later(READY_MS_MAX, limit.resolve);
    return Promise.race([this.#generationKnown.promise, limit.promise]);
  }

  owned(): Assignment {
    return this.#options.events.owned();
  }

  rebalancing(): void {
    if (this.#stopped) return;
    this.#options.events.rebalancing();
    this.#forgetGeneration();
    const id = this.#memberId;
    const owned = this.owned();
    // The join travels; a member that freezes now has joined all the same.
    if (id !== null) this.#options.world.schedule(null, TRIP_MS_MAX, () => this.#options.group.rejoin(id, owned));
  }

  assigned(memberId: string, generation: number, assignment: Assignment): void {
    if (this.#stopped || memberId !== this.#memberId) return;
    const continued = this.#assignedAs === memberId;
    this.#assignedAs = memberId;
    this.#forgetGeneration();
    this.#options.events.assigned(assignment, continued, this.#options.source());
    this.#assignments += 1;
    const number = this.#assignments;
    this.#later(GENERATION_MS_MAX, () => {
      if (memberId !== this.#memberId || number !== this.#assignments) return;
      this.#generation = generation;
      this.#generationKnown.resolve();
    });
  }

  expelled(memberId: string): void {
    if (this.#stopped || memberId !== this.#memberId) return;
    this.#memberId = null;
    this.#assignedAs = null;
    this.#forgetGeneration();
    this.#options.events.lost();
    this.#later(REJOIN_MS_MAX, () => this.#join());
  }

  #join(): void {
    if (!this.#stopped) this.#memberId = this.#options.group.join(this, this.owned());
  }

  #forgetGeneration(): void {
    if (this.#generation === null) return;
    this.#generation = null;
    this.#generationKnown = Promise.withResolvers<void>();
  }

  #later(msMax: number, run: () => void): void {
    const { world } = this.#options;
    world.schedule(this.owner, 1 + world.random.below(msMax), run);
  }
}
