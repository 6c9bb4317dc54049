/**
 * What the lines of a block sum to: the figures of the retail leg that a rated block says of itself.
 *
 * 1. The wholesale leg has the same quantities once more, so it is not in the sums.
 * 2. Quantities of money are not in the sums either: they are amounts, which have sums of their own, and there is no bound
 *    that keeps their sum a safe integer.
 */
import { type BlockControls, formatAmount } from '@headrace/codec';
import type { RatedLines } from '@headrace/rating';

interface Sum {
  /** The part that is a safe integer, and what was carried over from it. */
  small: number;
  large: bigint;
}

export function lineControls(controls: BlockControls, lines: RatedLines): BlockControls {
  let quantity = 0;
  let eventQuantity = 0;
  let lastEvent = -1;
  const sums = new Map<string, Sum>();
  for (let line = 0; line < lines.count; line += 1) {
    const { leg, unit, currency } = lines.rules[line];
    if (leg !== 'retail') continue;
    add(sums, currency, lines, line);
    const event = lines.event[line];
    if (unit !== 'money') {
      quantity += lines.quantity[line];
      if (event !== lastEvent) eventQuantity += lines.eventQuantity[line];
    }
    lastEvent = event;
  }
  const sorted = [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
  const amounts = sorted.map(([currency, { small, large }]) => [currency, formatAmount(large + BigInt(small))]);
  return { ...controls, lines: lines.count, quantity, eventQuantity, amounts: Object.fromEntries(amounts) };
}

function add(sums: Map<string, Sum>, currency: string, lines: RatedLines, line: number): void {
  let sum = sums.get(currency);
  if (sum === undefined) {
    sum = { small: 0, large: 0n };
    sums.set(currency, sum);
  }
  const together = sum.small + lines.amount[line];
  // NaN, where the amount is a large one, is no safe integer either.
  if (Number.isSafeInteger(together)) sum.small = together;
  else sum.large += lines.amountOf(line);
}
