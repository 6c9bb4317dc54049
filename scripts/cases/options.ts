/** What `npm run cases` takes on its command line. Pure. */
import { parseArgs } from 'node:util';

export const HELP = `npm run cases -- FILE... [options]

Runs rating cases in the neutral format through the engine: each is translated to a price book and events, streamed as
given and then settled; streamed with its usage cut, shuffled and partly repeated, and then adjusted; and settled alone.
Every way has to give what the case states. The last line is 'N passed, N failed'; the exit status is 0 only if none failed.

  --json      standard output is one object: { total, passed, failed, unsupported, failures: [{ id, expected, actual }] },
              and error where a file cannot be used
  --seed N    seed of cuts and orders (default 1)
  --help      this text

Example: npm run cases -- test/cases/open.json test/cases/own.json
`;

export interface CasesOptions {
  readonly files: readonly string[];
  readonly json: boolean;
  readonly seed: number;
  readonly help: boolean;
}

/** A command line that cannot be used; the message is one sentence. */
export class UsageError extends Error {}

/** @throws UsageError */
export function parseOptions(args: readonly string[]): CasesOptions {
  const { values, positionals } = parse(args);
  const { json = false, help = false, seed = '1' } = values;
  if (!/^\d{1,10}$/.test(seed)) throw new UsageError(`--seed must be a whole number, not '${seed}'`);
  if (positionals.length === 0 && !help) throw new UsageError('name at least one file of cases');
  return { files: positionals, json, help, seed: Number(seed) };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean' }, help: { type: 'boolean' }, seed: { type: 'string' } },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
