/** Runs one case every way and compares what comes out with what it states. */
import { isDeepStrictEqual } from 'node:util';
import type { Case } from './case.ts';
import { statedBy } from './outcome.ts';
import { Random } from './random.ts';
import { translate } from './translation.ts';
import { Unsupported } from './unsupported.ts';
import { ways } from './ways.ts';

export interface Failure {
  readonly id: string;
  /** The fields that differ, as the case states them. */
  readonly expected: Readonly<Record<string, unknown>>;
  /** The same fields as they came out, and which way; or why the case cannot be expressed. */
  readonly actual: Readonly<Record<string, unknown>>;
  readonly unsupported: boolean;
}

/** The first way that gives something else, or undefined if all give what is stated. */
export function runCase(input: Case, seed: number): Failure | undefined {
  try {
    const translation = translate(input);
    for (const { name, outcome } of ways(translation, new Random(seed))) {
      const stated = statedBy(input.expected, outcome, translation);
      const wrong = Object.entries(stated).filter(
        ([field, value]) => !isDeepStrictEqual(value, Reflect.get(input.expected, field)),
      );
      if (wrong.length === 0) continue;
      const expected = Object.fromEntries(wrong.map(([field]) => [field, Reflect.get(input.expected, field)]));
      return { id: input.id, expected, actual: { way: name, ...Object.fromEntries(wrong) }, unsupported: false };
    }
    return undefined;
  } catch (error) {
    if (error instanceof Unsupported)
      return {
        id: input.id,
        expected: { ...input.expected },
        actual: { unsupported: error.message },
        unsupported: true,
      };
    // A case must not hide the others: that the engine broke is this one's failure.
    const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { id: input.id, expected: { ...input.expected }, actual: { error: problem }, unsupported: false };
  }
}
