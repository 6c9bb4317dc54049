/**
 * The three ways that a case goes through the engine. All of them must give what the case states.
 *
 * - as given: the stream in the order of the file, then settled; where the file is in canonical order, the stream alone too;
 * - cut: usage cut into random smaller events (where scope allows), shuffled and partly sent twice through the stream, then
 *   what was rated with the adjustments of the settlement;
 * - settled: the canonical fold alone, in batches of random sizes.
 */
import {
  adjustments,
  compareEvents,
  createRater,
  EventTable,
  LineTotals,
  type Money,
  mergeTotals,
  type RatedOutcome,
  Settlement,
  type Total,
  trueUpTotals,
} from '@headrace/rating';
import { hasPerEventTerms } from './kinds.ts';
import { type EventSum, lastTime, type Outcome } from './outcome.ts';
import type { Random } from './random.ts';
import { type Entering, partOf } from './to-events.ts';
import type { Translation } from './translation.ts';
import { Unsupported } from './unsupported.ts';

export interface Way {
  readonly name: string;
  readonly outcome: Outcome;
}

/** Parts that an event is cut into at most, and events of a batch at most. */
const PARTS_MAX = 4;
const BATCH_MAX = 5;

export function* ways(translation: Translation, random: Random): Iterable<Way> {
  const { entering } = translation;
  const streamed = stream(translation, entering);
  if (isCanonical(entering)) yield { name: 'streamed', outcome: streamed.outcome };
  yield { name: 'streamed, then settled', outcome: adjusted(translation, entering, streamed.rated, random, true) };
  const cut = isCuttable(translation) ? entering.flatMap((one) => cutUp(one, translation, random)) : [...entering];
  const twice = [...cut, ...cut.filter(() => random.once(3))];
  const rated = stream(translation, random.shuffled(twice)).rated;
  yield {
    name: 'cut, shuffled and repeated',
    outcome: adjusted(translation, cut, rated, random, cut.length === entering.length),
  };
  yield { name: 'settled', outcome: settle(translation, entering, random) };
}

/** The bill as a stream of blocks leaves it, all facts before all events. */
function stream(translation: Translation, entering: readonly Entering[]): { outcome: Outcome; rated: Total[] } {
  const [leg, ...others] = translation.legs;
  const streamed = streamLeg(translation, entering, leg);
  const amounts = others.map(
    (other) => [other, wholesale(streamLeg(translation, entering, other).outcome.totals)] as const,
  );
  return { ...streamed, outcome: { ...streamed.outcome, legs: new Map([...streamed.outcome.legs, ...amounts]) } };
}

function streamLeg(
  translation: Translation,
  entering: readonly Entering[],
  leg: string | undefined,
): { outcome: Outcome; rated: Total[] } {
  const rater = createRater();
  refuseNone(rater.applyFacts(translation.facts(translation.runs, leg)).refused);
  const lines = new LineTotals();
  const ledger = new Ledger(translation, entering);
  const table = new EventTable();
  // All are received together, so that whatever the order none is late.
  const receivedAt = Math.min(...entering.map(({ event }) => event.eventTime));
  for (const { event } of entering) table.add({ ...event, receivedAt });
  const outcome = rater.rate(table);
  lines.add(outcome.lines, table);
  ledger.add(outcome, table);
  const rated = lines.totals();
  const totals = mergeTotals([...rated, ...trueUpTotals(rater.trueUps())]);
  return {
    rated,
    outcome: {
      totals,
      legs: new Map(leg === undefined ? [] : [[leg, wholesale(totals)]]),
      events: ledger.events,
      balances: rater.balances(lastTime(translation)),
      perRun: undefined,
      suspended: ledger.suspended,
    },
  };
}

/** What was rated, and the adjustments that make the settled bill of it. */
function adjusted(
  translation: Translation,
  entering: readonly Entering[],
  rated: readonly Total[],
  random: Random,
  whole: boolean,
): Outcome {
  const settled = settle(translation, entering, random);
  const totals = mergeTotals([...rated, ...adjustments(settled.totals, rated)]);
  return { ...settled, totals, events: whole ? settled.events : undefined };
}

/** The settled bill, run by run and leg by leg. */
function settle(translation: Translation, entering: readonly Entering[], random: Random): Outcome {
  const { runs, legs } = translation;
  const last = new SettledRun(translation, entering, runs, legs[0], random);
  const perRun: Money[] = [];
  let billed: readonly Total[] = [];
  for (let run = 1; run <= runs; run += 1) {
    const known = run === runs ? last : new SettledRun(translation, entering, run, legs[0], random);
    perRun.push(retail(adjustments(known.bill(run === runs), billed)));
    billed = known.bill(false);
  }
  const amounts = legs.map((leg, index) => {
    const ofLeg = index === 0 ? last : new SettledRun(translation, entering, runs, leg, random);
    return [leg, wholesale(ofLeg.bill(true))] as const;
  });
  return {
    totals: last.bill(true),
    legs: new Map(amounts),
    events: last.ledger.events,
    balances: last.settlement.balances(lastTime(translation)),
    perRun,
    suspended: last.ledger.suspended,
  };
}

class SettledRun {
  readonly settlement: Settlement;
  readonly ledger: Ledger;

  constructor(
    translation: Translation,
    entering: readonly Entering[],
    run: number,
    leg: string | undefined,
    random: Random,
  ) {
    this.settlement = new Settlement(translation.facts(run, leg));
    refuseNone(this.settlement.refused);
    this.ledger = new Ledger(translation, entering);
    const known = entering.filter((one) => one.run <= run).sort(canonically);
    const table = new EventTable();
    while (known.length > 0) {
      table.clear();
      for (const { event } of known.splice(0, 1 + random.below(BATCH_MAX))) table.add(event);
      this.ledger.add(this.settlement.add(table), table);
    }
  }

  bill(commitments: boolean): readonly Total[] {
    return this.settlement.close({ commitments }).totals;
  }
}

/** What lines come to by event of the case, and which events were suspended. */
class Ledger {
  readonly events = new Map<string, EventSum>();
  readonly suspended: Map<string, string>;
  readonly #entering = new Map<string, Entering>();

  constructor(translation: Translation, entering: readonly Entering[]) {
    this.suspended = new Map(translation.refused);
    for (const one of entering) this.#entering.set(one.event.id, one);
  }

  add({ lines, suspended }: RatedOutcome, table: EventTable): void {
    for (let line = 0; line < lines.count; line += 1) {
      const rule = lines.rules[line];
      const entering = this.#entering.get(table.eventId(lines.event[line] ?? -1));
      if (rule === undefined || entering === undefined || rule.leg !== 'retail') continue;
      const { caseId, kind } = entering;
      const sum = this.events.get(caseId) ?? { kind, inBundle: 0n, overage: 0n, amount: 0n };
      sum[rule.tag === 'in-bundle' ? 'inBundle' : 'overage'] += BigInt(lines.quantity[line] ?? 0);
      sum.amount += lines.amountOf(line);
      this.events.set(caseId, sum);
    }
    for (const { event, code } of suspended)
      this.suspended.set(this.#entering.get(table.eventId(event))?.caseId ?? '', code);
  }
}

/** Cutting changes nothing where no meter or bucket looks at single events. */
function isCuttable({ input }: Translation): boolean {
  return (
    input.prices.every((price) => ['day', 'cycle'].includes(price.scope ?? 'cycle') && !hasPerEventTerms(price)) &&
    (input.allowances ?? []).every(({ step }) => step === undefined) &&
    input.events.every(({ duration }) => Number(duration ?? 0) === 0)
  );
}

/** The event in parts above zero that add up to it. */
function cutUp(whole: Entering, translation: Translation, random: Random): Entering[] {
  const { quantity } = whole;
  const most = quantity < BigInt(PARTS_MAX) ? Number(quantity) : PARTS_MAX;
  const count = 1 + random.below(Math.max(1, most));
  if (count === 1) return [whole];
  const parts: Entering[] = [];
  let left = quantity;
  for (let part = 0; part < count; part += 1) {
    const rest = BigInt(count - part - 1);
    const taken = rest === 0n ? left : 1n + ((left - rest - 1n) * BigInt(random.below(1000))) / 1000n;
    parts.push(partOf(whole, part, taken, translation.quantities));
    left -= taken;
  }
  return parts;
}

function canonically({ event: a }: Entering, { event: b }: Entering): number {
  return compareEvents(a.eventTime, a.id, b.eventTime, b.id);
}

function isCanonical(entering: readonly Entering[]): boolean {
  return entering.every((one, index) => index === 0 || canonically(entering[index - 1] ?? one, one) <= 0);
}

function retail(totals: readonly Total[]): Money {
  return totals.reduce((sum, { leg, amount }) => (leg === 'retail' ? sum + amount : sum), 0n);
}

function wholesale(totals: readonly Total[]): Money {
  return totals.reduce((sum, { leg, amount }) => (leg === 'wholesale' ? sum + amount : sum), 0n);
}

function refuseNone(refused: readonly { readonly id: string; readonly reason: string }[]): void {
  const [first] = refused;
  if (first !== undefined) throw new Unsupported(`fact '${first.id}' is refused: ${first.reason}`);
}
