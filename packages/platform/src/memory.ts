/**
 * How a process of ours is started so that what it no longer needs goes back to the system. The values are also in the
 * `start` scripts and in deploy/Dockerfile; test/memory.test.ts holds the three together.
 *
 * 1. Without a fixed threshold glibc serves ever larger buffers from its heap, which holes keep from shrinking; with one,
 *    a buffer from 128 KiB on is mapped by itself and gone once it is freed. Other C libraries ignore these variables.
 * 2. Threads of zlib and of V8 would each keep a heap of their own.
 * 3. V8 lets the young generation grow to 128 MiB where much survives. As large as that, it also lets twice as many bytes of
 *    buffers wait for its collection. With 16 MiB a half space collecting costs no more time, as measured.
 */
export const MEMORY_VARIABLES = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072' } as const;

export const MEMORY_FLAGS = '--max-semi-space-size=16';

/** The environment for a process of ours; options of Node that are given stay. */
export function memoryEnvironment(given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const options = given.NODE_OPTIONS ?? '';
  return { ...MEMORY_VARIABLES, NODE_OPTIONS: options === '' ? MEMORY_FLAGS : `${MEMORY_FLAGS} ${options}` };
}
