/**
 * A real Apache Kafka broker on loopback: jars from the cache, one node in KRaft mode, ended with its starter.
 *
 * 1. Without `dir` the data lies in a temporary folder that goes when the broker does, however the starter ends.
 * 2. With `dir` the data stays, and the broker is shut down in order; a later start with it continues.
 * 3. The log of a broker that failed stays, and its path is in the error.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { HeadraceError } from '@headrace/platform';
import { logFolder } from '../cache.ts';
import { freePorts, portIsFree } from '../free-port.ts';
import { type Supervised, supervise } from '../supervisor/index.ts';
import { LOCKED } from '../supervisor/protocol.ts';
import { kafkaJars } from './jars.ts';
import { findJava } from './java.ts';
import { serverProperties } from './properties.ts';
import { answeringCluster } from './ready.ts';

const LOG4J = resolve(import.meta.dirname, '../../kafka/log4j2.properties');
const HEAP = '-Xmx512m';
const READY_MS_MAX = 180_000;
const READY_POLL_MS = 50;
const STOP_MS = 20_000;
const ATTEMPTS_MAX = 3;

export interface KafkaOptions {
  /** Where the data stays between runs; without it a temporary folder, removed at the end. */
  readonly dir?: string | undefined;
  /** Port on 127.0.0.1; without it a free one. */
  readonly port?: number | undefined;
  /** Takes one line for people when something is fetched or goes wrong; silent without it. */
  readonly log?: ((line: string) => void) | undefined;
}

export interface RunningKafka {
  /** `127.0.0.1:port`. */
  readonly brokers: string;
  /** Process id of the broker's Java. */
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Starts a broker and resolves when it answers. Throws SERVER_MISSING,
 * SERVER_DOWNLOAD_FAILED, SERVER_PORT_IN_USE, SERVER_START_FAILED.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<RunningKafka> {
  const log = options.log ?? (() => undefined);
  const java = await findJava();
  const jars = await kafkaJars(log);
  for (let attempt = 1; ; attempt += 1) {
    const ports = await choosePorts(options.port);
    const broker = await launch({ java, jars, dir: options.dir, ...ports });
    const failure = await untilReady(broker, ports.brokerPort);
    if (failure === null) {
      broker.process.onUnexpectedEnd((how) => log(`Kafka ended by itself (${how}); its log: ${broker.logFile}`));
      return { brokers: `127.0.0.1:${ports.brokerPort}`, pid: broker.process.pid, stop: () => broker.process.stop() };
    }
    // Someone took a port between our look and the broker's bind: other ports will do.
    const again = failure.code === 'SERVER_PORT_IN_USE' && options.port === undefined && attempt < ATTEMPTS_MAX;
    if (!again) throw failure;
    rmSync(broker.logFile, { force: true });
  }
}

interface Ports {
  readonly brokerPort: number;
  readonly controllerPort: number;
}

async function choosePorts(wanted: number | undefined): Promise<Ports> {
  const [first = 0, second = 0] = await freePorts(2);
  if (wanted === undefined) return { brokerPort: first, controllerPort: second };
  if (!(await portIsFree(wanted))) throw portInUse(wanted);
  return { brokerPort: wanted, controllerPort: first === wanted ? second : first };
}

function portInUse(port: number): HeadraceError {
  const text = `Port ${port} of 127.0.0.1, where Kafka was to listen, is in use. Stop what listens there, or give another port.`;
  return new HeadraceError('SERVER_PORT_IN_USE', text, { context: { port } });
}

interface Launch extends Ports {
  readonly java: string;
  readonly jars: string;
  readonly dir: string | undefined;
}

interface Broker {
  readonly process: Supervised;
  readonly logFile: string;
  readonly clusterId: string;
}

async function launch(how: Launch): Promise<Broker> {
  const temporary = how.dir === undefined;
  const dir = how.dir === undefined ? mkdtempSync(join(tmpdir(), 'headrace-kafka-')) : resolve(how.dir);
  const logDir = temporary ? logFolder() : dir;
  const dataDir = join(dir, 'data');
  for (const folder of [dataDir, logDir]) mkdirSync(folder, { recursive: true });
  const logFile = join(logDir, temporary ? `kafka-${how.brokerPort}-${process.pid}.log` : 'kafka.log');
  const settings = join(dir, 'server.properties');
  writeFileSync(settings, serverProperties({ dataDir, ...how }));
  const jvm = ['-Djava.awt.headless=true', `-Dlog4j2.configurationFile=${LOG4J}`, '-cp', join(how.jars, '*')];
  try {
    if (!existsSync(join(dataDir, 'meta.properties'))) await format(how.java, jvm, settings);
    const process = await supervise({
      command: how.java,
      args: [HEAP, '-XX:+UseG1GC', '-XX:+ExitOnOutOfMemoryError', ...jvm, 'kafka.Kafka', settings],
      cwd: dir,
      // Kafka's own lock comes after its controller has written to the data already.
      lockFile: join(dir, 'broker.lock'),
      logFile,
      removeAlways: temporary ? [dir] : [],
      removeWhenStopped: temporary ? [logFile] : [],
      // Data that is thrown away needs no orderly shutdown.
      stopMs: temporary ? 0 : STOP_MS,
    });
    return { process, logFile, clusterId: clusterIdOf(dataDir) };
  } catch (error) {
    if (temporary) rmSync(dir, { recursive: true, force: true });
    if (!(error instanceof Error) || error.message !== LOCKED) throw error;
    const text = `The folder ${dir} is in use by another Kafka. Stop that one, or give another folder.`;
    throw new HeadraceError('SERVER_START_FAILED', text, { context: { dir } });
  }
}

/** As the storage was formatted with. */
function clusterIdOf(dataDir: string): string {
  const words = readFileSync(join(dataDir, 'meta.properties'), 'utf8');
  return /^cluster\.id=(.+)$/m.exec(words)?.[1]?.trim() ?? '';
}

async function format(java: string, jvm: readonly string[], settings: string): Promise<void> {
  const clusterId = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
  // A name that begins with a dash would read as an option.
  const id = clusterId.replace(/^-/, 'A');
  const args = ['-XX:TieredStopAtLevel=1', ...jvm, 'kafka.tools.StorageTool', 'format', '-t', id, '-c', settings];
  try {
    await promisify(execFile)(java, args);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new HeadraceError('SERVER_START_FAILED', `Kafka's storage could not be formatted: ${why}`, { cause: error });
  }
}

/** Null when the broker answers, else why it did not; then the broker is gone and its log is kept. */
async function untilReady(broker: Broker, port: number): Promise<HeadraceError | null> {
  for (const end = Date.now() + READY_MS_MAX; Date.now() < end; await sleep(READY_POLL_MS)) {
    const ended = broker.process.ended();
    if (ended !== null) return startFailure(ended, port, broker.logFile);
    if ((await answeringCluster(port)) === broker.clusterId) return null;
  }
  const words = existsSync(broker.logFile) ? readFileSync(broker.logFile) : '';
  await broker.process.stop();
  writeFileSync(broker.logFile, words);
  return startFailure(`no answer within ${READY_MS_MAX / 1000} s`, port, broker.logFile);
}

function startFailure(ended: string, port: number, logFile: string): HeadraceError {
  const words = existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
  if (/Address already in use/.test(words)) return portInUse(port);
  const reason = /(?:ERROR|FATAL|Exception|Error:)[^\n]{0,300}/.exec(words)?.[0] ?? 'its log has no error';
  const text = `The embedded Kafka did not start (${ended}): ${reason}. Its log: ${logFile}`;
  return new HeadraceError('SERVER_START_FAILED', text, { context: { port, logFile } });
}
