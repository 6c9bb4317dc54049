/**
 * Breaks the protocol on purpose, to see whether the laboratory notices. Production code has no switch for this: its source
 * text is changed while it is loaded, in this process only.
 *
 * A mutation whose text is not found exactly once is an error, so that none becomes empty as the code changes.
 */
import { registerHooks } from 'node:module';
import { MUTATIONS, type Mutation } from './mutations.ts';

const ROOT = new URL('../../', import.meta.url).href;

/** Must be called before the stages are loaded. @throws RangeError for a name that is not known */
export function mutate(name: string): Mutation {
  const mutation = MUTATIONS.find((one) => one.name === name);
  if (mutation === undefined) {
    throw new RangeError(`there is no mutation ${name}; there are ${MUTATIONS.map((one) => one.name).join(', ')}`);
  }
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      const edits = mutation.edits.filter(({ file }) => url === ROOT + file);
      if (edits.length === 0 || loaded.source === null || loaded.source === undefined) return loaded;
      return { ...loaded, source: edits.reduce(edited, textOf(loaded.source)) };
    },
  });
  return mutation;
}

/** The text with one edit made. @throws Error where its place is not there, or there twice */
export function edited(text: string, { file, find, replace }: Mutation['edits'][number]): string {
  const parts = text.split(find);
  const [before, after] = parts;
  if (parts.length !== 2 || before === undefined || after === undefined) {
    throw new Error(`${file} holds ${parts.length - 1} times what a mutation replaces, not once:\n${find}`);
  }
  return before + replace + after;
}

function textOf(source: string | ArrayBuffer | NodeJS.TypedArray): string {
  if (typeof source === 'string') return source;
  return new TextDecoder().decode(source);
}
