/** The settlement of all periods, run as a billing run would: a process that ends. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Crew } from './crew.ts';
import { DemoFailure } from './failure.ts';

const SCRIPT = resolve(import.meta.dirname, '../../services/billing/src/main.ts');

export interface Settled {
  readonly periods: readonly { readonly period: string; readonly settlement: string; readonly events: number }[];
  readonly seconds: number;
  readonly peakRssMiB: number;
}

/** What the process says of itself: see services/billing. */
interface Said {
  readonly periods: readonly {
    readonly row: { readonly period: string; readonly settlement: string; readonly events_rated: number };
  }[];
  readonly refused: readonly string[];
  readonly peakRssMiB: number;
}

/** @throws DemoFailure unless it ends well, with all facts taken */
export async function runSettlement(crew: Crew, env: NodeJS.ProcessEnv, logs: string): Promise<Settled> {
  const began = performance.now();
  const logFile = join(logs, 'settlement.log');
  await crew.run({ name: 'the settlement', script: SCRIPT, args: ['settle', '--json'], env, logFile });
  const line = readFileSync(logFile, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  const said: Said = JSON.parse(line);
  const [refused] = said.refused;
  if (refused !== undefined) throw new DemoFailure(`The settlement could not take a fact: ${refused}`);
  return {
    periods: said.periods.map(({ row: { period, settlement, events_rated: events } }) => ({
      period,
      settlement,
      events,
    })),
    seconds: (performance.now() - began) / 1000,
    peakRssMiB: said.peakRssMiB,
  };
}
