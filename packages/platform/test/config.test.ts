import { describe, expect, it } from 'vitest';
import { HeadraceError, readConfig, z } from '../src/index.ts';

const schema = z.object({
  BROKERS: z.string().describe('host:port, comma-separated'),
  THREADS: z.coerce.number().int().min(1).default(2),
  PASSWORD: z
    .string()
    .regex(/^[a-z]+$/)
    .optional(),
});

function problem(env: NodeJS.ProcessEnv): HeadraceError {
  try {
    readConfig(schema, env);
  } catch (error) {
    if (error instanceof HeadraceError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('readConfig', () => {
  it('gives typed values and defaults, and ignores other variables', () => {
    expect(readConfig(schema, { BROKERS: 'a:1', OTHER: 'x' })).toEqual({ BROKERS: 'a:1', THREADS: 2 });
  });

  it('counts an empty variable as not set', () => {
    expect(readConfig(schema, { BROKERS: 'a:1', THREADS: '' })).toEqual({ BROKERS: 'a:1', THREADS: 2 });
    expect(problem({ BROKERS: '' }).message).toContain('BROKERS is not set (host:port, comma-separated)');
  });

  it('names every problem at once and shows no value', () => {
    const error = problem({ THREADS: 'many', PASSWORD: 'S3CRET' });
    expect(error.code).toBe('CONFIG_INVALID');
    for (const name of ['BROKERS', 'THREADS', 'PASSWORD']) expect(error.message).toContain(name);
    expect(error.message).not.toContain('S3CRET');
    expect(error.context).toEqual({ variables: ['BROKERS', 'THREADS', 'PASSWORD'] });
  });
});
