/** What changed between two books, thing by thing and property by property. */
import { type BookParts, type Properties, withoutVersion } from './book-parts.ts';

export interface ChangedProperty {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface Change {
  /** For example `price standard/data`. */
  readonly thing: string;
  /** `version`: a version more of a price that was there. `replaced`: a version in the place of another. */
  readonly kind: 'added' | 'removed' | 'changed' | 'version' | 'replaced';
  /** Of an added thing what there is to say; else what differs from what was. */
  readonly properties: readonly ChangedProperty[];
}

/** In the order of the new book, then what is gone in the order of the old one. */
export function compareParts(before: BookParts, after: BookParts): Change[] {
  const changes: Change[] = [];
  const replaced = new Set<string>();
  for (const [thing, properties] of after) {
    const old = before.get(thing);
    if (old !== undefined) {
      const differing = differences(old, properties);
      if (differing.length > 0) changes.push({ thing, kind: 'changed', properties: differing });
      continue;
    }
    const version = earlierVersion(thing, before, after, replaced);
    if (version === undefined) {
      const told = differences(new Map(), properties).filter(isWorthTelling);
      changes.push({ thing, kind: 'added', properties: told });
      continue;
    }
    const kind = after.has(version) ? 'version' : 'replaced';
    if (kind === 'replaced') replaced.add(version);
    changes.push({ thing, kind, properties: differences(before.get(version) ?? new Map(), properties) });
  }
  for (const thing of before.keys()) {
    if (!after.has(thing) && !replaced.has(thing)) changes.push({ thing, kind: 'removed', properties: [] });
  }
  return changes;
}

/** Of the old book's versions of the same price one that is gone, else the last. */
function earlierVersion(
  thing: string,
  before: BookParts,
  after: BookParts,
  replaced: ReadonlySet<string>,
): string | undefined {
  const versions = [...before.keys()].filter((name) => withoutVersion(name) === withoutVersion(thing));
  return versions.find((name) => !after.has(name) && !replaced.has(name)) ?? versions.at(-1);
}

function differences(before: Properties, after: Properties): ChangedProperty[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names
    .map((name) => ({ name, before: before.get(name) ?? null, after: after.get(name) ?? null }))
    .filter((property) => property.before !== property.after);
}

/** Of something new, what restricts nothing is not told. */
function isWorthTelling({ after }: ChangedProperty): boolean {
  return !['any', 'none', 'nothing', 'always', 'not due'].includes(after ?? '');
}

/** Lines of text for a change. */
export function changeInWords({ thing, kind, properties }: Change): string[] {
  const changed = properties.map(
    ({ name, before, after }) => `    ${name}: ${before ?? 'nothing'} -> ${after ?? 'nothing'}`,
  );
  switch (kind) {
    case 'removed':
      return [`- ${thing} is gone`];
    case 'added':
      return [`+ ${thing} is new`, ...properties.map(({ name, after }) => `    ${name}: ${after}`)];
    case 'changed':
      return [`~ ${thing}`, ...changed];
    case 'version':
      return [`+ ${thing} is a version more`, ...changed];
    case 'replaced':
      return [`~ ${thing} takes the place of another version`, ...changed];
    default:
      return kind satisfies never;
  }
}
