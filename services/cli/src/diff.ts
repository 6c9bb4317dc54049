/** `headrace diff BOOK BOOK`: what changed between two price books, in words. */
import { refuseSuccessor } from '@headrace/rating';
import { readBookFile } from './book-file.ts';
import { type Command, readWords, UsageError } from './command.ts';
import { Output } from './output/output.ts';
import { partsOf } from './words/book-parts.ts';
import { changeInWords, compareParts } from './words/compare-parts.ts';

const HELP = `headrace diff BOOK NEW-BOOK [--json]

Says what changed between two price books: what is new (+), gone (-) and changed (~), each property before and after, with
everything that the books leave to defaults filled in; the way in which a book is written makes no difference. Warns where
the new book could not follow the old one in production.

  --json   {"changes": [{"thing", "kind", "properties": [{"name", "before", "after"}]}], "refused": null or why}

Exit status: 0 said what changed (or that nothing did), 1 a book cannot be used, 2 wrong words.

Example:
  npx headrace diff book-2026.yaml book-2027.yaml
`;

export const command: Command = {
  help: HELP,
  async run(words) {
    const { values, positionals } = readWords(words, { json: { type: 'boolean' } });
    const [oldPath, newPath, ...more] = positionals;
    if (oldPath === undefined || newPath === undefined || more.length > 0) {
      throw new UsageError('headrace diff takes two price books, the old one first; see --help.');
    }
    const [before, after] = [await readBookFile(oldPath), await readBookFile(newPath)];
    const changes = compareParts(partsOf(before.book), partsOf(after.book));
    const refused = refuseSuccessor([before.book], after.book);
    const output = new Output();
    if (values.json === true) output.line(JSON.stringify({ changes, refused: refused ?? null }));
    else {
      output.line(`${before.book.name}@${before.book.version} -> ${after.book.name}@${after.book.version}`);
      for (const line of changes.flatMap(changeInWords)) output.line(line);
      if (changes.length === 0) output.line('They price alike.');
      if (refused !== undefined) output.line(`! The new book could not follow the old one: ${refused}.`);
    }
    await output.flush();
    return 0;
  },
};
