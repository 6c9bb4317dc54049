/** The seeded reference workload: reference data and usage events as functions of the options. */
import type { MessageOptions, RawMessage, Workload, WorkloadOptions } from '../contract.ts';
import { hashText } from '../random.ts';
import { ArrivalClock } from './arrival.ts';
import { planChunks } from './chunks.ts';
import { EventMaker } from './event-maker.ts';
import { factBatches } from './facts.ts';
import { MessageMaker } from './messages.ts';
import { PlanCatalog } from './plans.ts';
import { Population } from './population.ts';
import { buildPriceBook } from './price-book.ts';
import { SCALES, WINDOW_END_MS, WINDOW_START_MS } from './scale.ts';

/** @throws RangeError where `events` is no positive whole number. */
export function createWorkload(given: WorkloadOptions): Workload {
  if (!Number.isSafeInteger(given.events) || given.events < 1) {
    throw new RangeError(`A workload has at least 1 event, not ${given.events}.`);
  }
  const options = { seed: String(given.seed), events: given.events, scale: given.scale, giant: given.giant ?? false };
  const { sims, accounts, planDecades } = SCALES[options.scale];
  const seed = hashText(options.seed);
  const catalog = new PlanCatalog(seed, planDecades);
  const population = new Population({ seed, sims, accounts, giant: options.giant }, catalog);
  const plan = planChunks(seed, options.events);
  const clock = new ArrivalClock(seed);
  return {
    options,
    windowStartMs: WINDOW_START_MS,
    windowEndMs: WINDOW_END_MS,
    facts: (part = 'all') =>
      factBatches(population, () => buildPriceBook(catalog, { events: options.events, sims }), part),
    messages: (messageOptions: MessageOptions = {}): Generator<RawMessage> =>
      new MessageMaker(seed, plan, new EventMaker(population, clock, options.events), messageOptions).messages(),
  };
}
