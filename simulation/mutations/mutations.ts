/** The deliberate breakages, as edits of source text. docs/fault-laboratory.md lists them; a test holds the two together. */

export interface Edit {
  /** From the root of the repository. */
  readonly file: string;
  /** Stands in the file once. */
  readonly find: string;
  readonly replace: string;
}

export interface Mutation {
  readonly name: string;
  /** What is broken, for people. */
  readonly breaks: string;
  readonly edits: readonly Edit[];
}

const AGGREGATOR = 'services/aggregator/src/partition-aggregator.ts';
const CHECKPOINTS = 'packages/stream/src/checkpoints.ts';
const FOLD = 'services/rater/src/partition-fold.ts';
const INTAKE = 'services/assurance/src/intake.ts';
const LOADER = 'services/loader/src/partition-loader.ts';
const RATED = 'services/rater/src/rated-partition.ts';
const RAW = 'services/guide/src/raw-partition.ts';

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'commit-before-acknowledgement',
    breaks: 'the aggregator commits a rated offset before the totals are acknowledged',
    edits: [
      {
        file: AGGREGATOR,
        find: '    const ready = this.#ready;\n',
        replace:
          '    const ready = this.#ready;\n    if (last !== undefined) handle.commit(last.offset + 1, encodeCoverage(this.#coverage.snapshot()));\n    await new Promise((resolve) => setTimeout(resolve, 1500));\n',
      },
    ],
  },
  {
    name: 'reports-committed-first',
    breaks: 'assurance commits reports before they are inserted',
    edits: [
      {
        file: INTAKE,
        find: '    const reports: ControlTotals[] = [];\n',
        replace:
          '    const reports: ControlTotals[] = [];\n    handle.commit((messages.at(-1)?.offset ?? -1) + 1);\n    await new Promise((resolve) => setTimeout(resolve, 1500));\n',
      },
    ],
  },
  {
    name: 'recorded-before-inserted',
    breaks: 'the loader records a block before its rows are in',
    edits: [
      {
        file: LOADER,
        find: '    let rows = 0;\n',
        replace:
          "    let rows = 0;\n    await own.run('record', () => store.recordLoadedBlocks([{ ...header, rows: count, nextOffset, partition: own.handle.partition, table }]));\n",
      },
    ],
  },
  {
    name: 'reported-after-recorded',
    breaks: 'the loader publishes control totals after it has recorded the block',
    edits: [
      {
        file: LOADER,
        find: "      await own.run('publish control totals', () => producer.send([batch]));\n",
        replace: '',
      },
      {
        file: LOADER,
        find: '      this.#inserted = [];\n',
        replace:
          "      await own.run('publish control totals', () => producer.send([batch]));\n      this.#inserted = [];\n",
      },
    ],
  },
  {
    name: 'covered-range-dropped',
    breaks: 'a restored rater has forgotten what it had covered',
    edits: [
      {
        file: FOLD,
        find: 'Coverage.restore(checkpoint?.meta.coverage ?? [])',
        replace: 'new Coverage()',
      },
    ],
  },
  {
    name: 'reading-begins-at-the-commit',
    breaks: "a rater begins at the group's commit instead of its checkpoint's offset",
    edits: [
      {
        file: 'services/rater/src/rater.ts',
        find: 'assigned: async ({ partition, epoch }) => {',
        replace: 'assigned: async ({ partition, epoch, committed }) => {',
      },
      {
        file: 'services/rater/src/rater.ts',
        find: 'return { startAt };',
        replace: 'return { startAt: committed?.offset ?? startAt };',
      },
    ],
  },
  {
    name: 'stale-checkpoint-wins',
    breaks: 'all checkpoints of a partition have one key, so that whoever writes last wins',
    edits: [
      {
        file: CHECKPOINTS,
        find: 'function manifestKey(partition: number, offset: number): string {\n',
        replace:
          'function manifestKey(partition: number, _: number): string {\n  const offset = Number.MAX_SAFE_INTEGER;\n',
      },
    ],
  },
  {
    name: 'manifest-before-chunks',
    breaks: "a checkpoint's manifest is written, and older checkpoints are buried, before its chunks",
    edits: [
      {
        file: CHECKPOINTS,
        find: '    await this.#send(partition, batch);\n    for (const { key } of entries)',
        replace: '    for (const { key } of entries)',
      },
      {
        file: CHECKPOINTS,
        find: '    await this.#buryBelow(partition, offset, index);\n    return { bytes };',
        replace:
          '    await this.#buryBelow(partition, offset, index);\n    await this.#send(partition, batch);\n    return { bytes };',
      },
    ],
  },
  {
    name: 'checkpoint-ahead-of-output',
    breaks: 'a rater writes a checkpoint before the output up to it is acknowledged',
    edits: [
      {
        file: RATED,
        find: '    await sending;\n    if (!handle.lost && performance.now() >= this.checkpointDue) await this.checkpoint();\n',
        replace: '    if (!handle.lost) await this.checkpoint();\n    await sending;\n',
      },
      {
        file: RATED,
        find: '    if (this.nextOffset === this.checkpointOffset) return;\n',
        replace: '',
      },
      {
        file: RATED,
        find: '    const offset = this.nextOffset;\n',
        replace: '    const offset = (await lanes.snapshot(this.partition, this.key)).meta.nextOffset;\n',
      },
    ],
  },
  {
    name: 'committed-before-sent',
    breaks: 'a guide commits the raw offset before the blocks of its plan are acknowledged',
    edits: [
      { file: RAW, find: 'plan.to.offset >= covered', replace: 'plan.to.offset > covered' },
      {
        file: RAW,
        find: '    const guided = this.guide(plan);\n',
        replace:
          '    this.handle?.commit(plan.to.offset, encodeMark({ planOffset: offset }));\n    await new Promise((resolve) => setTimeout(resolve, 1200));\n    const guided = this.guide(plan);\n',
      },
    ],
  },
  {
    name: 'x-ahead-of-the-facts',
    breaks: 'plans use facts that the guided partitions have not acknowledged',
    edits: [
      {
        file: RAW,
        find: 'const x = Math.max(this.room.reference.guidedX, this.plans.end.x);',
        replace: 'const x = Math.max(this.room.reference.index.end, this.plans.end.x);',
      },
    ],
  },
  {
    name: 'block-time-of-the-clock',
    breaks: 'a repeated plan gives other bytes',
    edits: [
      {
        file: 'services/guide/src/guided-plan.ts',
        find: 'this.blockTime = Math.max(this.blockTime, message.receivedAt);',
        replace: 'this.blockTime = Math.max(this.blockTime, message.receivedAt, Date.now() * 1000);',
      },
    ],
  },
  {
    name: 'token-without-offset',
    breaks: 'blocks of a partition share one deduplication token',
    edits: [
      {
        file: 'services/loader/src/routes.ts',
        find: 'to.offset - 1',
        replace: '0',
      },
    ],
  },
  {
    name: 'empty-blocks-skipped',
    breaks: 'the loader takes blocks without rows for nothing',
    edits: [
      {
        file: LOADER,
        find: "    if (verdict === 'apply') await",
        replace: "    if (verdict === 'apply' && block.count === 0) return;\n    if (verdict === 'apply') await",
      },
    ],
  },
  {
    name: 'damage-believed',
    breaks: 'a rater answers a block that arrived damaged without reading it again',
    edits: [
      {
        file: FOLD,
        find: 'return readTwice ?',
        replace: 'return readTwice || true ?',
      },
    ],
  },
];
