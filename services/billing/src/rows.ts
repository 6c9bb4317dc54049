/** What settlement makes, as rows of the store, and rows of the store as totals. Pure. */
import { formatAmount, parseAmount } from '@headrace/codec';
import { adjustmentRecords, type PoolBill, type Total, totalKeyText } from '@headrace/rating';
import type { AdjustmentRow, PoolRow, PoolShareRow } from '@headrace/store';

/** @param row as the store gives billed totals */
export function billedTotal(row: readonly string[]): Total {
  const [account = '', subscription = '', service = '', zone = '', tag = '', period = ''] = row;
  const [currency = '', unit = '', leg = '', quantity = '0', amount = '0'] = row.slice(6);
  const key = { account, subscription, service, zone, tag, period, currency, unit, leg };
  return { ...key, quantity: BigInt(quantity), amount: parseAmount(amount) ?? 0n };
}

export function adjustmentRows(
  settlement: string,
  partition: number,
  differences: readonly Total[],
): readonly AdjustmentRow[] {
  return adjustmentRecords(settlement, differences).map(({ id, quantity, amount, ...key }) => ({
    id,
    settlement,
    guided_partition: partition,
    ...key,
    quantity: String(quantity),
    amount: formatAmount(amount),
  }));
}

export function poolRows(settlement: string, pools: readonly PoolBill[]): readonly PoolRow[] {
  return pools.map(({ period, pool, account, rule, allocation, size, used, overage }) => {
    return { settlement, period, pool, account, rule, allocation, size, used, overage };
  });
}

/** Members that bear nothing are left out. */
export function poolShareRows(settlement: string, pools: readonly PoolBill[]): readonly PoolShareRow[] {
  return pools.flatMap(({ period, pool, charges }) =>
    charges.flatMap(({ currency, exact, amount: charged, shares }) =>
      shares
        .filter(({ amount }) => amount !== 0n)
        .map(({ subscription, amount }) => ({
          ...{ settlement, period, pool, currency, subscription, amount: formatAmount(amount) },
          ...{ charged: formatAmount(charged), exact: formatAmount(exact) },
        })),
    ),
  );
}

/** A line for each total that is not zero: what a digest of settled totals is over. */
export function* totalLines(totals: readonly Total[]): Generator<string> {
  for (const total of totals) {
    if (total.quantity === 0n && total.amount === 0n) continue;
    yield `${totalKeyText(total)} ${total.quantity} ${total.amount}`;
  }
}
