/**
 * Makes a clean clone ready: installs the packages of the lockfile when they are not there. Plain JavaScript for any
 * Node of version 18 or newer, because it runs before the project's own Node is there; it imports nothing but Node.
 *
 * 1. It compares what is installed with the lockfile, package by package, and does nothing when they agree.
 * 2. After it, `node_modules/.bin/node` is a Node that runs the sources as they are.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const NODE_MAJOR = 24;

/** @param {string} message */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** @param {string} name */
function readJson(name) {
  return JSON.parse(readFileSync(join(root, name), 'utf8'));
}

/** Why the packages have to be installed; null if they are as the lockfile says. */
function whyInstall() {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return 'they are not there yet';
  const wanted = readJson('package-lock.json').packages;
  const installed = readJson('node_modules/.package-lock.json').packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.startsWith('node_modules/')) continue;
    if (entry.link === true) {
      if (!existsSync(join(root, path))) return `${path} is missing`;
      continue;
    }
    const found = installed[path];
    // An optional package may be for another platform.
    if (found === undefined && entry.optional === true) continue;
    if (found === undefined) return `${path} is missing`;
    if (found.version !== entry.version) return `${path} is ${found.version}, not ${entry.version}`;
  }
  return null;
}

/** @param {string} why */
function install(why) {
  process.stdout.write(`Installing the packages of package-lock.json (${why}): npm ci\n`);
  const options = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm says where it is itself, so that the one that runs this script is also the one that installs.
  const npm = process.env.npm_execpath;
  const [command, args] = npm && /\.c?js$/.test(npm) ? [process.execPath, [npm, ...options]] : ['npm', options];
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) fail(`npm could not be started (${error.message}). Install npm, then run this again.`);
  if (status !== 0) fail(`npm ci failed with status ${status}; its reason stands above. Mend it, then run this again.`);
}

if (Number(process.versions.node.split('.')[0]) < 18) {
  fail(
    `This is Node ${process.versions.node}. Install Node 18 or newer; the project brings its own Node ${NODE_MAJOR}.`,
  );
}
const why = whyInstall();
if (why !== null) install(why);
const node = spawnSync(join(root, 'node_modules/.bin/node'), ['--version'], { encoding: 'utf8' });
if (node.status !== 0 || !node.stdout.startsWith(`v${NODE_MAJOR}.`)) {
  fail('node_modules/.bin/node does not run: npm may be set to ignore install scripts. Run `npm rebuild node chdb`.');
}
