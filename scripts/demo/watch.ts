/**
 * Watches the pipeline from the first event to the last row that can be queried.
 *
 *   waiting for facts ──guided to the log's end──▶ events flow ──counts meet, positions caught up──▶ done
 *
 * 1. The end is what the stages' own counts and ClickHouse's positions say, never a time that passed.
 * 2. A stop of a partition and a stall end the demo, with the place in words.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DemoFailure } from './failure.ts';
import { fetchHealth, fetchMetrics, type Sample } from './metrics.ts';
import type { RunningServices } from './pipeline.ts';
import { grouped, type LiveLine, progressText, RecentRate, RisingCount, StallWatch } from './progress.ts';
import type { Publishing } from './publishing.ts';
import {
  countsMeet,
  lagEvents,
  type Reading,
  readingOf,
  SERVICES,
  type ServiceName,
  whereItWaits,
} from './readings.ts';

const LOOK_MS = 250;
/** Positions are looked up in ClickHouse and Kafka: less often than counts. */
const POSITIONS_MS = 500;
export const STALL_MS = 60_000;
const RECENT_MS = 5_000;

/** Seconds that each stage was at work, and the whole. */
export interface Measured {
  readonly reading: Reading;
  /** First publish to last row queryable. */
  readonly seconds: number;
  readonly stageSeconds: { readonly guide: number; readonly rate: number; readonly load: number };
}

export class PipelineWatch {
  readonly #services: RunningServices;
  readonly #publishing: Publishing;
  readonly #live: LiveLine;
  readonly #over: AbortSignal;
  readonly #stall = new StallWatch(STALL_MS, performance.now());
  #reading: Reading | null = null;

  /** `over`: nothing is watched any more. */
  constructor(services: RunningServices, publishing: Publishing, live: LiveLine, over: AbortSignal) {
    this.#services = services;
    this.#publishing = publishing;
    this.#live = live;
    this.#over = over;
  }

  /** Resolves when every guided partition has the reference facts. @throws DemoFailure */
  async untilFactsGuided(end: () => Promise<number>): Promise<void> {
    for (; ; await sleep(LOOK_MS)) {
      const { referenceGuided } = await this.#look();
      const target = await end();
      if (referenceGuided >= target) return;
      this.#live.show(`reference facts: ${referenceGuided} of ${target} messages guided`, performance.now());
      this.#checkStall(String(referenceGuided), `reference facts are guided to ${referenceGuided} of ${target}`);
    }
  }

  /** Resolves when every published event is accounted for in ClickHouse. @throws DemoFailure */
  async untilDone(caughtUp: (reading: Reading) => Promise<string | null>): Promise<Measured> {
    const begun = performance.now();
    const [guide, rate, load] = [new RisingCount(), new RisingCount(), new RisingCount()];
    const recent = new RecentRate(RECENT_MS);
    let lookedUpAt = Number.NEGATIVE_INFINITY;
    for (; ; await sleep(LOOK_MS)) {
      const reading = await this.#look();
      const now = performance.now();
      guide.at(reading.received, now);
      rate.at(reading.answered, now);
      load.at(reading.loadedLines, now);
      const perSecond = recent.at(reading.answered, now);
      let where = whereItWaits(reading);
      const tail = lagEvents(reading) === 0 && this.#publishing.result !== null ? `  ${where}` : '';
      this.#live.show(progressText(reading, perSecond, (now - begun) / 1000) + tail, now);
      if (this.#publishing.result !== null && countsMeet(reading) && now - lookedUpAt >= POSITIONS_MS) {
        lookedUpAt = now;
        const missing = await caughtUp(reading);
        if (missing === null) {
          const stageSeconds = { guide: guide.seconds, rate: rate.seconds, load: load.seconds };
          return { reading, seconds: (performance.now() - begun) / 1000, stageSeconds };
        }
        where = missing;
      }
      this.#checkStall(JSON.stringify(reading) + where, where);
    }
  }

  async #look(): Promise<Reading> {
    this.#over.throwIfAborted();
    const services = new Map<ServiceName, readonly Sample[]>();
    await Promise.all(
      SERVICES.map(async (name) => {
        const samples = await fetchMetrics(this.#services[name].port);
        if (samples !== null) services.set(name, samples);
      }),
    );
    this.#over.throwIfAborted();
    const reading = readingOf(this.#publishing.published, services, this.#reading);
    this.#reading = reading;
    for (const name of SERVICES) if (reading.stopped[name] > 0) throw await this.#stopped(name);
    return reading;
  }

  async #stopped(name: ServiceName): Promise<DemoFailure> {
    const { port, process } = this.#services[name];
    const health = await fetchHealth(port);
    return new DemoFailure(`The ${name} stopped on a part of its work. Its health: ${health}.${process.lastLines()}`);
  }

  #checkStall(state: string, where: string): void {
    if (!this.#stall.stalled(state, performance.now())) return;
    throw new DemoFailure(`Nothing has moved for ${grouped(STALL_MS / 1000)} s: ${where}.`);
  }
}
