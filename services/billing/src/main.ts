/** `settle`: settles periods and ends. Exit status: 0 done, 1 refused or failed, 2 wrong words. */
import { parseArgs } from 'node:util';
import { createLogger, HeadraceError, messageOf, readConfig } from '@headrace/platform';
import { clickhouseSettings, Store } from '@headrace/store';
import { Broker, kafkaSettings } from '@headrace/stream';
import { configSchema } from './config.ts';
import { isPeriod } from './period.ts';
import { settle } from './settle.ts';

const HELP = `Usage: npm run start -w services/billing -- settle [--period YYYY-MM]... [--json]

Rates the events of a period again, in canonical order and with all that the reference log says by now, and writes what that
changes against what was billed as signed adjustments. Without --period all periods that have rated lines are settled.
Repeating it is harmless: the same input writes nothing new.

  npm run start -w services/billing -- settle --period 2026-11

Kafka and ClickHouse are named by KAFKA_BROKERS, CLICKHOUSE_URL and the other variables of docs/configuration.md.
`;

class UsageError extends Error {}

function readWords(words: readonly string[]): { readonly periods: readonly string[]; readonly json: boolean } | null {
  const options = {
    period: { type: 'string', multiple: true },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
    if (values.help === true) return null;
    if (positionals.length !== 1 || positionals[0] !== 'settle') throw new Error('the one command is "settle"');
    const { period: periods = [], json = false } = values;
    const wrong = periods.find((period) => !isPeriod(period));
    if (wrong !== undefined) throw new Error(`"${wrong}" is no period: write YYYY-MM, for example 2026-11, or all`);
    return { periods, json };
  } catch (error) {
    throw new UsageError(`${messageOf(error)}. --help shows how it is used.`);
  }
}

async function main(words: readonly string[]): Promise<void> {
  const read = readWords(words);
  if (read === null) {
    process.stdout.write(HELP);
    return;
  }
  const log = createLogger('billing', { level: 'warn' });
  const config = readConfig(configSchema);
  const store = await Store.connect(clickhouseSettings(config), log);
  try {
    await store.requireSchema();
    const broker = await Broker.connect(kafkaSettings(config), log);
    try {
      const report = await settle({ broker, store, log }, read.periods);
      const peakRssMiB = Math.round(process.resourceUsage().maxRSS / 1024);
      if (read.json) process.stdout.write(`${JSON.stringify({ ...report, peakRssMiB })}\n`);
      else for (const line of inWords(report)) process.stdout.write(`${line}\n`);
    } finally {
      await broker.close();
    }
  } finally {
    await store.close();
  }
}

function* inWords({ periods, refused }: Awaited<ReturnType<typeof settle>>): Generator<string> {
  if (periods.length === 0) yield 'Nothing is rated yet.';
  for (const { row, repeated } of periods) {
    const { period, settlement, adjustments, events_rated, conflicts, unrated } = row;
    const what = repeated ? 'was settled before with the same input' : `${adjustments} adjustments`;
    yield `${period}: ${what}; ${events_rated} events, settlement ${settlement}`;
    if (conflicts > 0) yield `  ${conflicts} conflicts wait for a decision; neither payload is billed`;
    const codes: readonly { code: string; service: string; events: number }[] = JSON.parse(unrated);
    for (const { code, service, events } of codes) yield `  not billed: ${events} ${service} events, ${code}`;
  }
  for (const reason of refused) yield `A fact of the reference log cannot hold: ${reason}`;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const code = error instanceof HeadraceError ? `${error.code}: ` : '';
  process.stderr.write(`billing: ${code}${messageOf(error)}\n`);
  const expected = error instanceof HeadraceError || error instanceof UsageError;
  if (!expected && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
