/** The command as a user starts it: the launcher, in a process. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../../headrace.mjs', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
}

export interface HeadraceOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Of Node, before the launcher. */
  readonly node?: readonly string[];
}

export function headrace(
  words: readonly string[],
  { env = {}, input = '', node = [] }: HeadraceOptions = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [...node, LAUNCHER, ...words], { env: { ...process.env, ...env } });
  let out = '';
  let error = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    error += chunk;
  });
  // A command that ends before it has read all of its input is no failure of the test.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, out, error })));
}
