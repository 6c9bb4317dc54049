/** `npm run cases`: rating cases of ten peers, and our own, against the engine. */
import type { Case } from './case.ts';
import { type CasesOptions, HELP, parseOptions, UsageError } from './options.ts';
import { CaseFileError, readCases } from './read-cases.ts';
import { type Failure, runCase } from './run-case.ts';

const FAILED = 1;
const UNUSABLE = 2;
const NO_RESULT = { total: 0, passed: 0, failed: 0, unsupported: 0, failures: [] };

function main(): void {
  let options: CasesOptions | undefined;
  let cases: Case[];
  try {
    options = parseOptions(process.argv.slice(2));
    if (options.help) {
      process.stdout.write(HELP);
      return;
    }
    cases = options.files.flatMap(readCases);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof CaseFileError)) throw error;
    process.stderr.write(`${error.message}\n`);
    if (options?.json === true) writeJson({ ...NO_RESULT, error: error.message });
    process.exitCode = UNUSABLE;
    return;
  }
  const failures = cases.flatMap((one) => runCase(one, options.seed) ?? []);
  report(cases.length, failures, options);
  if (failures.length > 0) process.exitCode = FAILED;
}

function report(total: number, failures: readonly Failure[], { json, seed }: CasesOptions): void {
  const passed = total - failures.length;
  const unsupported = failures.filter((failure) => failure.unsupported).length;
  if (json) {
    const shown = failures.map(({ id, expected, actual }) => ({ id, expected, actual }));
    writeJson({ total, passed, failed: failures.length, unsupported, failures: shown });
    return;
  }
  for (const { id, expected, actual } of failures)
    process.stdout.write(`${id}\n  expected ${JSON.stringify(expected)}\n  actual   ${JSON.stringify(actual)}\n`);
  process.stdout.write(`seed ${seed}, ${unsupported} unsupported\n${passed} passed, ${failures.length} failed\n`);
}

function writeJson(object: object): void {
  process.stdout.write(`${JSON.stringify(object, null, 2)}\n`);
}

main();
