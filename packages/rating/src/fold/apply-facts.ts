/**
 * Applies reference facts to the state of a partition.
 *
 * 1. A fact whose id was applied before is nothing. A refused fact changes nothing, and its id is not remembered.
 * 2. A fact about a pool's member changes the sizes of the pool's open cycles by the difference of that member's
 *    contribution; a price book changes them all. Each change is followed by give-back lines.
 */
import type { FactOutcome, GuidedFact } from '../contract.ts';
import type { ReferenceFact, SubscriptionFact, TopUpFact } from '../facts.ts';
import type { LineTable } from '../lines.ts';
import { parseFact } from '../parse-fact.ts';
import { nearestName } from '../price-book/nearest.ts';
import { validatePriceBook } from '../price-book/validate.ts';
import { RatingError } from '../rating-error.ts';
import { parseTimeMicros } from '../time.ts';
import { FOLD_VERSION } from '../version.ts';
import { type Cause, rebalance } from './give-back.ts';
import type { PartitionState } from './state.ts';

/**
 * Applies facts in their order, with their lines in `lines`.
 * @throws RatingError if a fact puts another version of the fold in force
 */
export function applyFacts(state: PartitionState, facts: readonly GuidedFact[], lines: LineTable): FactOutcome {
  lines.clear();
  state.changes += 1;
  const refused: { id: string; reason: string }[] = [];
  for (const guided of facts) {
    const parsed = readFact(guided);
    if ('problem' in parsed) {
      refused.push({ id: '', reason: `at position ${guided.position} of the reference log: ${parsed.problem}` });
      continue;
    }
    const { fact } = parsed;
    if (state.factIds.has(fact.id)) continue;
    const reason = applyFact(state, fact, lines);
    if (reason === undefined) state.factIds.add(fact.id);
    else refused.push({ id: fact.id, reason });
  }
  return { lines, refused };
}

function readFact(guided: GuidedFact): ReturnType<typeof parseFact> {
  try {
    return parseFact(JSON.parse(guided.fact));
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: `the fact is not JSON (${error.message})` };
    throw error;
  }
}

/** @returns why the fact cannot hold, in words, or undefined once it is applied */
function applyFact(state: PartitionState, fact: ReferenceFact, lines: LineTable): string | undefined {
  switch (fact.kind) {
    case 'account':
      state.accounts.account(fact.account).setTimeZone(parseTimeMicros(fact.validFrom), fact.timeZone);
      return undefined;
    case 'pool':
      state.pools.state(fact.pool);
      return undefined;
    case 'subscription':
      return applySubscription(state, fact, lines);
    case 'topUp':
      return applyTopUp(state, fact);
    case 'priceBook':
      return applyPriceBook(state, fact.id, fact.book, lines);
    case 'foldVersion':
      if (fact.version === FOLD_VERSION) return undefined;
      throw new RatingError(
        'FOLD_VERSION',
        `version ${fact.version} of the fold is in force (fact ${fact.id}), and this rater has version ${FOLD_VERSION}; ` +
          'run the release that has it',
      );
    case 'sim':
    case 'schema':
    case 'rawPartition':
    case 'guidedPartitions':
    case 'periodClosed':
      // Guiding's and billing's business; nothing here depends on them.
      return undefined;
    default:
      return fact satisfies never;
  }
}

function applySubscription(state: PartitionState, fact: SubscriptionFact, lines: LineTable): undefined {
  const { subscriptions, pools, accounts } = state;
  const subscription = subscriptions.of(fact.subscription).number;
  const pool = fact.pool === null ? undefined : pools.state(fact.pool);
  const time = parseTimeMicros(fact.validFrom);
  const known = subscriptions.pools(subscription);
  if (pool !== undefined && !known.includes(pool.number)) {
    pool.members.push(subscription);
    known.push(pool.number);
  }
  const cycles = known.flatMap((number) => pools.states[number]?.cycles ?? []);
  const before = cycles.map((cycle) => pools.contribution(subscription, cycle));
  subscriptions.insert(subscription, {
    plan: fact.plan,
    pool: pool?.number ?? -1,
    account: accounts.account(fact.account).number,
    state: fact.state,
    device: fact.device ?? '',
    validFrom: time,
  });
  const cause: Cause = { id: fact.id, time, parts: 0 };
  cycles.forEach((cycle, index) => {
    const difference = pools.contribution(subscription, cycle) - (before[index] ?? 0);
    const size = pools.isSum(cycle) ? cycle.exactSize + BigInt(difference) : pools.exactSize(cycle);
    if (size === cycle.exactSize) return;
    cycle.resize(size);
    rebalance(state, cycle, cause, lines);
  });
}

function applyTopUp(state: PartitionState, fact: TopUpFact): string | undefined {
  const validFrom = parseTimeMicros(fact.validFrom);
  if (state.grants.byId.has(fact.grant))
    return `grant '${fact.grant}' is there already; every top-up needs a grant of its own`;
  const book = state.catalogue.nearest(validFrom);
  if (book === undefined)
    return `no price book is known, so add-on '${fact.addOn}' is not; publish the price book first`;
  if (!book.book.addOns.has(fact.addOn)) {
    const nearest = nearestName(fact.addOn, book.book.addOns.keys());
    const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`;
    return `add-on '${fact.addOn}' is not in price book ${book.label}, which is in force at ${fact.validFrom}${hint}`;
  }
  const { grant: id, subscription, addOn } = fact;
  const grant = { id, subscription, addOn, validFrom, validTo: parseTimeMicros(fact.validTo), used: 0 };
  state.grants.add(state.subscriptions.of(subscription), grant);
  return undefined;
}

function applyPriceBook(state: PartitionState, id: string, document: unknown, lines: LineTable): string | undefined {
  const result = validatePriceBook(document);
  if ('problems' in result) {
    const [first] = result.problems;
    const more = result.problems.length > 1 ? ` (and ${result.problems.length - 1} more)` : '';
    return `${first?.path === '' ? 'the price book' : first?.path}: ${first?.problem}; ${first?.cure}${more}`;
  }
  const refusal = state.catalogue.add(result.book, JSON.stringify(document));
  if (refusal !== undefined) return refusal;
  const cause: Cause = { id, time: result.book.effectiveFrom, parts: 0 };
  for (const pool of state.pools.states) {
    for (const cycle of pool.cycles) {
      const exactSize = state.pools.exactSize(cycle);
      if (exactSize === cycle.exactSize) continue;
      cycle.resize(exactSize);
      rebalance(state, cycle, cause, lines);
    }
  }
  return undefined;
}
