/**
 * The jars of the embedded Kafka: fetched once by Maven, then kept in the cache folder and used without a network.
 *
 * 1. A folder with the final name is complete: it is filled under another name and then renamed.
 * 2. Of several starters one downloads and the others wait for it, because a local Maven repository does not bear two
 *    writers. A lock whose owner is gone is taken over.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HeadraceError } from '@headrace/platform';
import { cacheFolder, logFolder } from '../cache.ts';
import { isCode, takeLock } from '../lock-file.ts';

const POM = resolve(import.meta.dirname, '../../kafka/pom.xml');
const COPY_GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
const DOWNLOAD_MS_MAX = 600_000;
const LOCK_POLL_MS = 200;

/** The version of Apache Kafka that the pom pins. */
export const KAFKA_VERSION = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([^<]+)</.exec(
  readFileSync(POM, 'utf8'),
)?.[1];

/** The folder with the jars; downloads them if they are not there. Throws SERVER_MISSING, SERVER_DOWNLOAD_FAILED. */
export async function kafkaJars(log: (line: string) => void): Promise<string> {
  const digest = createHash('sha256').update(readFileSync(POM)).digest('hex').slice(0, 8);
  const folder = join(cacheFolder(), `kafka-${KAFKA_VERSION}-${digest}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cacheFolder(), { recursive: true });
  const lock = `${folder}.lock`;
  for (const end = Date.now() + DOWNLOAD_MS_MAX; !takeLock(lock); ) {
    if (existsSync(folder)) return folder;
    if (Date.now() > end) {
      const cure = `If no other download runs, remove ${lock} and try again.`;
      throw new HeadraceError('SERVER_DOWNLOAD_FAILED', `Another process has been downloading for too long. ${cure}`);
    }
    await sleep(LOCK_POLL_MS);
  }
  try {
    // The one that held the lock before may have finished between our first look and now.
    if (!existsSync(folder)) await download(folder, log);
  } finally {
    rmSync(lock, { force: true });
  }
  return folder;
}

async function download(folder: string, log: (line: string) => void): Promise<void> {
  log(`fetching Apache Kafka ${KAFKA_VERSION} with Maven (54 MB, once)`);
  const staging = `${folder}.${process.pid}.part`;
  rmSync(staging, { recursive: true, force: true });
  try {
    await runMaven(staging);
    moveInto(staging, folder);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** A folder that came into being meanwhile has the same contents. */
function moveInto(staging: string, folder: string): void {
  try {
    renameSync(staging, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

function runMaven(target: string): Promise<void> {
  const options = ['-B', '-q', '-f', POM, COPY_GOAL, '-DincludeScope=runtime', `-DoutputDirectory=${target}`];
  return new Promise((resolvePromise, reject) => {
    execFile('mvn', options, { timeout: DOWNLOAD_MS_MAX, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) return resolvePromise();
      if (isCode(error, 'ENOENT')) return reject(mavenMissing(error));
      mkdirSync(logFolder(), { recursive: true });
      const file = join(logFolder(), 'maven.log');
      writeFileSync(file, `${stdout}${stderr}`);
      const why = /\[ERROR\]\s*(.{1,400})/.exec(stdout)?.[1] ?? error.message;
      const text =
        `Apache Kafka ${KAFKA_VERSION} could not be downloaded: ${why.trim()} (all of Maven's words: ${file}). ` +
        'Check the way to Maven Central or name a mirror in ~/.m2/settings.xml, or set KAFKA_BROKERS.';
      reject(new HeadraceError('SERVER_DOWNLOAD_FAILED', text, { cause: error }));
    });
  });
}

function mavenMissing(cause: unknown): HeadraceError {
  const text =
    `The jars of Apache Kafka ${KAFKA_VERSION} are not in ${cacheFolder()} yet and no Maven (mvn) was found on the ` +
    'PATH to fetch them. Install Maven (for example the package maven), or set KAFKA_BROKERS to a broker that runs already.';
  return new HeadraceError('SERVER_MISSING', text, { cause });
}
