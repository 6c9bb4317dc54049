/**
 * `headrace reference FILE…`: checks facts (JSON lines, or a price book in YAML or JSON) and appends them to the
 * reference log.
 */
import { HeadraceError, type Logger, readConfig } from '@headrace/platform';
import { parseFact, type ReferenceFact } from '@headrace/rating';
import { Broker, kafkaSettings, kafkaSettingsSchema } from '@headrace/stream';
import { checkBookFile, problemLine, readText } from './book-file.ts';
import { type Command, readWords, UsageError } from './command.ts';
import { publishFacts } from './reference-log.ts';

const HELP = `headrace reference FILE... [--check] [--json]

Appends reference facts to the reference log: accounts, pools, subscriptions, SIMs, top-ups (one JSON object a line, as
in docs/reference-facts.md) and price books (YAML or JSON, as in schemas/price-books). Files are taken in the order
given; accounts come before pools, pools before subscriptions, subscriptions before SIMs and top-ups. A fact whose id is
in the log already is left out. Nothing is written if anything is wrong.

  --check   check the files only; needs no Kafka
  --json    say what was done as one JSON object

Example:
  npx headrace reference schemas/price-books/demo-excerpt.yaml accounts.jsonl subscriptions.jsonl
`;

export const command: Command = {
  help: HELP,
  async run(words, log) {
    const { values, positionals } = readWords(words, { check: { type: 'boolean' }, json: { type: 'boolean' } });
    if (positionals.length === 0)
      throw new UsageError('headrace reference needs at least one file; see headrace reference --help.');
    const facts: ReferenceFact[] = [];
    const problems: string[] = [];
    for (const file of positionals) await readFactFile(file, facts, problems);
    if (problems.length > 0)
      throw new HeadraceError('REFERENCE_INVALID', `Nothing was written:\n  ${problems.join('\n  ')}`);
    const written = values.check === true ? 0 : await append(facts, log);
    const said =
      values.check === true ? `${facts.length} facts are valid.` : `${written} of ${facts.length} facts written.`;
    process.stdout.write(values.json === true ? `${JSON.stringify({ facts: facts.length, written })}\n` : `${said}\n`);
    return 0;
  },
};

async function append(facts: readonly ReferenceFact[], log: Logger): Promise<number> {
  const broker = await Broker.connect(kafkaSettings(readConfig(kafkaSettingsSchema)), log);
  try {
    return await publishFacts(broker, facts);
  } finally {
    await broker.close();
  }
}

/** Adds a file's facts, or its problems with file, line and cure. */
export async function readFactFile(file: string, facts: ReferenceFact[], problems: string[]): Promise<void> {
  if (/\.(jsonl|ndjson)$/.test(file)) {
    readLines(file, await readText(file), facts, problems);
    return;
  }
  const checked = await checkBookFile(file);
  if ('problems' in checked) {
    problems.push(...checked.problems.map(problemLine));
    return;
  }
  const { name, version } = checked.book;
  facts.push({ kind: 'priceBook', id: `price-book/${name}@${version}`, book: checked.document });
}

function readLines(file: string, text: string, facts: ReferenceFact[], problems: string[]): void {
  text.split('\n').forEach((line, at) => {
    if (line.trim() === '') return;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      problems.push(`${file}:${at + 1}: not JSON: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    const parsed = parseFact(value);
    if ('fact' in parsed) facts.push(parsed.fact);
    else problems.push(`${file}:${at + 1}: ${parsed.problem}`);
  });
}
