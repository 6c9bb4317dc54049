#!/usr/bin/env node
/**
 * The command `headrace` for whatever Node starts it: the sources are TypeScript, which Node runs as they are from
 * version 24 on, and the project brings that Node. Plain JavaScript for any Node of version 18 or newer.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 24;
const main = new URL('./src/main.ts', import.meta.url);

if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) {
  await import(main.href);
} else {
  const node = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));
  if (existsSync(node)) {
    const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
    // Ctrl-C reaches the whole group by itself; what is sent to this process alone is handed on.
    process.on('SIGINT', () => {});
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.once('exit', (status, signal) => {
      if (signal === null) process.exit(status);
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    });
  } else {
    process.stderr.write(`headrace: Node ${NODE_MAJOR} is not installed here: run \`npm run bootstrap\` once.\n`);
    process.exitCode = 1;
  }
}
