/**
 * What one rated block adds to the invoice totals, and its lines recounted. Pure, and a function of the block alone, so
 * the same block gives the same bytes whoever aggregates it.
 *
 * 1. Nothing here is copied from the block's header: every figure is added up from the lines.
 * 2. Differences stand in a canonical order (by their key), so that line order does not show.
 * 3. C03: the quantities of the lines with one event and leg add up to that event's quantity. The lines of an event stand
 *    together in a block. The lines that a fact caused have the fact's key, a quantity of zero to add up to, and stand in
 *    blocks that answer the reference log; they are no events.
 */
import { formatAmount, type RatedBlock, type TotalDelta, type TotalKey } from '@headrace/codec';

const RETAIL = 'retail';
/** A unit whose quantities are amounts. */
const MONEY = 'money';

/** A block's lines, recounted. Figures of the retail leg, except `lines`; quantities are those of all units but money. */
export interface Recount {
  readonly lines: number;
  /** Events that have a retail line. */
  readonly events: number;
  readonly quantity: number;
  readonly eventQuantity: number;
  /** Events and legs whose parts do not add up. */
  readonly brokenEvents: number;
  /** Currency to canonical decimal string. */
  readonly amounts: Readonly<Record<string, string>>;
}

/** The sums by total; totals that stayed at zero in every figure are there too, for their lines count. */
export function differencesOf(block: RatedBlock): readonly TotalDelta[] {
  const quantities = new Float64Array(block.totals.length);
  const lines = new Int32Array(block.totals.length);
  const amounts: bigint[] = block.totals.map(() => 0n);
  for (let line = 0; line < block.count; line += 1) {
    const total = at(block.total, line);
    quantities[total] = at(quantities, total) + at(block.quantity, line);
    lines[total] = at(lines, total) + 1;
    amounts[total] = (amounts[total] ?? 0n) + block.amount(line);
  }
  const deltas = block.totals.map((key, total) => ({
    ...key,
    quantity: at(quantities, total),
    amount: amounts[total] ?? 0n,
    lines: at(lines, total),
  }));
  return deltas.sort((a, b) => compare(orderKey(a), orderKey(b)));
}

/** The block's lines, counted and added up anew. */
export function recount(block: RatedBlock): Recount {
  const sums = { events: 0, quantity: 0, eventQuantity: 0, brokenEvents: 0 };
  const amounts = new Map<string, bigint>();
  const ofFacts = block.header.answers?.source === 'reference';
  for (let begin = 0; begin < block.count; ) {
    const end = endOfEvent(block, begin);
    for (const [leg, part] of legsOf(block, begin, end)) {
      if (part.sum !== part.whole || !part.agrees) sums.brokenEvents += 1;
      if (leg !== RETAIL) continue;
      if (!ofFacts) sums.events += 1;
      if (part.unit === MONEY) continue;
      sums.quantity += part.sum;
      sums.eventQuantity += part.whole;
    }
    begin = end;
  }
  for (let line = 0; line < block.count; line += 1) {
    const { leg, currency } = keyOf(block, line);
    if (leg === RETAIL) amounts.set(currency, (amounts.get(currency) ?? 0n) + block.amount(line));
  }
  return { lines: block.count, ...sums, amounts: decimals(amounts) };
}

interface Leg {
  readonly sum: number;
  /** What the first line says that the event's quantity is. */
  readonly whole: number;
  /** Whether the other lines say the same. */
  readonly agrees: boolean;
  readonly unit: string;
}

function legsOf(block: RatedBlock, begin: number, end: number): Iterable<readonly [string, Leg]> {
  // Nearly every event has one line.
  if (end === begin + 1) {
    const { leg, unit } = keyOf(block, begin);
    return [[leg, { sum: at(block.quantity, begin), whole: at(block.eventQuantity, begin), agrees: true, unit }]];
  }
  const legs = new Map<string, Leg>();
  for (let line = begin; line < end; line += 1) {
    const { leg, unit } = keyOf(block, line);
    const whole = at(block.eventQuantity, line);
    const known = legs.get(leg) ?? { sum: 0, whole, agrees: true, unit };
    legs.set(leg, {
      ...known,
      sum: known.sum + at(block.quantity, line),
      agrees: known.agrees && known.whole === whole,
    });
  }
  return legs;
}

function keyOf(block: RatedBlock, line: number): TotalKey {
  const total = at(block.total, line);
  const key = block.totals[total];
  if (key === undefined) throw new RangeError(`line ${line} names total ${total} of ${block.totals.length}`);
  return key;
}

/** The first line behind those of the event (or fact) that `begin` belongs to. */
function endOfEvent({ eventKey, count }: RatedBlock, begin: number): number {
  let end = begin + 1;
  while (end < count && sameEvent(eventKey, begin, end)) end += 1;
  return end;
}

function sameEvent(keys: Uint32Array, a: number, b: number): boolean {
  for (let word = 0; word < 4; word += 1) if (keys[a * 4 + word] !== keys[b * 4 + word]) return false;
  return true;
}

function decimals(amounts: ReadonlyMap<string, bigint>): Record<string, string> {
  const sorted = [...amounts].sort(([a], [b]) => compare(a, b));
  return Object.fromEntries(sorted.map(([currency, amount]) => [currency, formatAmount(amount)]));
}

/** No field holds the separator, a control character that no identifier of the domain may have. */
function orderKey({ account, subscription, service, zone, tag, leg, period, currency, unit }: TotalKey): string {
  return [account, period, currency, leg, service, zone, tag, unit, subscription].join('\u0000');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function at(values: Float64Array | Int32Array, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`index ${index} of ${values.length}`);
  return value;
}
