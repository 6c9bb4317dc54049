/**
 * What a settlement is a function of, and the id that follows from it: the same input is the same settlement, so repeating
 * it is harmless. Pure.
 */
import { createHash } from 'node:crypto';
import type { ReadPosition } from '@headrace/store';

const ID_LETTERS = 32;

export interface SettlementInput {
  readonly period: string;
  /** Up to where each guided partition is read, sorted. */
  readonly positions: readonly ReadPosition[];
  /** Next position of the reference log: facts before it are known. */
  readonly reference: number;
  /** Of the event keys in conflict that nobody has decided on. */
  readonly conflictsDigest: string;
  readonly foldVersion: number;
}

export function settlementId({ period, positions, reference, conflictsDigest, foldVersion }: SettlementInput): string {
  const read = positions.map(({ generation, partition, offset }) => [generation, partition, offset]);
  const text = JSON.stringify([1, period, read, reference, conflictsDigest, foldVersion]);
  return digestOf([text]).slice(0, ID_LETTERS);
}

/** SHA-256, hexadecimal, over lines. */
export function digestOf(lines: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const line of lines) hash.update(`${line}\n`);
  return hash.digest('hex');
}

export function sortedPositions(positions: readonly ReadPosition[]): ReadPosition[] {
  return positions.toSorted((a, b) => a.generation - b.generation || a.partition - b.partition);
}
