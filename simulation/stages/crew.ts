/**
 * Keeps the wanted number of instances of each stage running, as a supervisor does: what died is started again after a
 * while, as a new process that knows nothing.
 */
import { HeadraceError, messageOf, type Service } from '@headrace/platform';
import { SimulatedProcess } from '../world/world.ts';
import { type Room, type StageName, startStage } from './stages.ts';

export interface Instance {
  readonly stage: StageName;
  readonly process: SimulatedProcess;
  readonly abort: AbortController;
  service: Service | null;
  stopping: boolean;
}

const RESTART_MS_MAX = 2_000;

export class Crew {
  readonly #room: Room;
  readonly #instances = new Set<Instance>();
  readonly #wanted = new Map<StageName, number>();
  #number = 0;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Those that were not killed; frozen ones are among them. */
  get alive(): readonly Instance[] {
    return [...this.#instances];
  }

  want(stage: StageName, count: number): void {
    this.#wanted.set(stage, count);
    this.#fill(stage);
  }

  kill(process: SimulatedProcess): void {
    const instance = this.alive.find((one) => one.process === process);
    if (instance === undefined) return;
    this.#room.world.kill(process);
    this.#gone(instance);
  }

  freeze({ process }: Instance, ms: number): void {
    const { world, cluster } = this.#room;
    world.freeze(process);
    for (const group of cluster.groups()) group.watch(process);
    world.schedule(null, ms, () => world.thaw(process));
  }

  /** SIGTERM: it drains, and is over when it has. */
  stop(instance: Instance): void {
    if (instance.stopping || instance.service === null) return;
    instance.stopping = true;
    const { world } = this.#room;
    world.enter(instance.process, () => {
      instance.abort.abort(new Error('stopping'));
      void this.#drain(instance);
    });
  }

  thawAll(): void {
    for (const { process } of this.#instances) this.#room.world.thaw(process);
  }

  async #drain(instance: Instance): Promise<void> {
    try {
      await instance.service?.stop();
    } catch (error) {
      this.#room.world.trace.add(`${instance.process.name} stops with ${messageOf(error)}`);
    }
    this.#room.world.kill(instance.process);
    this.#gone(instance);
  }

  #fill(stage: StageName): void {
    const running = this.alive.filter((one) => one.stage === stage).length;
    for (let n = running; n < (this.#wanted.get(stage) ?? 0); n += 1) this.#start(stage);
  }

  #start(stage: StageName): void {
    const { world } = this.#room;
    this.#number += 1;
    const process = new SimulatedProcess(`${stage}-${this.#number}`);
    const instance: Instance = { stage, process, abort: new AbortController(), service: null, stopping: false };
    this.#instances.add(instance);
    world.trace.add(`start ${process.name}`);
    world.schedule(process, world.random.below(20), () => void this.#run(instance));
  }

  async #run(instance: Instance): Promise<void> {
    const { world } = this.#room;
    try {
      instance.service = await startStage(instance.stage, this.#room, instance.process, instance.abort.signal);
    } catch (error) {
      // The shell of a real process ends it with an exit status; its supervisor starts it again.
      if (!(error instanceof HeadraceError)) {
        world.fail(error);
        return;
      }
      world.trace.add(`${instance.process.name} cannot start: ${messageOf(error)}`);
      this.kill(instance.process);
    }
  }

  #gone(instance: Instance): void {
    if (!this.#instances.delete(instance)) return;
    const { world, cluster } = this.#room;
    world.trace.add(`end of ${instance.process.name}`);
    for (const group of cluster.groups()) group.watch(instance.process);
    world.schedule(null, world.random.below(RESTART_MS_MAX), () => this.#fill(instance.stage));
  }
}
