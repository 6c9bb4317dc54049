/**
 * Use, added up, and who pays for it. A demand is a quantity that wants the same buckets in the same order and then goes
 * to the same meter. The order in which events came is forgotten here, so no result can depend on it:
 *
 * 1. A bucket is served when all that wants it has arrived at it; it covers the lesser of demand and size.
 * 2. What it does not cover goes on. If that could go to two places the order would decide how much to which: such a
 *    workload is refused, not guessed at.
 * 3. Price functions are applied once, to the sums.
 */
import { type PriceFunction, priceOf } from './price-function.ts';

export interface Bucket {
  readonly id: string;
  readonly pool: string | null;
  /** Who pays, and for which service: the row that covered quantity is counted in. */
  readonly row: TotalCell;
  readonly size: bigint;
}

export interface Meter {
  readonly id: string;
  readonly function: PriceFunction;
  readonly row: TotalCell;
}

/** Quantity and amount (counts of 1e-12) of one account, period, service and currency. */
export interface TotalCell {
  readonly account: string;
  readonly period: string;
  readonly service: string;
  readonly currency: string;
  quantity: bigint;
  amount: bigint;
}

export interface Demand {
  readonly buckets: readonly Bucket[];
  readonly meter: Meter;
  quantity: bigint;
}

export interface BucketUse {
  readonly bucket: Bucket;
  readonly used: bigint;
  readonly overage: bigint;
}

export class OrderDecides extends Error {}

export class Demands {
  readonly #demands: Demand[] = [];

  /** A new demand for these buckets and this meter; whoever asks adds to its quantity. */
  create(buckets: readonly Bucket[], meter: Meter): Demand {
    const demand = { buckets, meter, quantity: 0n };
    this.#demands.push(demand);
    return demand;
  }

  /** Fills the rows of buckets and meters. To be called once, when all quantities are there. */
  settle(): BucketUse[] {
    const arrived = new Map<string, Map<string, Demand>>();
    const waiting = countWaiting(this.#demands);
    const metered = new Map<string, { readonly meter: Meter; quantity: bigint }>();
    const deliver = (demand: Demand): void => {
      const [bucket] = demand.buckets;
      if (bucket === undefined) {
        addToMeter(metered, demand);
        return;
      }
      const at = arrived.get(bucket.id) ?? new Map<string, Demand>();
      const key = keyOf(demand.buckets, demand.meter);
      const same = at.get(key);
      if (same === undefined) at.set(key, { ...demand });
      else same.quantity += demand.quantity;
      arrived.set(bucket.id, at);
    };
    for (const demand of this.#demands) deliver(demand);
    const uses: BucketUse[] = [];
    const ready = [...waiting.buckets.values()].filter((bucket) => !waiting.before.has(bucket.id));
    for (let bucket = ready.pop(); bucket !== undefined; bucket = ready.pop()) {
      const { use, rest } = serve(bucket, [...(arrived.get(bucket.id)?.values() ?? [])]);
      uses.push(use);
      for (const demand of rest) deliver(demand);
      for (const next of waiting.after.get(bucket.id) ?? []) {
        const before = waiting.before.get(next.id);
        before?.delete(bucket.id);
        if (before?.size === 0) ready.push(next);
      }
    }
    if (uses.length !== waiting.buckets.size) throw new OrderDecides('Two buckets each come before the other.');
    for (const { meter, quantity } of metered.values()) meter.row.amount += priceOf(meter.function, quantity);
    return uses;
  }
}

function addToMeter(metered: Map<string, { readonly meter: Meter; quantity: bigint }>, demand: Demand): void {
  const { meter, quantity } = demand;
  meter.row.quantity += quantity;
  const entry = metered.get(meter.id);
  if (entry === undefined) metered.set(meter.id, { meter, quantity });
  else if (entry.meter.row !== meter.row) throw new OrderDecides(`Meter ${meter.id} has two payers.`);
  else entry.quantity += quantity;
}

/** Which buckets must be served before and after each. */
function countWaiting(demands: Iterable<Demand>) {
  const buckets = new Map<string, Bucket>();
  const before = new Map<string, Set<string>>();
  const after = new Map<string, Set<Bucket>>();
  for (const demand of demands) {
    for (const [index, bucket] of demand.buckets.entries()) {
      if (!buckets.has(bucket.id)) buckets.set(bucket.id, bucket);
      const previous = demand.buckets[index - 1];
      if (previous === undefined) continue;
      before.set(bucket.id, (before.get(bucket.id) ?? new Set()).add(previous.id));
      after.set(previous.id, (after.get(previous.id) ?? new Set()).add(buckets.get(bucket.id) ?? bucket));
    }
  }
  return { buckets, before, after };
}

function serve(
  bucket: Bucket,
  demands: readonly Demand[],
): { readonly use: BucketUse; readonly rest: readonly Demand[] } {
  const wanted = demands.reduce((sum, demand) => sum + demand.quantity, 0n);
  const covered = wanted <= bucket.size;
  const used = covered ? wanted : bucket.size;
  const overage = wanted - used;
  bucket.row.quantity += used;
  const use = { bucket, used, overage };
  if (overage === 0n) return { use, rest: [] };
  const onwards = demands.map((demand) => ({ ...demand, buckets: demand.buckets.slice(1) }));
  const [only] = onwards;
  if (used === 0n || only === undefined) return { use, rest: onwards };
  const places = new Set(
    onwards.filter((demand) => demand.quantity > 0n).map((demand) => keyOf(demand.buckets, demand.meter)),
  );
  if (places.size > 1) throw new OrderDecides(`Bucket ${bucket.id} overflows to ${[...places].join(' and ')}.`);
  const place = onwards.find((demand) => demand.quantity > 0n) ?? only;
  return { use, rest: [{ ...place, quantity: overage }] };
}

function keyOf(buckets: readonly Bucket[], meter: Meter): string {
  return `${buckets.map((bucket) => bucket.id).join('\n')}\n\n${meter.id}`;
}
