/** Which topic's blocks go into which table, and how an insert is named. Pure. */
import type { BlockHeader, BlockKind } from '@headrace/codec/block';
import { generationTopic, TOPICS } from '@headrace/stream';

export interface LoadRoute {
  /** Without the prefix. */
  readonly topic: string;
  /** What the topic's blocks must be. */
  readonly kind: BlockKind;
  readonly table: string;
  /** The stage that its control totals name. */
  readonly stage: string;
}

export function loadRoutes(generation: number): readonly LoadRoute[] {
  return [
    { topic: generationTopic(TOPICS.rated, generation), kind: 'rated', table: 'rated_usage', stage: 'loader' },
    { topic: TOPICS.suspense, kind: 'suspense', table: 'suspended_usage', stage: 'loader-suspense' },
    {
      topic: generationTopic(TOPICS.invoiceTotals, generation),
      kind: 'totals',
      table: 'invoice_total_deltas',
      stage: 'loader-totals',
    },
  ];
}

/**
 * The deduplication token of a block: the same block has the same token whoever inserts it, however often. Blocks that
 * answer a guided block are `rated/<generation>/<partition>/<offset>`; others name their range's end.
 */
export function insertToken(header: BlockHeader): string {
  const { kind, source, generation, partition, to } = header;
  if (source.startsWith('guided/')) return `${kind}/${generation}/${partition}/${to.offset - 1}`;
  return `${kind}/${generation}/${source}/${to.offset}/${to.x}`;
}
