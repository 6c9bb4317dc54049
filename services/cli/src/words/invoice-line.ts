/**
 * An invoice line in words: which prices and buckets its rated lines come from, how many events, the largest of them, and
 * how the sum was rounded. Memory is bounded by the prices and buckets of the line.
 */
import { type InvoiceLine, invoiceLines, parseMoney, type RoundingMode, type Total } from '@headrace/rating';
import { CommandFailed } from '../command.ts';
import type { RatedRow } from '../offline/rated-row.ts';
import { grouped } from '../output/progress.ts';
import { moneyInWords } from '../output/words.ts';

/** Which rated lines; what is undefined may be anything. */
export interface LineWanted {
  readonly account: string;
  readonly subscription: string | undefined;
  readonly service: string | undefined;
  readonly zone: string | undefined;
  readonly tag: string | undefined;
  readonly period: string | undefined;
  readonly leg: string | undefined;
}

const LARGEST = 3;

/** What lines of one price or bucket add up to. */
interface Source {
  readonly sample: RatedRow;
  lines: number;
  quantity: bigint;
  amount: bigint;
  /** The lines with the largest amounts (or quantities, where they cost nothing), largest first. */
  largest: RatedRow[];
}

export function isLineOf(row: RatedRow, wanted: LineWanted): boolean {
  return (Object.entries(wanted) as [keyof LineWanted, string | undefined][]).every(
    ([field, value]) => value === undefined || row[field] === value,
  );
}

export class LineExplanation {
  readonly #mode: RoundingMode;
  readonly #sources = new Map<string, Source>();

  constructor(mode: RoundingMode) {
    this.#mode = mode;
  }

  add(row: RatedRow): void {
    const { period, service, zone, tag, leg, unit, currency, price, bucket, price_book } = row;
    const key = JSON.stringify([period, service, zone, tag, leg, unit, currency, price, bucket, price_book]);
    const source = this.#sources.get(key) ?? { sample: row, lines: 0, quantity: 0n, amount: 0n, largest: [] };
    source.lines += 1;
    source.quantity += BigInt(row.quantity);
    source.amount += parseMoney(String(row.amount));
    source.largest = [...source.largest, row].sort(byWeight).slice(0, LARGEST);
    this.#sources.set(key, source);
  }

  /** @throws CommandFailed if no line was added */
  words(wanted: LineWanted): string[] {
    if (this.#sources.size === 0) {
      const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
      throw new CommandFailed(
        `there is no rated line with ${given.map(([name, value]) => `${name} ${value}`).join(', ')}.`,
      );
    }
    const sources = [...this.#sources.values()];
    const lines = invoiceLines(sources.map(totalOf), { mode: this.#mode });
    return lines.flatMap((line, index) => [
      ...(index === 0 ? [] : ['']),
      headOf(line),
      ...sources.filter(({ sample }) => belongs(sample, line)).flatMap(sourceInWords),
      roundingOf(line),
    ]);
  }
}

function totalOf({ sample, quantity, amount }: Source): Total {
  const { account, subscription, service, zone, tag, period, currency, unit, leg } = sample;
  return { account, subscription, service, zone, tag, period, currency, unit, leg, quantity, amount };
}

function belongs(row: RatedRow, line: InvoiceLine): boolean {
  return (['period', 'service', 'zone', 'tag', 'leg', 'unit', 'currency'] as const).every(
    (field) => row[field] === line[field],
  );
}

function headOf({ account, period, service, zone, tag, leg, quantity, unit }: InvoiceLine): string {
  const where = zone === '' ? '' : ` in zone ${zone}`;
  const side = leg === 'wholesale' ? ', what it costs us' : '';
  return `Account ${account}, ${period}: ${grouped(quantity)} ${unit} of ${service}${where}, ${tag}${side}.`;
}

function sourceInWords({ sample, lines, quantity, amount, largest }: Source): string[] {
  const { bucket, price, price_book, unit, currency, tag, reason } = sample;
  const by = bucket === '' ? `price ${price}` : `bucket ${bucket}`;
  const why = tag === 'zero-rated' ? ` (zero-rated: ${reason})` : '';
  const examples = largest.map(
    (row) => `${row.event_id} (${grouped(row.quantity)} ${unit}, ${moneyInWords(String(row.amount), currency)})`,
  );
  return [
    `  ${grouped(lines)} line${lines === 1 ? '' : 's'} by ${by} of ${price_book}${why}: ${grouped(quantity)} ${unit}, ` +
      `${moneyInWords(amount, currency)}.`,
    `    Largest: ${examples.join(', ')}.`,
  ];
}

function roundingOf({ exact, amount, difference, currency }: InvoiceLine): string {
  return difference === 0n
    ? `  On the invoice: ${moneyInWords(amount, currency)}, exactly.`
    : `  On the invoice: ${moneyInWords(exact, currency)} rounded once to ${moneyInWords(amount, currency)} (difference ${moneyInWords(difference, '')}).`;
}

/** The larger amount either way first, then the larger quantity. */
function byWeight(a: RatedRow, b: RatedRow): number {
  const [left, right] = [magnitude(a), magnitude(b)];
  return left === right ? Number(b.quantity) - Number(a.quantity) : left < right ? 1 : -1;
}

function magnitude({ amount }: RatedRow): bigint {
  const exact = parseMoney(String(amount));
  return exact < 0n ? -exact : exact;
}
