/**
 * The header of a block as JSON: written canonically (fixed key order, currencies sorted), so that equal headers are
 * equal bytes whoever writes them; read strictly.
 */

import type { BlockControls, BlockHeader, BlockKind, BlockStatus, Position } from '../block.ts';

/** Everything but the digest, which the encoder computes. */
export type HeaderInput = Omit<BlockHeader, 'digest'>;

const KINDS: readonly BlockKind[] = ['usage', 'reference', 'rated', 'suspense', 'totals'];
const STATUSES: readonly BlockStatus[] = ['applied', 'duplicate', 'gap', 'unreadable'];

export function headerJson(header: HeaderInput, digest: string): string {
  return JSON.stringify({
    v: header.v,
    kind: header.kind,
    source: header.source,
    from: positionOf(header.from),
    to: positionOf(header.to),
    generation: header.generation,
    partition: header.partition,
    status: header.status,
    blockTime: header.blockTime,
    horizonDays: header.horizonDays,
    controls: controlsOf(header.controls),
    digest,
    ...(header.answers === undefined
      ? {}
      : {
          answers: {
            source: header.answers.source,
            from: positionOf(header.answers.from),
            to: positionOf(header.answers.to),
          },
        }),
  });
}

function positionOf(position: Position): Position {
  return { offset: position.offset, x: position.x };
}

function controlsOf(controls: BlockControls): BlockControls {
  const amounts = Object.entries(controls.amounts).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    events: controls.events,
    bytes: controls.bytes,
    rated: controls.rated,
    ratedBytes: controls.ratedBytes,
    duplicate: controls.duplicate,
    duplicateBytes: controls.duplicateBytes,
    rejected: controls.rejected,
    rejectedBytes: controls.rejectedBytes,
    suspended: controls.suspended,
    suspendedBytes: controls.suspendedBytes,
    lines: controls.lines,
    quantity: controls.quantity,
    eventQuantity: controls.eventQuantity,
    amounts: Object.fromEntries(amounts),
  };
}

/** The header, or in words what is wrong with it. */
export function parseHeader(text: string): BlockHeader | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'the header is no JSON';
  }
  if (!isRecord(value) || value.v !== 1) return 'the header has another format than version 1';
  const { kind, source, status, digest, answers } = value;
  if (!KINDS.some((known) => known === kind)) return `the header's kind is ${JSON.stringify(kind)}`;
  if (!STATUSES.some((known) => known === status)) return `the header's status is ${JSON.stringify(status)}`;
  if (typeof source !== 'string') return "the header's source is no text";
  if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest)) return "the header's digest is no SHA-256";
  for (const field of ['generation', 'partition', 'blockTime', 'horizonDays']) {
    if (!Number.isSafeInteger(value[field])) return `the header's ${field} is no whole number`;
  }
  if (!isPosition(value.from) || !isPosition(value.to)) return "the header's range is no pair of positions";
  if (!isControls(value.controls)) return "the header's controls are incomplete";
  if (answers !== undefined) {
    if (!isRecord(answers) || typeof answers.source !== 'string') return "the header's answers have no source";
    if (!isPosition(answers.from) || !isPosition(answers.to)) return "the header's answers have no range";
  }
  return value as unknown as BlockHeader;
}

const CONTROL_FIELDS = [
  'events',
  'bytes',
  'rated',
  'ratedBytes',
  'duplicate',
  'duplicateBytes',
  'rejected',
  'rejectedBytes',
  'suspended',
  'suspendedBytes',
  'lines',
  'quantity',
  'eventQuantity',
] as const satisfies readonly (keyof BlockControls)[];

function isControls(value: unknown): boolean {
  if (!isRecord(value) || !isRecord(value.amounts)) return false;
  if (!Object.values(value.amounts).every((amount) => typeof amount === 'string')) return false;
  return CONTROL_FIELDS.every((field) => Number.isSafeInteger(value[field]));
}

/** Offsets that are never negative. */
export function isPosition(value: unknown): value is Position {
  return isRecord(value) && isOffset(value.offset) && isOffset(value.x);
}

function isOffset(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
