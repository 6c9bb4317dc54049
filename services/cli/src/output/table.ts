/** Tables for people: columns as wide as what stands in them, numbers to the right. */

import type { Output } from './output.ts';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export function left(title: string): Column {
  return { title, align: 'left' };
}

export function right(title: string): Column {
  return { title, align: 'right' };
}

/** A title with a table below it, and an empty line. */
export function section(
  output: Output,
  title: string,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): void {
  output.line(title);
  for (const line of tableLines(columns, rows)) output.line(`  ${line}`);
  output.line();
}

/** The lines of a table, title and rule first. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const table = new StreamedTable(columns, rows);
  return [...table.head(), ...rows.map((row) => table.row(row))];
}

/** A table whose later rows are not known yet: widths come from the first ones, and a wider cell pushes its row aside. */
export class StreamedTable {
  readonly #columns: readonly Column[];
  readonly #widths: readonly number[];

  constructor(columns: readonly Column[], firstRows: readonly (readonly string[])[]) {
    this.#columns = columns;
    this.#widths = columns.map(({ title }, index) =>
      firstRows.reduce((width, row) => Math.max(width, row[index]?.length ?? 0), title.length),
    );
  }

  head(): string[] {
    return [
      this.row(this.#columns.map(({ title }) => title)),
      this.#widths.map((width) => '-'.repeat(width)).join('  '),
    ];
  }

  row(cells: readonly string[]): string {
    return cells
      .map((cell, index) => {
        const width = this.#widths[index] ?? 0;
        return this.#columns[index]?.align === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  }
}
