/** One rated line in words, worked out with the price book that it names. */
import { explainLine, type PriceBook, validatePriceBook } from '@headrace/rating';
import { createWorkload, type WorkloadOptions } from '@headrace/testkit';
import type { Row } from './stored.ts';

/** Null if there is no line to explain. */
export function explanationOf(row: Row | null, workload: WorkloadOptions): string | null {
  if (row === null) return null;
  const text = (column: string) => row[column] ?? '';
  const line = {
    event_id: text('event_id'),
    event_time: text('event_time'),
    part: text('part'),
    subscription: text('subscription'),
    plan: text('plan'),
    pool: text('pool'),
    service: text('service'),
    zone: text('zone'),
    tag: text('tag'),
    leg: text('leg'),
    unit: text('unit'),
    period: text('period'),
    account: text('account'),
    currency: text('currency'),
    price_book: text('price_book'),
    price: text('price'),
    reason: text('reason'),
    bucket: text('bucket'),
    meter: text('meter'),
    quantity: text('quantity'),
    event_quantity: text('event_quantity'),
    amount: text('amount'),
    before: text('before'),
    after: text('after'),
    bucket_size: text('bucket_size'),
    threshold: text('threshold'),
  };
  return explainLine(line, bookOf(workload)).join('\n');
}

/** The workload's price book: its first fact. */
function bookOf(workload: WorkloadOptions): PriceBook | undefined {
  for (const { facts } of createWorkload(workload).facts()) {
    const fact = facts.find(({ kind }) => kind === 'priceBook');
    if (fact === undefined) continue;
    const read = validatePriceBook(fact.book);
    return 'book' in read ? read.book : undefined;
  }
  return undefined;
}
