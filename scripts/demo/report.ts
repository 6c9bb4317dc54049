/** What the demo prints at its end, for people. Pure. */
import { formatMoney, parseMoney } from '@headrace/rating';
import type { Pair } from './account.ts';
import { grouped } from './progress.ts';
import { canonical, type Row, type StoredPool } from './stored.ts';
import { type Run, ratesOf } from './summary.ts';
import { readable, table } from './table.ts';

const POOLS_SHOWN = 5;
const DIFFERENCES_SHOWN = 20;

/** The whole report. `explanation`: a rated line in words, if there is one; `next`: where to look, line by line. */
export function reportText(run: Run, explanation: string | null, next: readonly string[]): string {
  return [
    eventsSection(run),
    moneySection(run),
    settlementSection(run),
    marginSection(run),
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

function moneySection({ account, stored, audit }: Run): string {
  const { adjustments } = stored;
  const rows = account.money.map(({ name, found, audited }) => [
    ...[name, stored.amounts[name] ?? '0', adjustments.amounts[name] ?? '0', found, audited],
    mark(found === audited),
  ]);
  const compared = `${grouped(account.accountsCompared)} accounts compared by period, service and currency, and both legs: ${account.accountsDiffering === 0 ? 'none differs' : `${account.accountsDiffering} differ`}.`;
  const lines = `${grouped(stored.lines)} lines rated, ${grouped(stored.loadedLines)} loaded, ${grouped(stored.distinctLines)} distinct.`;
  const undecided = `${audit.undecided} events whose key came with two payloads are billed to nobody until someone decides.`;
  return [
    `Money\n${table([['', 'as rated', 'adjustments', 'settled', 'auditor', ''], ...rows])}`,
    `  ${compared}\n  ${lines}\n  ${undecided}\n  Digest of the settled totals: ${account.totalsDigest}\n`,
  ].join('');
}

function settlementSection({ stored, settled, laterFacts }: Run): string {
  const { adjustments } = stored;
  const counts = `${grouped(adjustments.rows)} totals adjusted; the bill of ${grouped(adjustments.accounts)} accounts changed. ${grouped(laterFacts)} facts became known after half of the events.`;
  const periods = settled.periods.map(
    ({ period, events, settlement }) =>
      `  ${period}: ${grouped(events)} events in canonical order, settlement ${settlement}\n`,
  );
  const example = adjustments.example === null ? '' : `  For example: ${adjustmentInWords(adjustments.example)}\n`;
  return `Settlement\n  ${counts}\n${periods.join('')}${example}`;
}

/** One adjustment, as a clerk would read it out. */
function adjustmentInWords(row: Row): string {
  const { account = '', subscription = '', service = '', zone = '', tag = '', period = '', currency = '' } = row;
  const amount = (column: string): string => `${canonical(row[column] ?? '0')} ${currency}`;
  const where = zone === '' ? '' : ` in zone ${zone}`;
  const quantity = readable(BigInt(row.settled_quantity ?? '0'), row.unit ?? '');
  return (
    `account ${account} was billed ${amount('billed')} for ${tag} ${service} of ${subscription}${where} in ${period}, as its events came. ` +
    `In the order in which they happened, with all that is known by now, it is ${quantity} for ${amount('settled')}: an adjustment of ${amount('adjustment')}.`
  );
}

function marginSection({ account, stored }: Run): string {
  if (account.costs.length === 0) return '';
  const rows = account.costs.map(({ name, found, audited }) => [
    ...[name, stored.settledAmounts[name] ?? '0', found, audited, margin(stored.settledAmounts[name], found)],
    mark(found === audited),
  ]);
  return `Partners\n${table([['', 'retail', 'wholesale', 'auditor', 'margin', ''], ...rows])}`;
}

function margin(retail: string | undefined, wholesale: string): string {
  return formatMoney(parseMoney(retail ?? '0') - parseMoney(wholesale));
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
  return `Rates, all on this machine at once\n${[head, ...tail].join('\n')}\n${used}  the settlement took ${run.settled.seconds.toFixed(1)} s afterwards, and the auditor beside it ${run.auditSeconds.toFixed(1)} s\n`;
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
