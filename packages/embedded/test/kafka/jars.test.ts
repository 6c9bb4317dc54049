/** The cache of the jars, with a made-up Maven on the PATH, so that no network is needed. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KAFKA_VERSION, kafkaJars } from '../../src/kafka/jars.ts';

const kept = { PATH: process.env.PATH, HEADRACE_CACHE: process.env.HEADRACE_CACHE };
let folder = '';
let lines: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headrace-test-'));
  lines = [];
  process.env.HEADRACE_CACHE = join(folder, 'cache');
});

afterEach(() => {
  process.env.PATH = kept.PATH;
  if (kept.HEADRACE_CACHE === undefined) delete process.env.HEADRACE_CACHE;
  else process.env.HEADRACE_CACHE = kept.HEADRACE_CACHE;
  rmSync(folder, { recursive: true, force: true });
});

/** Puts a `mvn` of these shell commands first on the PATH; `$out` is the folder that it is asked to fill. */
function maven(script: string): void {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const head = '#!/bin/sh\nfor word in "$@"; do out=$(echo "$word" | sed -n s/-DoutputDirectory=//p)$out; done\n';
  writeFileSync(join(bin, 'mvn'), `${head}echo ran >> '${folder}/runs'\n${script}\n`);
  chmodSync(join(bin, 'mvn'), 0o755);
  process.env.PATH = `${bin}${delimiter}${kept.PATH}`;
}

function fetchJars(): Promise<string> {
  return kafkaJars((line) => lines.push(line));
}

const FILL = 'mkdir -p "$out" && sleep 0.3 && echo jar > "$out/kafka.jar"';

describe('kafkaJars', () => {
  it('downloads once for several starters at once, and then needs no Maven', async () => {
    maven(FILL);
    const [one, two, three] = await Promise.all([fetchJars(), fetchJars(), fetchJars()]);
    expect(new Set([one, two, three]).size).toBe(1);
    expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('ran\n');
    expect(lines).toEqual([`fetching Apache Kafka ${KAFKA_VERSION} with Maven (54 MB, once)`]);
    process.env.PATH = '/nowhere';
    expect(await fetchJars()).toBe(one);
    expect(readdirSync(one)).toEqual(['kafka.jar']);
  });

  it('says what to install when there is no Maven', async () => {
    process.env.PATH = '/nowhere';
    await expect(fetchJars()).rejects.toMatchObject({
      code: 'SERVER_MISSING',
      message: expect.stringMatching(/no Maven \(mvn\) was found on the PATH.*Install Maven/),
    });
  });

  it('gives the reason of a failed download, keeps no half of it, and tries again the next time', async () => {
    maven(
      'mkdir -p "$out"; echo half > "$out/a.jar"; echo "[ERROR] Could not transfer artifact a:b: no route"; exit 1',
    );
    await expect(fetchJars()).rejects.toMatchObject({
      code: 'SERVER_DOWNLOAD_FAILED',
      message: expect.stringMatching(/Could not transfer artifact a:b: no route.*maven\.log/),
    });
    expect(readdirSync(join(folder, 'cache'))).toEqual(['logs']);
    maven(FILL);
    expect(existsSync(join(await fetchJars(), 'kafka.jar'))).toBe(true);
  });

  it('takes over the lock of a downloader that is gone', async () => {
    maven(FILL);
    const target = await fetchJars();
    rmSync(target, { recursive: true });
    // No process has this id: it is above what Linux gives.
    writeFileSync(`${target}.lock`, '4194305');
    expect(await fetchJars()).toBe(target);
    expect(existsSync(`${target}.lock`)).toBe(false);
  });
});
