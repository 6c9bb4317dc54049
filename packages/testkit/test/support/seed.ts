/** The seed of a random test: TEST_SEED, else a new one. It stands in the name of the test, so a failure shows it. */
import { randomBytes } from 'node:crypto';

export function testSeed(): string {
  return process.env.TEST_SEED ?? randomBytes(4).toString('hex');
}
