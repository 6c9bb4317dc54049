/**
 * The command line `headrace`. Exit status: 0 done, 1 refused or failed, 2 wrong words. Rooms that a command does not need
 * are not loaded.
 */
import { createLogger, HeadraceError, messageOf } from '@headrace/platform';
import { nearestName } from '@headrace/rating/price-book/nearest';
import { type Command, CommandFailed, UsageError } from './command.ts';
import { OutputClosed } from './output/output.ts';

interface Listed {
  readonly name: string;
  readonly summary: string;
  load(): Promise<{ readonly command: Command }>;
}

const COMMANDS: readonly Listed[] = [
  { name: 'validate', summary: 'check price books', load: () => import('./validate.ts') },
  { name: 'rate', summary: 'price a file of usage, line by line', load: () => import('./rate.ts') },
  { name: 'explain', summary: 'why an event costs what it costs, in words', load: () => import('./explain.ts') },
  {
    name: 'bill',
    summary: 'settle a file of usage: invoice lines, pools, commitments',
    load: () => import('./bill.ts'),
  },
  { name: 'diff', summary: 'what changed between two price books, in words', load: () => import('./diff.ts') },
  { name: 'trial', summary: 'what a new price book changes for whom, on real usage', load: () => import('./trial.ts') },
  { name: 'publish', summary: 'send a file of usage to usage.events', load: () => import('./publish.ts') },
  { name: 'init', summary: 'make an empty Kafka and ClickHouse ready', load: () => import('./init.ts') },
  {
    name: 'reference',
    summary: 'append facts and price books to the reference log',
    load: () => import('./reference.ts'),
  },
];

function help(): string {
  const rows = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`).join('\n');
  return `headrace: the command line of Headrace

${rows}

headrace COMMAND --help shows a command's options and examples. init, reference and publish need servers, which are named
by KAFKA_BROKERS, CLICKHOUSE_URL and the other variables of docs/configuration.md; the others need files only.

Exit status: 0 done, 1 refused or failed, 2 wrong words.
`;
}

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(help());
    return name === undefined ? 2 : 0;
  }
  const listed = COMMANDS.find((candidate) => candidate.name === name);
  if (listed === undefined) {
    const nearest = nearestName(
      name,
      COMMANDS.map((candidate) => candidate.name),
    );
    const cure = nearest === undefined ? 'headrace --help lists them.' : `Did you mean "${nearest}"?`;
    throw new UsageError(`there is no command "${name}". ${cure}`);
  }
  const { command } = await listed.load();
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(command.help);
    return 0;
  }
  return command.run(rest, createLogger('cli', { level: 'warn' }));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // Whoever closed the pipe has seen enough.
  if (error instanceof OutputClosed) process.exit(0);
  const code = error instanceof HeadraceError ? `${error.code}: ` : '';
  process.stderr.write(`headrace: ${code}${messageOf(error)}\n`);
  const expected = error instanceof HeadraceError || error instanceof UsageError || error instanceof CommandFailed;
  if (!expected && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
