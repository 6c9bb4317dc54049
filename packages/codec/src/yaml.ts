/**
 * YAML (and so JSON) text to a plain document that knows where in the text each part stands. Numbers that are not
 * whole keep their text, so that no amount passes through binary floating point.
 */

import { isCollection, isScalar, LineCounter, type Node, parseDocument } from 'yaml';

/** Both from 1. */
export interface YamlPlace {
  readonly line: number;
  readonly column: number;
}

export interface YamlDocument {
  /** undefined if there are problems. */
  readonly document: unknown;
  readonly problems: readonly (YamlPlace & { readonly problem: string })[];
  /** Where the part at a path stands; the nearest part around it if there is none at the path. Null if empty. */
  locate(path: readonly (string | number)[]): YamlPlace | null;
}

/** Never throws for bad text: duplicates of a key, bad syntax and too many aliases are problems with a place. */
export function parseYaml(text: string): YamlDocument {
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines, version: '1.2', schema: 'core', uniqueKeys: true });
  const placeOf = (offset: number): YamlPlace => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const locate = (path: readonly (string | number)[]): YamlPlace | null => {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? parsed.contents : parsed.getIn(path.slice(0, length), true);
      const range = (node as Node | null | undefined)?.range;
      if (range) return placeOf(range[0]);
    }
    return null;
  };
  const problems = [...parsed.errors, ...parsed.warnings].map((problem) => ({
    ...placeOf(problem.pos[0]),
    problem: problem.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? problem.code,
  }));
  if (problems.length > 0) return { document: undefined, problems, locate };
  keepFractions(parsed.contents);
  try {
    return { document: parsed.toJS({ maxAliasCount: 100 }), problems, locate };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { document: undefined, problems: [{ line: 1, column: 1, problem }], locate };
  }
}

function keepFractions(node: unknown): void {
  const open: unknown[] = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (isScalar(next)) {
      if (typeof next.value === 'number' && !Number.isSafeInteger(next.value) && next.source !== undefined) {
        next.value = next.source;
      } else if (typeof next.value === 'number' && next.source !== undefined && !/^[-+]?[0-9]+$/.test(next.source)) {
        next.value = next.source;
      }
    } else if (isCollection(next)) {
      for (const item of next.items) {
        if (typeof item === 'object' && item !== null && 'value' in item && 'key' in item) open.push(item.value);
        else open.push(item);
      }
    }
  }
}
