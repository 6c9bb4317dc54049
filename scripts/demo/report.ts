/** What the demo prints at its end, for people. Pure. */
import type { Pair } from './account.ts';
import { grouped } from './progress.ts';
import type { StoredPool } from './stored.ts';
import { type Run, ratesOf } from './summary.ts';
import { readable, table } from './table.ts';

const POOLS_SHOWN = 5;
const DIFFERENCES_SHOWN = 20;

/** The whole report. `explanation`: a rated line in words, if there is one; `next`: where to look, line by line. */
export function reportText(run: Run, explanation: string | null, next: readonly string[]): string {
  return [
    eventsSection(run),
    moneySection(run),
    poolsSection(run),
    explanation === null ? '' : `One line, explained\n${indented(explanation)}`,
    findingsSection(run),
    ratesSection(run),
    verdict(run),
    `Where to look next\n${next.map((line) => `  ${line}\n`).join('')}`,
  ]
    .filter((section) => section !== '')
    .map((section) => `\n${section}`)
    .join('');
}

function eventsSection({ account, published }: Run): string {
  const rows = [
    ['published', grouped(published.events), ''],
    ...account.events.map(besides),
    ...account.codes.map(coded),
  ];
  return `Events\n${table([['', 'Headrace', 'auditor'], ...rows])}`;
}

function moneySection({ account, stored }: Run): string {
  const rows = account.money.map(({ name, found, audited }) => [name, found, audited, mark(found === audited)]);
  const compared = `${grouped(account.accountsCompared)} accounts compared by period, service and currency, in rated lines and in invoice totals: ${account.accountsDiffering === 0 ? 'none differs' : `${account.accountsDiffering} differ`}.`;
  const lines = `${grouped(stored.lines)} lines rated, ${grouped(stored.loadedLines)} loaded, ${grouped(stored.distinctLines)} distinct.`;
  return `Money\n${table([['', 'Headrace', 'auditor', ''], ...rows])}  ${compared}\n  ${lines}\n  Digest of the totals: ${account.totalsDigest}\n`;
}

function poolsSection({ stored, account }: Run): string {
  if (stored.pools.length === 0) return '';
  const rows = stored.pools.slice(0, POOLS_SHOWN).map(poolRow);
  const compared = `${grouped(account.poolsCompared)} pools compared with the auditor's: ${account.poolsDiffering === 0 ? 'none differs' : `${account.poolsDiffering} differ`}.`;
  return `Busiest pools\n${table([['', 'period', 'size', 'used', 'overage', 'lines'], ...rows])}  ${compared}\n`;
}

function poolRow({ pool, period, unit, size, used, overage, lines }: StoredPool): string[] {
  return [pool, period, readable(size, unit), readable(used, unit), readable(overage, unit), grouped(lines)];
}

function findingsSection({ stored }: Run): string {
  if (stored.findings.length === 0)
    return 'Findings of revenue assurance\n  none: C01, C02 and C03 hold for every block.\n';
  const rows = stored.findings.map(
    ({ control, key, expected, actual }) => `  ${control} ${key}: ${expected}, but ${actual}\n`,
  );
  return `Findings of revenue assurance\n${rows.slice(0, DIFFERENCES_SHOWN).join('')}`;
}

function ratesSection(run: Run): string {
  const { publish, guide, rate, load, endToEnd } = ratesOf(run);
  const rates = [
    ['publish', `${grouped(publish)} events/s`],
    ['guide', `${grouped(guide)} events/s`],
    ['rate', `${grouped(rate)} events/s`],
    ['load', `${grouped(load)} events/s`],
    [
      'end to end',
      `${grouped(endToEnd)} events/s`,
      `${run.measured.seconds.toFixed(1)} s from the first publish to the last row queryable`,
    ],
  ];
  const [head, ...tail] = rates.map(([name = '', value = '', note = '']) =>
    `  ${name.padEnd(10)}  ${value.padStart(18)}  ${note}`.trimEnd(),
  );
  const memory = Object.entries(run.peakRssMiB).map(([name, mib]) => `${name} ${grouped(mib)}`);
  const used = memory.length === 0 ? '' : `  peak memory in MiB: ${memory.join(', ')}\n`;
  return `Rates, all on this machine at once\n${[head, ...tail].join('\n')}\n${used}  the auditor took ${run.auditSeconds.toFixed(1)} s afterwards\n`;
}

function verdict({ account }: Run): string {
  const { differences } = account;
  if (differences.length === 0) return 'Everything balances.\n';
  const shown = differences.slice(0, DIFFERENCES_SHOWN).map((text) => `  ${text}\n`);
  const more = differences.length > DIFFERENCES_SHOWN ? `  and ${differences.length - DIFFERENCES_SHOWN} more\n` : '';
  return `It does NOT balance:\n${shown.join('')}${more}`;
}

function besides({ name, found, audited }: Pair): string[] {
  return [name, grouped(found), grouped(audited), mark(found === audited)];
}

function coded({ name, found, audited }: Pair): string[] {
  return besides({ name: `  ${name.replace(':', ' ')}`, found, audited });
}

function mark(same: boolean): string {
  return same ? '' : '<- differs';
}

function indented(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => `  ${line}\n`)
    .join('');
}
