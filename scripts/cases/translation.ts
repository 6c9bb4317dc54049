/** A whole case, translated: what each run knows, as facts and events. */
import { type GuidedFact, validatePriceBook } from '@headrace/rating';
import type { Case } from './case.ts';
import { Kinds } from './kinds.ts';
import { Quantities } from './quantities.ts';
import { type AllowancePlace, toBook } from './to-book.ts';
import { factsOf, type TranslatedEvents, toEvents } from './to-events.ts';
import { Unsupported } from './unsupported.ts';

export interface Translation extends TranslatedEvents {
  readonly input: Case;
  readonly kinds: Kinds;
  readonly quantities: Quantities;
  /** Number of billing runs. */
  readonly runs: number;
  readonly allowances: readonly AllowancePlace[];
  /** Legs of the case beside retail. */
  readonly legs: readonly string[];
  /** What is known in a run, with one of the legs as the engine's wholesale leg. */
  facts(run: number, leg: string | undefined): readonly GuidedFact[];
}

/** @throws Unsupported if the engine cannot express the case */
export function translate(input: Case): Translation {
  const kinds = new Kinds(input);
  const quantities = new Quantities();
  const runs = Math.max(
    1,
    input.expected.perRun?.length ?? 1,
    ...[...input.events, ...(input.allowances ?? [])].map(({ run = 1 }) => run),
  );
  const legs = [...new Set(input.prices.map(({ leg = 'retail' }) => leg))].filter((leg) => leg !== 'retail');
  // Once to measure the quantities, leg by leg, and then for good.
  for (const leg of [undefined, ...legs])
    toEvents(input, kinds, quantities, toBook(input, kinds, quantities, { run: runs, leg, ranked: false }));
  quantities.measured();
  const book = toBook(input, kinds, quantities, { run: runs, leg: legs[0], ranked: false });
  return {
    input,
    kinds,
    quantities,
    runs,
    legs,
    allowances: book.allowances,
    ...toEvents(input, kinds, quantities, book),
    facts: (run, leg) => {
      const known = toBook(input, kinds, quantities, { run, leg, ranked: false });
      if (problemsOf(known.document).length === 0) return factsOf(input, known);
      const ranked = toBook(input, kinds, quantities, { run, leg, ranked: true });
      const problems = problemsOf(ranked.document);
      if (problems.length > 0) throw new Unsupported(`the price book is refused: ${problems.join('; ')}`);
      return factsOf(input, ranked);
    },
  };
}

function problemsOf(document: unknown): string[] {
  const checked = validatePriceBook(document);
  return 'book' in checked ? [] : checked.problems.map(({ path, problem }) => `${path} ${problem}`);
}
