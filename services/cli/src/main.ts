#!/usr/bin/env node
/** The command line `headrace`. Exit status: 0 done, 1 refused or failed, 2 wrong words. */
import { createLogger, HeadraceError, messageOf } from '@headrace/platform';
import { type Command, UsageError } from './command.ts';
import { initCommand } from './init.ts';
import { referenceCommand } from './reference.ts';

const COMMANDS: readonly Command[] = [initCommand, referenceCommand];

function help(): string {
  const rows = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`).join('\n');
  return `headrace: the command line of Headrace

${rows}

headrace COMMAND --help shows a command's options and examples. Kafka and ClickHouse are named by KAFKA_BROKERS,
CLICKHOUSE_URL and the other variables of docs/configuration.md.
`;
}

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === '--help' || name === 'help') {
    process.stdout.write(help());
    return name === undefined ? 2 : 0;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) {
    process.stderr.write(`headrace: there is no command "${name}". headrace --help lists them.\n`);
    return 2;
  }
  if (rest.includes('--help')) {
    process.stdout.write(command.help);
    return 0;
  }
  return command.run(rest, createLogger('cli', { level: 'warn' }));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const known = error instanceof HeadraceError || error instanceof UsageError;
  process.stderr.write(`headrace: ${error instanceof HeadraceError ? `${error.code}: ` : ''}${messageOf(error)}\n`);
  if (!known && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
