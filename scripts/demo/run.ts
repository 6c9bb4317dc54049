/**
 * The demo from servers to verdict.
 *
 *   servers → topics and tables → services → reference facts → events → at rest → settlement → account
 *                                                                                           └─(--keep)→ until Ctrl-C
 *
 * 1. Whatever happens on the way, every process is ended and temporary data is removed before this returns.
 * 2. Logs are kept, and their place is said, exactly when something went wrong.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseServers, type Servers } from '@headrace/embedded';
import { messageOf } from '@headrace/platform';
import { type AuditReport, auditInThread, type WorkloadOptions } from '@headrace/testkit';
import { balance } from './account.ts';
import { checkEverything } from './assurance.ts';
import { Crew } from './crew.ts';
import { DemoFailure } from './failure.ts';
import { explanationOf } from './line.ts';
import { peaksOf } from './memory.ts';
import { nextSteps } from './next-steps.ts';
import { type DemoOptions, workloadOptions } from './options.ts';
import { choosePlace, environmentOf, initialise, type Place, type RunningServices, startServices } from './pipeline.ts';
import { grouped, type LiveLine } from './progress.ts';
import { Publishing } from './publishing.ts';
import { reportText } from './report.ts';
import { Connections } from './servers.ts';
import { runSettlement, type Settled } from './settlement.ts';
import { readStored, type Stored } from './stored.ts';
import { jsonSummary, type Run } from './summary.ts';
import { type Measured, PipelineWatch } from './watch.ts';

/** Seconds that a broker needs to start, and a bit. */
const START_PATIENCE_MS = 10_000;

export interface DemoIo {
  readonly live: LiveLine;
  /** Standard output. */
  readonly print: (text: string) => void;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** @returns whether everything balances. @throws DemoFailure, HeadraceError */
export async function runDemo(options: DemoOptions, io: DemoIo): Promise<boolean> {
  const servers = await startServers(io);
  const folder = mkdtempSync(join(tmpdir(), 'headrace-demo-'));
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  const crew = new Crew(io.signal);
  const place = choosePlace(servers);
  const env = environmentOf(servers, place, options);
  let well = false;
  try {
    well = await new Demo(options, io, crew, servers, env, logs).run();
    return well;
  } catch (error) {
    // Interrupted on purpose is not gone wrong.
    well = io.signal.aborted;
    throw error;
  } finally {
    io.live.end();
    await crew.stop();
    await clean(servers, place, env, io);
    if (well) rmSync(folder, { recursive: true, force: true });
    else io.live.say(`The logs are kept in ${logs}`);
  }
}

/** An interruption waits a little for servers that just start, so that they stop in order; not for a long download. */
async function startServers({ live, signal }: DemoIo): Promise<Servers> {
  const starting = chooseServers({ log: (line) => live.say(line) });
  const impatient = new Promise<never>((_, reject) => {
    const giveUp = () =>
      setTimeout(() => reject(new DemoFailure('The demo was interrupted.')), START_PATIENCE_MS).unref();
    signal.addEventListener('abort', giveUp, { once: true });
  });
  return Promise.race([starting, impatient]);
}

class Demo {
  readonly #options: DemoOptions;
  readonly #io: DemoIo;
  readonly #crew: Crew;
  readonly #servers: Servers;
  readonly #env: NodeJS.ProcessEnv;
  readonly #logs: string;

  constructor(options: DemoOptions, io: DemoIo, crew: Crew, servers: Servers, env: NodeJS.ProcessEnv, logs: string) {
    this.#options = options;
    this.#io = io;
    this.#crew = crew;
    this.#servers = servers;
    this.#env = env;
    this.#logs = logs;
  }

  async run(): Promise<boolean> {
    const { live, print, signal } = this.#io;
    const workload = workloadOptions(this.#options);
    await initialise(this.#crew, this.#env, this.#options, this.#logs);
    // The publisher has its reference facts to make while the services start.
    const publishing = this.#startPublishing(workload);
    const services = await startServices(this.#crew, this.#env, this.#logs);
    const addresses = Object.entries(services).map(([name, { port }]) => `${name} http://127.0.0.1:${port}`);
    live.say(`Services: ${addresses.join(', ')}`);
    const connections = await Connections.open(this.#env);
    try {
      const measured = await this.#crew.guard(this.#untilAtRest(services, publishing, connections));
      const run = await this.#crew.guard(this.#account(measured, services, publishing, connections));
      const next = nextSteps(run, services, this.#env);
      if (!this.#options.json) print(reportText(run, explanationOf(run.stored.example, workload), next));
      else print(`${JSON.stringify(jsonSummary(run))}\n`);
      if (this.#options.keep && !signal.aborted) await this.#untilInterrupted(next);
      return run.account.differences.length === 0;
    } finally {
      await connections.close();
    }
  }

  #startPublishing(workload: WorkloadOptions): Publishing {
    const job = { workload, partitions: this.#options.partitions, topicPrefix: this.#env.TOPIC_PREFIX ?? '' };
    return new Publishing(this.#crew, job, this.#env, this.#logs);
  }

  async #untilAtRest(services: RunningServices, publishing: Publishing, connections: Connections): Promise<Measured> {
    const { live } = this.#io;
    const watch = new PipelineWatch(services, publishing, live, this.#crew.over);
    const { facts, messages } = await publishing.facts;
    live.say(`Reference data: ${grouped(facts)} facts in ${grouped(messages)} messages`);
    await watch.untilFactsGuided(() => connections.referenceEnd());
    publishing.go();
    const measured = await watch.untilDone(({ referenceGuided }) => connections.whatIsMissing(referenceGuided));
    live.say(`At rest after ${measured.seconds.toFixed(1)} s. Now the settlement, the checks, and the auditor.`);
    return measured;
  }

  /** The clock has stopped: from here on nothing counts as the pipeline's time. */
  async #account(
    measured: Measured,
    services: RunningServices,
    publishing: Publishing,
    connections: Connections,
  ): Promise<Run> {
    const { result } = publishing;
    if (result === null) throw new DemoFailure('The pipeline is at rest before the publisher was.');
    const [{ settled, stored }, { audit, auditSeconds }] = await Promise.all([
      this.#settle(services, connections),
      this.#audit(),
    ]);
    const peakRssMiB = await peaksOf(services, this.#servers, result.peakRssMiB);
    return {
      options: this.#options,
      published: result.report,
      laterFacts: result.laterFacts,
      measured,
      settled,
      stored,
      audit,
      auditSeconds,
      account: balance(result.report, measured, stored, audit),
      peakRssMiB: { ...peakRssMiB, settlement: settled.peakRssMiB },
      servers: this.#servers,
    };
  }

  /** All periods, by a process as a billing run would start it; then everything is read. */
  async #settle(
    services: RunningServices,
    connections: Connections,
  ): Promise<{ readonly settled: Settled; readonly stored: Stored }> {
    const settled = await runSettlement(this.#crew, this.#env, this.#logs);
    await checkEverything(services.assurance.port);
    return { settled, stored: await readStored(connections.query) };
  }

  async #audit(): Promise<{ readonly audit: AuditReport; readonly auditSeconds: number }> {
    const { live, signal } = this.#io;
    const began = performance.now();
    const audit = await auditInThread(workloadOptions(this.#options), {
      signal,
      onProgress: (events) => live.show(`auditor: ${grouped(events)} events`, performance.now()),
    });
    return { audit, auditSeconds: (performance.now() - began) / 1000 };
  }

  async #untilInterrupted(next: readonly string[]): Promise<void> {
    const { live, signal } = this.#io;
    // The report has the addresses; the JSON object has not.
    if (this.#options.json) live.say(next.join('\n'));
    live.say('Everything is left running until Ctrl-C.');
    const interrupted = new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    // A process that dies meanwhile is worth a word, and ends the demo.
    await this.#crew.guard(interrupted).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

/** Servers of our own go with their data; on others the run's topics and tables are removed. */
async function clean(servers: Servers, place: Place, env: NodeJS.ProcessEnv, { live }: DemoIo): Promise<void> {
  const foreign = {
    kafka: servers.kafka.kind === 'environment',
    clickhouse: servers.clickhouse.kind === 'environment',
  };
  try {
    if (!foreign.kafka && !foreign.clickhouse) return;
    const connections = await Connections.open(env);
    await connections.removeTraces(place, foreign).finally(() => connections.close());
  } catch (error) {
    live.say(`Topics ${place.topicPrefix}* and database ${place.database} could not be removed: ${messageOf(error)}`);
  } finally {
    await servers.stop();
  }
}
