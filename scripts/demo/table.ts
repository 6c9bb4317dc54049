/** Rows of text in columns, and quantities for people. */

/** Columns as wide as their widest cell; the first is aligned left, the others right. Lines begin with `indent`. */
export function table(rows: readonly (readonly string[])[], indent = '  '): string {
  const widths: number[] = [];
  for (const [at, cell] of rows.flatMap((row) => [...row.entries()])) {
    widths[at] = Math.max(widths[at] ?? 0, cell.length);
  }
  const line = (row: readonly string[]) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  return rows.map((row) => `${indent}${line(row).trimEnd()}\n`).join('');
}

const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A raw quantity in a unit that is easy to read; rounded, for display alone. Bytes by 1024. */
export function readable(quantity: bigint, unit: string): string {
  if (unit !== 'bytes') return `${quantity.toLocaleString('en-US')} ${unit}`;
  let value = Number(quantity);
  let at = 0;
  while (Math.abs(value) >= 1024 && at < BYTE_UNITS.length - 1) {
    value /= 1024;
    at += 1;
  }
  return `${at === 0 ? value : value.toFixed(1)} ${BYTE_UNITS[at]}`;
}
