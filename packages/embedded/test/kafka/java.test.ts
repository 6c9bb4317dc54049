import { describe, expect, it } from 'vitest';
import { findJava, javaMajorVersion } from '../../src/kafka/java.ts';

describe('javaMajorVersion', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['openjdk version "21" 2023-09-19', 21],
    ['java version "1.8.0_411"', 8],
    ['something else', null],
  ])('%s', (output, major) => {
    expect(javaMajorVersion(output)).toBe(major);
  });
});

describe('findJava', () => {
  it('says what to install when there is no Java', async () => {
    await expect(findJava({ PATH: '/nowhere' })).rejects.toMatchObject({
      code: 'SERVER_MISSING',
      message: expect.stringMatching(/^No Java was found on the PATH\. Install a Java 17 or newer.*KAFKA_BROKERS/),
    });
  });

  it('names JAVA_HOME when that is what is wrong', async () => {
    await expect(findJava({ JAVA_HOME: '/nowhere' })).rejects.toThrow('No Java was found in JAVA_HOME (/nowhere).');
  });
});
