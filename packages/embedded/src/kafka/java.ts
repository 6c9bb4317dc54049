/**
 * Finds a Java that runs the broker: `JAVA_HOME/bin/java`, else `java` on the PATH; 17 or newer.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { HeadraceError } from '@headrace/platform';

const JAVA_VERSION_MIN = 17;
const CURE =
  `Install a Java ${JAVA_VERSION_MIN} or newer (for example the package openjdk-17-jre-headless), or set JAVA_HOME, ` +
  'or set KAFKA_BROKERS to a broker that runs already.';

/** The major version in the output of `java -version`; null if there is none. "1.8.0" is 8. */
export function javaMajorVersion(output: string): number | null {
  const match = /version "(\d+)(?:\.(\d+))?/.exec(output);
  if (match === null) return null;
  const [, first, second] = match;
  return Number(first === '1' && second !== undefined ? second : first);
}

/** The path of a usable `java`. Throws SERVER_MISSING. */
export async function findJava(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const java = env.JAVA_HOME ? join(env.JAVA_HOME, 'bin', 'java') : 'java';
  const where = env.JAVA_HOME ? `in JAVA_HOME (${env.JAVA_HOME})` : 'on the PATH';
  const output = await new Promise<string>((resolve, reject) => {
    execFile(java, ['-version'], { env }, (error, stdout, stderr) => {
      if (error === null) resolve(`${stdout}${stderr}`);
      else reject(new HeadraceError('SERVER_MISSING', `No Java was found ${where}. ${CURE}`, { cause: error }));
    });
  });
  const major = javaMajorVersion(output);
  if (major !== null && major >= JAVA_VERSION_MIN) return java;
  const found = major === null ? 'a Java of unknown version' : `Java ${major}`;
  throw new HeadraceError('SERVER_MISSING', `The Java found ${where} is ${found}. ${CURE}`);
}
