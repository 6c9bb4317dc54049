/** Assurance on a real broker and the real engine: reports of the stages in, findings out. */
import type { BlockHeader, ControlTotals } from '@headrace/codec';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Deployment } from './support/deployment.ts';
import { balancedWorld, type World } from './support/world.ts';

let deployment: Deployment;

beforeEach(async () => {
  deployment = await Deployment.open();
});
afterEach(() => deployment.close());

/** Changes the reports that fit; with null they are left out. */
function reports(world: World, fits: Partial<ControlTotals>, change: Partial<ControlTotals> | null): void {
  const matches = (report: ControlTotals) =>
    Object.entries(fits).every(([field, value]) => report[field as keyof ControlTotals] === value);
  world.reports = world.reports.flatMap((report) => {
    if (!matches(report)) return [report];
    return change === null ? [] : [{ ...report, ...change }];
  });
}

/** Changes what the headers of a partition's rated blocks say. */
function rated(world: World, partition: number, change: (header: BlockHeader, at: number) => BlockHeader | null): void {
  world.rated[partition] = (world.rated[partition] ?? []).flatMap((header, at) => change(header, at) ?? []);
}

function controls(header: BlockHeader, change: Partial<BlockHeader['controls']>): BlockHeader {
  return { ...header, controls: { ...header.controls, ...change } };
}

/** A disturbance of plan 1 of 3, and the names of the checks that must see it at once (later reports are there). */
const disturbances: readonly (readonly [string, (world: World, source: string) => void, readonly string[]])[] = [
  [
    'the guide loses an event',
    (world) => reports(world, { stage: 'guide', fromOffset: 13 }, { eventsIn: 24 }),
    ['raw/0 plan-balance-events'],
  ],
  [
    'the guide loses bytes',
    (world) => reports(world, { stage: 'guide', fromOffset: 13 }, { bytesIn: 2_299 }),
    ['raw/0 plan-balance-bytes'],
  ],
  [
    'a guided block has one event less than its plan says',
    (world) => reports(world, { stage: 'guided', fromOffset: 13, guidedPartition: 1 }, { eventsIn: 9 }),
    ['guided/1/1 from raw/0 guided-rated-events', 'raw/0 plan-guided-events'],
  ],
  [
    'a guided block never reaches its rater',
    (world) => rated(world, 0, (header, at) => (at === 1 ? { ...header, status: 'gap' } : header)),
    [
      'guided/1/0 from raw/0 guided-rated-bytes',
      'guided/1/0 from raw/0 guided-rated-events',
      'guided/1/0 rated-aggregated-events',
      'guided/1/0 rated-aggregated-lines',
      'guided/1/0 rated-aggregated-quantity',
      'guided/1/0 rated-loaded-lines',
      'guided/1/0 suspended-loaded',
    ],
  ],
  [
    'a rater takes a block in twice',
    (world) => {
      const extra = world.rated[1]?.[1];
      if (extra === undefined) throw new Error('the world has no such block');
      const at = world.rated[1]?.length ?? 0;
      world.rated[1]?.push({ ...extra, from: { offset: at, x: 0 }, to: { offset: at + 1, x: 0 } });
    },
    ['guided/1/1 from raw/0 guided-rated-bytes', 'guided/1/1 from raw/0 guided-rated-events'],
  ],
  [
    'a rater rates a block that no guide sent',
    (world) => {
      reports(world, { stage: 'guided', fromOffset: 13, guidedPartition: 0 }, null);
      reports(
        world,
        { stage: 'guide', fromOffset: 13 },
        { eventsGuided: 10, eventsIn: 13, bytesGuided: 1_000, bytesIn: 1_300 },
      );
    },
    ['guided/1/0 from raw/0 guided-rated-bytes', 'guided/1/0 from raw/0 guided-rated-events'],
  ],
  [
    'a rater loses an event',
    (world) => rated(world, 0, (header, at) => (at === 1 ? controls(header, { duplicate: 1 }) : header)),
    ['guided/1/0 rater-balance-events'],
  ],
  [
    'a rater takes in one event less than it was sent',
    (world) => rated(world, 0, (header, at) => (at === 1 ? controls(header, { events: 9, duplicate: 1 }) : header)),
    ['guided/1/0 from raw/0 guided-rated-events'],
  ],
  [
    'parts of an event do not add up',
    (world) => reports(world, { stage: 'aggregator', guidedPartition: 1, guidedOffset: 1 }, { brokenEvents: 1 }),
    ['guided/1/1 aggregator parts'],
  ],
  [
    'the aggregator finds another amount',
    (world) =>
      reports(
        world,
        { stage: 'aggregator', guidedPartition: 1, guidedOffset: 1 },
        { amounts: { EUR: '1.500000000001', USD: '-0.25' } },
      ),
    ['guided/1/1 EUR rated-aggregated-amounts'],
  ],
  [
    'the aggregator finds a currency that the rater does not say',
    (world) =>
      reports(
        world,
        { stage: 'aggregator', guidedPartition: 1, guidedOffset: 1 },
        { amounts: { EUR: '1.5', USD: '-0.25', GBP: '1' } },
      ),
    ['guided/1/1 GBP rated-aggregated-amounts'],
  ],
  [
    'the aggregator never gets a block',
    (world) => reports(world, { stage: 'aggregator', guidedPartition: 0, guidedOffset: 1 }, null),
    ['guided/1/0 rated-aggregated-events', 'guided/1/0 rated-aggregated-lines', 'guided/1/0 rated-aggregated-quantity'],
  ],
  [
    'ClickHouse takes a line less',
    (world) => reports(world, { stage: 'loader', guidedPartition: 0, guidedOffset: 1 }, { lines: 8 }),
    ['guided/1/0 rated-loaded-lines'],
  ],
  [
    'a block is never loaded',
    (world) => reports(world, { stage: 'loader', guidedPartition: 0, guidedOffset: 1 }, null),
    ['guided/1/0 rated-loaded-lines'],
  ],
  [
    'what the guide suspended is not stored',
    (world, source) => reports(world, { stage: 'loader-suspense', source, fromOffset: 13 }, { lines: 2 }),
    ['raw/0 refused-loaded'],
  ],
  [
    'what the rater suspended is not stored',
    (world) => reports(world, { stage: 'loader-suspense', guidedPartition: 1, fromOffset: 1 }, null),
    ['guided/1/1 suspended-loaded'],
  ],
];

/** Reports without lines in the tables: only the checks of the reports count here. */
const liveKeys = (open: readonly { key: string }[]) =>
  open
    .map(({ key }) => key)
    .filter((key) => !/(stored|totals)-/.test(key))
    .sort();

describe('assurance', () => {
  it('finds nothing in a balanced run, with repeated reports', async () => {
    const assurance = await deployment.start(0);
    const world = balancedWorld(3);
    await deployment.send(assurance, world);
    await deployment.send(assurance, world);
    await assurance.check();
    const round = await assurance.check();
    expect(liveKeys(round.open)).toEqual([]);
    expect(assurance.health()).toMatchObject({ ok: true, detail: { lagRecords: 0 } });
  });

  it('finds every disturbance of a run, and nothing else, at once', async () => {
    const assurance = await deployment.start();
    // Every disturbance has a world of its own: generation and raw partition name it.
    for (const [at, [, disturb]] of disturbances.entries()) {
      const world = balancedWorld(3, { raw: at, generation: at + 1 });
      disturb(world, `raw/${at}`);
      await deployment.send(assurance, world);
    }
    const { open } = await assurance.check();
    const found = liveKeys(open);
    for (const [at, [name, , keys]] of disturbances.entries()) {
      const wanted = keys.map((key) =>
        key.replaceAll('guided/1/', `guided/${at + 1}/`).replaceAll('raw/0', `raw/${at}`),
      );
      const mine = found.filter((key) => key.startsWith(`guided/${at + 1}/`) || key.startsWith(`raw/${at} `));
      expect(mine, name).toEqual(wanted.sort());
    }
    expect(found).toHaveLength(disturbances.flatMap(([, , keys]) => keys).length);
  });

  it('finds a plan that is missing in the chain once its grace is over', async () => {
    const assurance = await deployment.start(0);
    const world = balancedWorld(3);
    reports(world, { source: 'raw/0', fromOffset: 13 }, null);
    for (const partition of [0, 1])
      rated(world, partition, (header, at) => (at === 1 ? { ...header, status: 'gap' } : header));
    await deployment.send(assurance, world);
    const { open } = await assurance.check();
    expect(liveKeys(open)).toContain('raw/0 plan-chain');
  });

  it('waits for the newest reports, closes what is mended and opens it again', async () => {
    const assurance = await deployment.start();
    const world = balancedWorld(2);
    const last = world.reports.filter(({ stage, guidedOffset }) => stage === 'loader' && guidedOffset === 1);
    reports(world, { stage: 'loader', guidedOffset: 1 }, null);
    await deployment.send(assurance, world);
    const waiting = await assurance.check();
    expect(liveKeys(waiting.open)).toEqual([]);
    expect(waiting.waiting).toBe(2);
    // A later report of the same source makes the missing one certain.
    const later = last.map((report) => ({ ...report, fromOffset: 2, toOffset: 3, guidedOffset: 2 }));
    await deployment.send(assurance, { reports: later, rated: [] });
    const certain = await assurance.check();
    expect(liveKeys(certain.open)).toEqual(['guided/1/0 rated-loaded-lines', 'guided/1/1 rated-loaded-lines']);
    // The missing reports come, and so do the rated blocks of the later ones.
    const raters = world.rated.map((headers) =>
      headers.slice(1).map((header) => ({
        ...header,
        from: { offset: 2, x: 0 },
        to: { offset: 3, x: 0 },
        answers: { source: 'raw/0', from: { offset: 26, x: 3 }, to: { offset: 39, x: 3 } },
      })),
    );
    await deployment.send(assurance, { reports: last, rated: raters });
    const mended = await assurance.check();
    expect(liveKeys(mended.open)).toEqual([]);
    const [fixed] = (await deployment.store.findings()).filter(({ key }) => key === 'guided/1/0 rated-loaded-lines');
    expect(fixed).toMatchObject({ status: 'fixed', control: 'C02', severity: 'critical' });
    const history = (await deployment.published()).filter(({ id }) => id === fixed?.id).map(({ status }) => status);
    expect(history).toEqual(['open', 'fixed']);
    expect(await assurance.metrics.text()).not.toMatch(/findings_open{[^}]*check="rated-loaded-lines"/);
  });

  it('finds lines that stand twice, and money that is not what was reported, in the tables themselves', async () => {
    const assurance = await deployment.start();
    await deployment.send(assurance, balancedWorld(1));
    const line = (number: number, amount: string, currency: string) => ({
      generation: 1,
      guided_partition: 0,
      guided_offset: 0,
      block_time: '1795000001.000000',
      event_time: '1795000000.000000',
      event_key: `key-${String(number).padStart(12, '0')}`,
      account: 'a',
      period: '2026-11',
      leg: 'retail',
      tag: 'overage',
      line: number,
      amount,
      currency,
    });
    const good = [
      line(0, '1.5', 'EUR'),
      line(1, '-0.25', 'USD'),
      ...[2, 3, 4, 5, 6, 7, 8].map((at) => line(at, '0', 'EUR')),
    ];
    await deployment.store.insertRows('rated_usage', good);
    const before = await assurance.check();
    const of = (open: readonly { key: string }[], partition: string) =>
      open.map(({ key }) => key).filter((key) => key.startsWith(partition) && !key.includes('totals-'));
    expect(of(before.open, 'guided/1/0')).toEqual([]);
    // The other partition's lines were reported as loaded, and are not there.
    expect(of(before.open, 'guided/1/1').sort()).toEqual([
      'guided/1/1 EUR stored-amounts',
      'guided/1/1 USD stored-amounts',
      'guided/1/1 stored-lines',
    ]);
    await deployment.store.insertRows('rated_usage', [line(8, '0', 'EUR'), line(9, '0.000000000001', 'EUR')]);
    const after = await assurance.check();
    expect(of(after.open, 'guided/1/0').sort()).toEqual([
      'guided/1/0 EUR stored-amounts',
      'guided/1/0 distinct-lines',
      'guided/1/0 stored-lines',
    ]);
    const amounts = after.open.find(({ key }) => key === 'guided/1/0 EUR stored-amounts');
    expect(amounts).toMatchObject({
      expected: '1.5',
      actual: '1.500000000001',
      valueAtRisk: '0.000000000001',
      currency: 'EUR',
    });
    await deployment.store.insertRows('rated_usage', [{ ...line(3, '0', 'EUR'), guided_offset: 4 }]);
    const twice = await assurance.check();
    expect(twice.open.map(({ key }) => key)).toContain('rated_usage billed-twice');
  });

  it('fills a table that was made anew, and goes on after a restart', async () => {
    const first = await deployment.start();
    await deployment.send(first, balancedWorld(2));
    await first.stop();
    await deployment.store.command('TRUNCATE TABLE control_totals');
    const second = await deployment.start();
    const wanted = balancedWorld(2).reports.length + 4;
    while ((await deployment.count()) < wanted) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(liveKeys((await second.check()).open)).toEqual([]);
  });

  it('counts a report that it cannot read, and goes on', async () => {
    const assurance = await deployment.start();
    const producer = deployment.broker.producer();
    await producer.send([
      { topic: 'assurance.controls', partition: 0, messages: [{ value: Buffer.from('no report') }] },
    ]);
    await producer.close();
    await deployment.send(assurance, balancedWorld(1));
    expect(await assurance.metrics.text()).toMatch(/assurance_unreadable_total{topic="[^"]*assurance.controls"} 1/);
    expect(liveKeys((await assurance.check()).open)).toEqual([]);
  });
});
