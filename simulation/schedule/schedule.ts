/**
 * One schedule: a workload, the stages, and what goes wrong, all from one seed.
 *
 *   facts and events are published, stages are started and disturbed ──▶ calm: all that died is started, nothing more
 *   goes wrong ──▶ quiet: nothing is written any more ──▶ the oracle looks
 */
import { messageOf } from '@headrace/platform';
import { topicSpecs } from '@headrace/stream';
import { LogCluster } from '../log/log-cluster.ts';
import { checkpointed } from '../log/retention.ts';
import { Crew, type Instance } from '../stages/crew.ts';
import { STAGES, type StageName } from '../stages/stages.ts';
import { SimulatedStore } from '../store/simulated-store.ts';
import { Network } from '../world/network.ts';
import { inhabit } from '../world/stand-in.ts';
import { World } from '../world/world.ts';
import { type FaultKind, Faults } from './faults.ts';
import { judge, type Totals, totalsOf } from './oracle.ts';
import { makeWorkload, type SmallWorkload, WORKLOADS } from './workload.ts';

/** How long things go wrong. */
const TROUBLE_MS = 14_000;
const LOOK_MS = 1_000;
/** Nothing written for so long is quiet enough to look. */
const QUIET_MS = 3_000;
/**
 * Nothing written for so long, and still not right: it will never be. Assurance rests nine times as long as a round took,
 * and one in which it was frozen took up to 25 seconds.
 */
const STUCK_MS = 300_000;
const END_MS = 1_500_000;
const DISTURBANCES_MAX = 14;

export interface ScheduleResult {
  readonly seed: number;
  readonly faults: ReadonlyMap<FaultKind, number>;
  /** Empty if all is well. */
  readonly problems: readonly string[];
  readonly trace: readonly string[];
  /** Of the whole trace. */
  readonly digest: string;
  readonly totals: Totals;
  readonly steps: number;
  readonly elapsedMs: number;
}

const undisturbed = new Map<number, Totals>();

/** Runs the schedule of a seed; the same seed is the same run. Where even the undisturbed run fails, that is its result. */
export async function runSchedule(seed: number): Promise<ScheduleResult> {
  const number = seed % WORKLOADS;
  let wanted = undisturbed.get(number);
  if (wanted === undefined) {
    const result = await new Schedule(number, makeWorkload(number), null, 0).run();
    if (result.problems.length > 0) {
      return { ...result, seed, problems: ['the undisturbed run fails', ...result.problems] };
    }
    wanted = result.totals;
    undisturbed.set(number, wanted);
  }
  return new Schedule(seed, makeWorkload(number), wanted, 1).run();
}

class Schedule {
  readonly #seed: number;
  readonly #workload: SmallWorkload;
  readonly #wanted: Totals | null;
  readonly #world: World;
  readonly #faults: Faults;
  readonly #cluster: LogCluster;
  readonly #store: SimulatedStore;
  readonly #crew: Crew;
  readonly #disturbed: boolean;
  /** The highest offset of a complete checkpoint that there ever was, by guided partition. */
  readonly #checkpointed: number[] = [];
  #problems: string[] | null = null;
  #part = 1;
  #seen = -1;
  #quietSince = 0;

  constructor(seed: number, workload: SmallWorkload, wanted: Totals | null, intensity: number) {
    this.#seed = seed;
    this.#workload = workload;
    this.#wanted = wanted;
    this.#disturbed = intensity > 0;
    this.#world = new World(seed);
    this.#faults = new Faults(this.#world, seed, intensity);
    this.#cluster = new LogCluster(this.#world);
    this.#store = new SimulatedStore(this.#world);
    const { random } = this.#faults;
    this.#crew = new Crew({
      world: this.#world,
      network: new Network(this.#world, this.#faults),
      cluster: this.#cluster,
      store: this.#store,
      checkpointIntervalMs: 200 + random.below(3_000),
    });
    this.#faults.crash = (owner) => this.#crew.kill(owner);
  }

  async run(): Promise<ScheduleResult> {
    const world = this.#world;
    const failed = (error: unknown) => world.fail(error);
    process.on('unhandledRejection', failed);
    inhabit(world);
    try {
      this.#publish();
      for (const stage of STAGES) this.#crew.want(stage, this.#instances(stage));
      if (this.#disturbed) this.#disturb();
      world.schedule(null, this.#disturbed ? TROUBLE_MS : 0, () => this.#calm());
      await world.run(() => this.#problems !== null);
    } catch (error) {
      this.#problems = [`a broken invariant: ${error instanceof Error ? error.stack : messageOf(error)}`];
    } finally {
      inhabit(null);
      process.off('unhandledRejection', failed);
    }
    return {
      seed: this.#seed,
      faults: this.#faults.counts,
      problems: this.#problems ?? ['nothing is left to do, and the oracle was not asked'],
      trace: world.trace.lines(),
      digest: world.trace.digest(),
      totals: totalsOf(this.#store),
      steps: world.steps,
      elapsedMs: world.elapsed,
    };
  }

  #instances(stage: StageName): number {
    if (!this.#disturbed || stage === 'assurance') return 1;
    return 1 + this.#faults.random.below(2);
  }

  #publish(): void {
    const { rawPartitions, guidedPartitions, facts, messages } = this.#workload;
    const counts = { raw: rawPartitions, guided: guidedPartitions, generation: 1, replication: 1 };
    this.#cluster.create(topicSpecs(counts));
    for (const log of this.#cluster.topic('rater.checkpoints')) {
      log.watchers.add(() => {
        this.#checkpointed[log.partition] = Math.max(this.#checkpointed[log.partition] ?? 0, checkpointed(log));
      });
    }
    for (const { atMs, facts: batch } of facts) {
      this.#world.schedule(null, atMs, () => this.#append('reference.log', 0, Buffer.from(JSON.stringify(batch))));
    }
    for (const { atMs, partition, value } of messages) {
      this.#world.schedule(null, atMs, () => this.#append('usage.events', partition, value));
    }
  }

  #append(topic: string, partition: number, value: Buffer): void {
    const log = this.#cluster.partition(topic, partition);
    if (this.#faults.leavesHole(log)) log.skip(1);
    log.append([{ key: null, value, headers: {}, timestampMs: this.#world.now }], this.#world.now);
    this.#cluster.appended += 1;
  }

  #disturb(): void {
    const { random } = this.#faults;
    const count = random.below(DISTURBANCES_MAX);
    for (let n = 0; n < count; n += 1) {
      const kind = random.pick([
        'crash',
        'crash',
        'freeze',
        'freeze',
        'stop',
        'expel',
        'scale',
        'log-down',
        'store-down',
      ] as const);
      this.#world.schedule(null, random.below(TROUBLE_MS), () => this.#disturbBy(kind));
    }
  }

  #disturbBy(kind: 'crash' | 'freeze' | 'stop' | 'expel' | 'scale' | 'log-down' | 'store-down'): void {
    const { random } = this.#faults;
    const instance = this.#someInstance();
    if (instance === null) return;
    const { name } = instance.process;
    switch (kind) {
      case 'crash':
        this.#faults.note('crash', name);
        this.#crew.kill(instance.process);
        return;
      case 'freeze': {
        const ms = 200 + random.below(random.below(2) === 0 ? 2_000 : 25_000);
        this.#faults.note('freeze', `${name} for ${ms} ms`);
        this.#crew.freeze(instance, ms);
        return;
      }
      case 'stop':
        this.#faults.note('stop', name);
        this.#crew.stop(instance);
        return;
      case 'expel': {
        const groups = [...this.#cluster.groups()].filter(({ members }) => members.length > 0);
        const group = groups[random.below(Math.max(1, groups.length))];
        const id = group?.members[random.below(group.members.length)];
        if (group === undefined || id === undefined) return;
        this.#faults.note('expel', `${id} from ${group.id}`);
        group.expel(id);
        return;
      }
      case 'scale': {
        const wanted = 1 + random.below(3);
        this.#faults.note('start', `${wanted} of ${instance.stage}`);
        if (instance.stage !== 'assurance') this.#crew.want(instance.stage, wanted);
        return;
      }
      case 'log-down':
        this.#down(this.#cluster, kind);
        return;
      case 'store-down':
        this.#down(this.#store, kind);
        return;
      default:
        kind satisfies never;
    }
  }

  /**
   * The second part: guided blocks below the last complete checkpoint have had their time, every rater is a new one, and
   * more events come. So what history has left behind is what has to do.
   */
  #secondPart(): void {
    this.#world.trace.add('second part');
    this.#part = 2;
    for (const { process, stage } of this.#crew.alive) if (stage === 'rater') this.#crew.kill(process);
    this.#truncate();
    for (const { partition, value } of this.#workload.later) this.#append('usage.events', partition, value);
  }

  #truncate(): void {
    for (const log of this.#cluster.topic('usage.guided')) {
      const before = this.#checkpointed[log.partition] ?? 0;
      if (before <= log.low) continue;
      this.#faults.note('retention', `${log.topic}/${log.partition} below ${before}`);
      log.truncate(before);
    }
  }

  #down(server: { up: boolean }, kind: 'log-down' | 'store-down'): void {
    const ms = 100 + this.#faults.random.below(4_000);
    this.#faults.note(kind, `for ${ms} ms`);
    server.up = false;
    this.#world.schedule(null, ms, () => {
      server.up = true;
    });
  }

  #someInstance(): Instance | null {
    const alive = this.#crew.alive.filter(({ process }) => process.state === 'running');
    return alive[this.#faults.random.below(Math.max(1, alive.length))] ?? null;
  }

  #calm(): void {
    this.#world.trace.add('calm');
    this.#faults.stop();
    this.#look();
  }

  #look(): void {
    const { world } = { world: this.#world };
    const written = this.#cluster.appended + this.#store.changes;
    if (written !== this.#seen) this.#quietSince = world.elapsed;
    this.#seen = written;
    const quietMs = world.elapsed - this.#quietSince;
    if (quietMs >= QUIET_MS) {
      const { messages, later } = this.#workload;
      const problems =
        this.#part === 1
          ? judge(messages, this.#cluster, this.#store, null)
          : judge([...messages, ...later], this.#cluster, this.#store, this.#wanted);
      problems.push(...this.#unwell());
      if (problems.length === 0 && this.#part === 1) this.#secondPart();
      else if (problems.length === 0 || quietMs >= STUCK_MS || world.elapsed > END_MS) {
        this.#problems = problems;
        return;
      }
    }
    world.schedule(null, LOOK_MS, () => this.#look());
  }

  /** Instances that say of themselves that they are not well. */
  #unwell(): string[] {
    return this.#crew.alive.flatMap(({ process, service }) => {
      const health = this.#world.enter(process, () => service?.health());
      return health?.ok === true ? [] : [`${process.name}: ${JSON.stringify(health?.detail ?? 'starting')}`];
    });
  }
}
