/** `headrace validate BOOK…`: whether a price book can be used, and if not, what to mend at which line. */
import type { PriceBook } from '@headrace/rating';
import { type BookFileProblem, checkBookFile, problemLine } from './book-file.ts';
import { type Command, readWords, UsageError } from './command.ts';
import { Output } from './output/output.ts';
import { counted } from './output/words.ts';

const HELP = `headrace validate BOOK... [--json]

Checks price books (YAML or JSON) as a whole. Every problem is named with file, line, column, path and cure. Needs no
servers. To write a book, begin with one of schemas/price-books.

  --json   one JSON object for each book: {"path", "book", "problems"}

Exit status: 0 all books can be used, 1 one of them cannot, 2 wrong words.

Example:
  npx headrace validate schemas/price-books/*.yaml
`;

export const command: Command = {
  help: HELP,
  async run(words) {
    const { values, positionals } = readWords(words, { json: { type: 'boolean' } });
    if (positionals.length === 0) throw new UsageError('headrace validate needs a price book; see --help.');
    const output = new Output();
    let status = 0;
    for (const path of positionals) {
      const checked = await checkBookFile(path);
      const problems = 'problems' in checked ? checked.problems : [];
      const book = 'problems' in checked ? null : checked.book;
      if (problems.length > 0) status = 1;
      if (values.json === true) output.line(jsonOf(path, book, problems));
      else for (const line of book === null ? problems.map(problemLine) : [describe(path, book)]) output.line(line);
      await output.flush();
    }
    return status;
  },
};

function jsonOf(path: string, book: PriceBook | null, problems: readonly BookFileProblem[]): string {
  const found = problems.map(({ line, column, at, problem, cure }) => ({ line, column, path: at, problem, cure }));
  return JSON.stringify({ path, book: book === null ? null : `${book.name}@${book.version}`, problems: found });
}

function describe(path: string, book: PriceBook): string {
  const prices = [...book.tariffs.values()].reduce((sum, tariff) => sum + tariff.prices.length, 0);
  const counts = [
    counted(book.services.size, 'service'),
    counted(book.zones.size, 'zone'),
    counted(book.plans.size, 'plan'),
    counted(prices, 'price'),
    counted(book.pools.size, 'pool rule'),
    counted(book.addOns.size, 'add-on'),
  ];
  return `${path}: ${book.name}@${book.version} is valid: ${counts.join(', ')}.`;
}
