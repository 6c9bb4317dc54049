/** Rated lines for tests: plausible values, a pure function of the seed. */
import { type AvroRecord, amountBytes } from './avro-file.ts';

export interface LinesOptions {
  readonly count: number;
  readonly seed?: number;
  readonly guidedOffset?: number;
  readonly guidedPartition?: number;
  readonly blockTimeMicros?: bigint;
}

const BLOCK_TIME = 1_795_000_000_000_000n;

/** Small seeded generator (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function ratedLines(options: LinesOptions): AvroRecord[] {
  const next = random(options.seed ?? 1);
  return Array.from({ length: options.count }, (_, line) => ratedLine(line, next, options));
}

function ratedLine(line: number, next: () => number, options: LinesOptions): AvroRecord {
  const time = options.blockTimeMicros ?? BLOCK_TIME;
  const account = `account-${Math.floor(next() ** 3 * 300)}`;
  const sim = `8937010000${String(Math.floor(next() * 20_000)).padStart(9, '0')}`;
  const quantity = BigInt(Math.floor(next() * 5_000_000));
  const eventTime = time - BigInt(Math.floor(next() * 600_000_000));
  return {
    event_key: keyBytes(next),
    event_id: `mediation-1/${Math.floor(next() * 2 ** 48).toString(36)}`,
    event_time: eventTime,
    end_time: eventTime + 60_000_000n,
    utc_offset_minutes: 60,
    received_at: time,
    raw_partition: 3,
    raw_offset: 1_000_000n + BigInt(line),
    raw_index: 0,
    imei: `35${Math.floor(next() * 1e13)}`,
    session: `session-${Math.floor(next() * 100_000)}`,
    payload_digest: keyBytes(next).subarray(0, 8),
    bytes_up: quantity,
    bytes_down: 0,
    seconds: 0,
    units: 0,
    event_amount: line % 3 === 0 ? amountBytes(BigInt(line) * 10n ** 12n) : null,
    amount_currency: line % 3 === 0 ? 'EUR' : '',
    usage_account: account,
    subscription: `subscription-${sim}`,
    sim,
    plan: `plan-${Math.floor(next() * 50)}`,
    pool: next() < 0.7 ? `pool-${account}` : '',
    source: 'mediation-1',
    service: 'data',
    plmn: ['26201', '20801', '23410'][Math.floor(next() * 3)] ?? '',
    rat: 'LTE',
    apn: 'iot.example',
    rating_group: -1,
    generation: 1,
    guided_partition: options.guidedPartition ?? 0,
    guided_offset: options.guidedOffset ?? 0,
    block_time: time,
    period: '2026-11',
    zone: 'eu',
    tag: 'in-bundle',
    leg: 'retail',
    unit: 'bytes',
    currency: 'EUR',
    price_book: 'demo@1',
    price: 'data-eu@2026-01-01',
    reason: '',
    bucket: 'pool:stacked',
    meter: '',
    account,
    line,
    part: 0,
    quantity,
    event_quantity: quantity,
    amount: amountBytes(BigInt(Math.floor((next() - 0.1) * 1e15))),
    before: 100n,
    after: 100n + quantity,
    bucket_size: 26_214_400n,
    threshold: line % 7 === 0 ? 80 : 0,
  };
}

function keyBytes(next: () => number): Uint8Array {
  return Uint8Array.from({ length: 16 }, () => Math.floor(next() * 256));
}
