/** One rated line in words. */
import type { Row } from './stored.ts';

export function explanationOf(row: Row | null): string | null {
  return row === null ? null : JSON.stringify(row);
}
