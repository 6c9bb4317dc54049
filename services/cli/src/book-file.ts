/** A price book as a file: YAML or JSON, with every problem at its line. */
import { readFile } from 'node:fs/promises';
import { parseYaml } from '@headrace/codec';
import { HeadraceError, messageOf } from '@headrace/platform';
import { type PriceBook, validatePriceBook } from '@headrace/rating';
import { UsageError } from './command.ts';

export interface BookFile {
  readonly path: string;
  readonly book: PriceBook;
  /** As it was read: what a fact holds. */
  readonly document: unknown;
}

export interface BookFileProblem {
  readonly path: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** Where in the document; empty for bad YAML. */
  readonly at: string;
  readonly problem: string;
  readonly cure: string;
}

/** @throws UsageError if there is no such file */
export async function checkBookFile(
  path: string,
): Promise<BookFile | { readonly problems: readonly BookFileProblem[] }> {
  const yaml = parseYaml(await readText(path));
  if (yaml.problems.length > 0) {
    return { problems: yaml.problems.map((problem) => ({ path, at: '', cure: 'mend the YAML', ...problem })) };
  }
  const result = validatePriceBook(yaml.document);
  if ('book' in result) return { path, book: result.book, document: yaml.document };
  return {
    problems: result.problems.map(({ path: at, problem, cure }) => {
      const { line, column } = yaml.locate(stepsOf(at)) ?? { line: 1, column: 1 };
      return { path, line, column, at, problem, cure };
    }),
  };
}

/** @throws HeadraceError PRICE_BOOK_INVALID with every problem */
export async function readBookFile(path: string): Promise<BookFile> {
  const checked = await checkBookFile(path);
  if (!('problems' in checked)) return checked;
  const lines = checked.problems.map((problem) => `\n  ${problemLine(problem)}`);
  throw new HeadraceError('PRICE_BOOK_INVALID', `${path} cannot be used:${lines.join('')}`);
}

/** One line: file, line, path, problem and cure. */
export function problemLine({ path, line, column, at, problem, cure }: BookFileProblem): string {
  return `${path}:${line}:${column}: ${at === '' ? '' : `${at}: `}${problem}; ${cure}`;
}

/** `plans.a.prices[2].zones` as steps; whole numbers are places in a list. */
function stepsOf(at: string): (string | number)[] {
  return at
    .split(/[.[\]]+/)
    .filter((step) => step !== '')
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${messageOf(error)}`);
  }
}
