/**
 * The page about the command line: every console block is run, and must print what the page says. HEADRACE_WRITE_PAGE=1
 * writes what they print into the page, to be read before it is committed.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PAGE = join(ROOT, 'docs/command-line.md');
const BLOCK = /```console\n\$ ([^\n]+)\n([\s\S]*?)```/g;
const writing = process.env.HEADRACE_WRITE_PAGE === '1';

const blocks = [...readFileSync(PAGE, 'utf8').matchAll(BLOCK)].map(([whole, command = '', printed = '']) => ({
  whole,
  command,
  printed,
}));

/** What a person sees: both streams, in order. */
function run(command: string): string {
  const launcher = `'${process.execPath}' '${join(ROOT, 'services/cli/headrace.mjs')}'`;
  const { stdout } = spawnSync('sh', ['-c', `{ ${command.replaceAll('npx headrace', launcher)}; } 2>&1`], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
  });
  return stdout;
}

/** What the state takes depends on the engine, not on the command. */
function withoutSizes(output: string): string {
  return output.replaceAll(/^State: .*$/gm, (line) => line.replaceAll(/[\d.,]+ (?:bytes|B|KB|MB)/g, '*'));
}

describe('docs/command-line.md', () => {
  it.each(blocks)('$command', ({ whole, command, printed }) => {
    const output = run(command);
    if (writing) {
      const page = readFileSync(PAGE, 'utf8');
      writeFileSync(
        PAGE,
        page.replace(whole, () => `\`\`\`console\n$ ${command}\n${output}\`\`\``),
      );
    } else expect(withoutSizes(output)).toBe(withoutSizes(printed));
  });

  it('has an example of every command that needs no servers', () => {
    const commands = blocks.map(({ command }) => /npx headrace (\w+)/.exec(command)?.[1]);
    expect(new Set(commands)).toEqual(
      new Set([undefined, 'validate', 'rate', 'bill', 'explain', 'diff', 'trial', 'publish']),
    );
  });
});
