/** What a command of the command line is, and how its words are read. */

import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { Logger } from '@headrace/platform';

export interface Command {
  readonly help: string;
  /** @returns the exit status */
  run(words: readonly string[], log: Logger): Promise<number>;
}

/** Wrong words: exit status 2. */
export class UsageError extends Error {}

/** What was asked cannot be done, for a reason that the message says in full: exit status 1. */
export class CommandFailed extends Error {}

/** The options and positional words. @throws UsageError that names what is wrong */
export function readWords<O extends ParseArgsOptionsConfig>(
  words: readonly string[],
  options: O,
): ReturnType<typeof parseArgs<{ options: O; allowPositionals: true; args: string[] }>> {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** A whole number from an option. */
export function wholeNumber(name: string, text: string | undefined, standard: number, max: number): number {
  if (text === undefined) return standard;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > max) {
    throw new UsageError(`--${name} takes a whole number from 1 to ${max}, not "${text}".`);
  }
  return value;
}
