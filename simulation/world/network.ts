/**
 * Requests of a process to a server, with all that a network may do to them.
 *
 * 1. What was sent arrives even if the sender dies meanwhile, and then happens at the server.
 * 2. The answer reaches the sender only while it lives, and a frozen sender once it is thawed.
 * 3. After a failure the sender does not know whether the server did it.
 */
import type { Faults } from '../schedule/faults.ts';
import type { SimulatedProcess, World } from './world.ts';

export interface Request<T> {
  /** For the trace, for example "insert rated/1/0/12". */
  readonly what: string;
  /** Which faults may hit it. */
  readonly kind: RequestKind;
  /** At the server. @throws what the server answers instead */
  perform(): T;
}

export type RequestKind = 'lookup' | 'fetch' | 'send' | 'commit' | 'insert' | 'query';

export interface Server {
  readonly up: boolean;
  /** What the sender gets when the server or the answer is lost. */
  lost(what: string): Error;
}

const TRIP_MS_MAX = 3;
/** How long a sender waits for an answer that does not come. */
const LOST_MS_MAX = 400;
/** How much later than its failure a request may still arrive. */
const STRAY_MS_MAX = 4_000;

export class Network {
  readonly world: World;
  readonly faults: Faults;

  constructor(world: World, faults: Faults) {
    this.world = world;
    this.faults = faults;
  }

  call<T>(owner: SimulatedProcess, server: Server, request: Request<T>): Promise<T> {
    const { world } = this;
    const { what, kind } = request;
    const fate = this.faults.fateOf(owner, kind, what);
    return new Promise((resolve, reject) => {
      const fail = () => world.schedule(owner, world.random.below(LOST_MS_MAX), () => reject(server.lost(what)));
      if (fate === 'lost') {
        fail();
        return;
      }
      if (fate === 'stray') {
        fail();
        world.schedule(null, world.random.below(STRAY_MS_MAX), () => this.#arrive(server, request));
        return;
      }
      world.schedule(null, this.faults.trip(TRIP_MS_MAX), () => {
        if (!server.up) {
          fail();
          return;
        }
        const outcome = this.#arrive(server, request);
        if (fate === 'unanswered') {
          fail();
          return;
        }
        world.schedule(owner, this.faults.trip(TRIP_MS_MAX), () => {
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.value);
        });
      });
      this.faults.afterRequest(owner, kind, what);
    });
  }

  #arrive<T>(server: Server, { perform }: Request<T>): { readonly value: T } | { readonly error: unknown } {
    if (!server.up) return { error: server.lost('reach it') };
    try {
      return { value: perform() };
    } catch (error) {
      return { error };
    }
  }
}
