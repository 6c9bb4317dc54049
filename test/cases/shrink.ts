/** Makes a failing case small: takes events, prices, allowances and fields away as long as it still fails. */
import type { Case } from '../../scripts/cases/case.ts';

type Loose = Record<string, unknown>;

/** @param fails says whether a case, worked out anew, still fails */
export function shrink(input: Case, fails: (smaller: Case) => boolean): Case {
  let smallest = input;
  for (;;) {
    const smaller = candidates(smallest).find(fails);
    if (smaller === undefined) return smallest;
    smallest = smaller;
  }
}

function candidates(input: Case): Case[] {
  const lists = ['events', 'prices', 'allowances', 'credits'] as const;
  const fewer = lists.flatMap((list) =>
    (input[list] ?? []).map((_, at): Case => ({ ...input, [list]: without(input[list], at) })),
  );
  const plainer = lists.flatMap((list) =>
    (input[list] ?? []).flatMap((entry, at) =>
      plainerEntries({ ...entry }).map((plain) => ({ ...input, [list]: input[list]?.with(at, Object(plain)) })),
    ),
  );
  return [...fewer, ...plainer];
}

/** The entry without one of the fields that it can do without. */
function plainerEntries(entry: Loose): Loose[] {
  const needed = [
    'id',
    'at',
    'model',
    'quantity',
    'contributions',
    'amount',
    'duration',
    'tiers',
    'validFrom',
    'priority',
  ];
  return Object.keys(entry)
    .filter((field) => !needed.includes(field))
    .map((field) => Object.fromEntries(Object.entries(entry).filter(([name]) => name !== field)));
}

function without(list: readonly unknown[] | undefined, at: number): unknown[] {
  return (list ?? []).filter((_, index) => index !== at);
}
