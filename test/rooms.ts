/**
 * The rules of the rooms, checked over source text: who may import whom, one room for each third-party client.
 * ARCHITECTURE.md says why. A file is `src` (what runs) or beside it (`test`, benchmarks, scripts: what watches).
 *
 * 1. `src` imports only what the table of its room allows, and only what its package.json declares.
 * 2. Nothing reaches into another room's files by a relative path.
 * 3. Services never import each other, in tests neither.
 * 4. A third-party package has one home; `src` of another room may not import it.
 */
import { dirname, join, normalize } from 'node:path/posix';

/** Rooms that `src` of a package may import. */
const PACKAGE_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  rating: [],
  platform: [],
  codec: ['rating', 'platform'],
  stream: ['codec', 'platform'],
  store: ['platform'],
  embedded: ['platform'],
  testkit: ['platform', 'embedded'],
};

/** Rooms that `src` of a service may import: what runs in production. */
const SERVICE_MAY_IMPORT: readonly string[] = ['rating', 'codec', 'stream', 'store', 'platform'];
const SERVICES: readonly string[] = ['guide', 'rater', 'loader', 'aggregator', 'assurance', 'billing', 'cli'];

/** The one home of each third-party package. */
const HOMES: Readonly<Record<string, string>> = {
  avsc: 'packages/codec',
  long: 'packages/codec',
  yaml: 'packages/codec',
  kafkajs: 'packages/stream',
  '@clickhouse/client': 'packages/store',
  zod: 'packages/platform',
  'prom-client': 'packages/platform',
  chdb: 'packages/embedded',
  testcontainers: 'packages/embedded',
  '@platformatic/kafka': 'packages/testkit',
  piscina: 'services/rater',
};

export interface SourceFile {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** What package.json files declare, by folder ('' is the root): names of dependencies, those for development included. */
export type Declarations = ReadonlyMap<string, ReadonlySet<string>>;

const IMPORT =
  /^\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\b(?:import|require|import\.meta\.resolve)\(\s*['"]([^'"]+)['"]/gm;

/** The specifiers that a source text imports, in any of the ways that the language has. */
export function importsOf(text: string): string[] {
  const code = text.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  return [...code.matchAll(IMPORT)].map((match) => String(match[1] ?? match[2] ?? match[3]));
}

/** One sentence for each breach of the rules; empty if they hold. */
export function violations(files: readonly SourceFile[], declared: Declarations): string[] {
  return files.flatMap((file) => {
    const room = roomOf(file.path);
    if (room === null) return [];
    return importsOf(file.text)
      .map((specifier) => judge(file.path, room, specifier, declared))
      .filter((sentence) => sentence !== null)
      .map((sentence) => `${file.path} ${sentence}`);
  });
}

/** `packages/x`, `services/x`, or the top folder. */
function roomOf(path: string): string | null {
  const [top, name, ...rest] = path.split('/');
  if (top === undefined || name === undefined) return null;
  return (top === 'packages' || top === 'services') && rest.length > 0 ? `${top}/${name}` : top;
}

function judge(path: string, room: string, specifier: string, declared: Declarations): string | null {
  const isSource = path.startsWith(`${room}/src/`);
  if (specifier.startsWith('.')) return judgeRelative(path, room, specifier);
  if (specifier.startsWith('node:')) {
    return room === 'packages/rating' && isSource ? `imports ${specifier}: rating imports nothing` : null;
  }
  const name = packageOf(specifier);
  const sentence = name.startsWith('@headrace/')
    ? judgeRoom(room, isSource, name.slice('@headrace/'.length))
    : judgeThirdParty(room, isSource, name);
  if (sentence !== null) return sentence;
  if (declared.get(room)?.has(name) || name === `@headrace/${room.split('/')[1]}`) return null;
  // What watches may use what the root declares; rooms are all linked there.
  if (!isSource && (declared.get('')?.has(name) || name.startsWith('@headrace/'))) return null;
  return `imports ${name}, which ${room}/package.json does not declare`;
}

function judgeRelative(path: string, room: string, specifier: string): string | null {
  const target = normalize(join(dirname(path), specifier));
  if (target.startsWith(`${room}/`)) return null;
  // What crosses rooms also tests the scripts, which are in no package.
  if (room === 'test' && target.startsWith('scripts/')) return null;
  // Configuration files share one at the root, and files of data are no code.
  if (target === 'vitest.shared.ts' && path.endsWith('vitest.config.ts')) return null;
  return `reaches ${target} by a relative path: another room`;
}

function judgeRoom(room: string, isSource: boolean, target: string): string | null {
  const [kind, name = ''] = room.split('/');
  const targetIsService = SERVICES.includes(target);
  if (!targetIsService && PACKAGE_MAY_IMPORT[target] === undefined) return `imports @headrace/${target}: no such room`;
  if (kind !== 'packages' && kind !== 'services') return null;
  if (target === name) return null;
  if (targetIsService) return `imports the service ${target}: services are imported by nobody`;
  if (!isSource) return null;
  const allowed = kind === 'services' ? SERVICE_MAY_IMPORT : PACKAGE_MAY_IMPORT[name];
  if (allowed === undefined) return `is in a room without a rule: add ${room} to test/rooms.ts`;
  return allowed.includes(target) ? null : `imports @headrace/${target}, which ${name} may not`;
}

function judgeThirdParty(room: string, isSource: boolean, name: string): string | null {
  if (!isSource) return null;
  const home = HOMES[name];
  if (home === undefined) return `imports ${name}, which has no home: add it to test/rooms.ts`;
  return home === room ? null : `imports ${name}, whose only home is ${home}`;
}

/** `@scope/name/file` is `@scope/name`; `name/file` is `name`. */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
