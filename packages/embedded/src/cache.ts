/**
 * Where things are kept between runs: downloaded jars, and logs of servers that failed. Never data.
 */
import { resolve } from 'node:path';

/** The root of the repository. */
export const repositoryRoot = resolve(import.meta.dirname, '../../..');

/** `HEADRACE_CACHE`, or `.cache` in the root of the repository. */
export function cacheFolder(): string {
  return resolve(process.env.HEADRACE_CACHE || resolve(repositoryRoot, '.cache'));
}

/** The folder of the logs of embedded servers that failed. */
export function logFolder(): string {
  return resolve(cacheFolder(), 'logs');
}
