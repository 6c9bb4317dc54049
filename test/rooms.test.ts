import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Declarations, importsOf, type SourceFile, violations } from './rooms.ts';

const root = resolve(import.meta.dirname, '..');

function declarations(): Declarations {
  const folders = ['', 'benchmarks', 'simulation', 'test', ...globSync('{packages,services}/*', { cwd: root })];
  return new Map(
    folders
      .filter((folder) => existsSync(join(root, folder, 'package.json')))
      .map((folder) => {
        const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
        const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
        return [folder, new Set(names)];
      }),
  );
}

function sources(): SourceFile[] {
  const pattern = '{{packages,services}/*/{src,test},scripts,benchmarks,simulation,test}/**/*.{ts,mjs}';
  return (
    globSync(pattern, { cwd: root, exclude: (path) => path.includes('node_modules') })
      // This file has made-up breaches in it.
      .filter((path) => !path.includes('node_modules') && path !== 'test/rooms.test.ts')
      .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
  );
}

describe('the rooms', () => {
  it('keep their rules', () => {
    const files = sources();
    expect(files.length).toBeGreaterThan(20);
    expect(violations(files, declarations())).toEqual([]);
  });

  const declared: Declarations = new Map([
    ['', new Set(['vitest'])],
    ['packages/rating', new Set<string>()],
    ['packages/stream', new Set(['kafkajs', '@headrace/codec', '@headrace/platform'])],
    ['packages/store', new Set(['@clickhouse/client', 'kafkajs', '@headrace/platform', '@headrace/codec'])],
    ['packages/testkit', new Set(['@platformatic/kafka', '@headrace/platform', '@headrace/rating'])],
    ['services/guide', new Set(['@headrace/stream', '@headrace/rater'])],
  ]);

  it.each([
    ['packages/rating/src/a.ts', "import { readFileSync } from 'node:fs';", 'rating imports nothing'],
    ['packages/rating/src/a.ts', "import type { Logger } from '@headrace/platform';", 'which rating may not'],
    ['packages/store/src/a.ts', "import { Kafka } from 'kafkajs';", 'whose only home is packages/stream'],
    ['packages/store/src/a.ts', "const { Kafka } = await import('kafkajs');", 'whose only home is packages/stream'],
    ['packages/store/src/a.ts', "import { encode } from '@headrace/codec';", 'which store may not'],
    ['packages/store/src/a.ts', "export * from '../../codec/src/block.ts';", 'by a relative path'],
    ['packages/testkit/src/a.ts', "import { fold } from '@headrace/rating/fold';", 'which testkit may not'],
    ['packages/stream/src/a.ts', "import\n  lodash\nfrom 'lodash';", 'which has no home'],
    ['packages/novel/src/a.ts', "import '@headrace/platform';", 'a room without a rule'],
    ['services/guide/src/a.ts', "import { lane } from '@headrace/rater';", 'imported by nobody'],
    ['services/guide/test/a.test.ts', "import { lane } from '@headrace/rater/lane';", 'imported by nobody'],
    ['services/guide/src/a.ts', "import { Store } from '@headrace/store';", 'does not declare'],
    ['services/guide/test/a.test.ts', "import { parse } from 'yaml';", 'does not declare'],
  ])('see a made-up breach: %s: %s', (path, text, sentence) => {
    expect(violations([{ path, text }], declared)).toEqual([expect.stringContaining(sentence)]);
  });

  it.each([
    ['packages/stream/src/a.ts', "import { Kafka } from 'kafkajs';\nimport { block } from '@headrace/codec/block';"],
    [
      'packages/stream/test/a.test.ts',
      "import { it } from 'vitest';\nimport { startKafka } from '@headrace/embedded';",
    ],
    ['packages/rating/src/fold/a.ts', "import { add } from '../money.ts';\n// import x from 'lodash'"],
    ['scripts/demo/main.ts', "import { chooseServers } from '@headrace/embedded';"],
  ])('let through what is allowed: %s', (path, text) => {
    expect(violations([{ path, text }], declared)).toEqual([]);
  });

  it('finds imports in all their forms', () => {
    const text = [
      "import a from 'a';",
      "import type { B } from 'b';",
      "import 'c';",
      "export { d } from 'd';",
      "const e = await import('e');",
      "const f = require('f');",
      "import {\n  g,\n} from 'g';",
      "const words = 'taken from a book';",
    ].join('\n');
    expect(importsOf(text)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  });
});
