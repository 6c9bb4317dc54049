/** What the embedded engine may take of the machine. Apart from engine.ts, whose import loads the whole engine. */
export const LIMITS = {
  /** What the whole engine may allocate. */
  memoryBytesMax: 3 * 1024 ** 3,
  markCacheBytesMax: 128 * 1024 ** 2,
  readsMax: 4,
  writesMax: 4,
  waitingMax: 256,
  queryThreadsMax: 2,
  backgroundThreads: 1,
  /** An idle named session (session_id) is closed after this. */
  sessionIdleMs: 60_000,
} as const;

/** Threads of libuv that queries may occupy, and some for files. Must be in the environment before the process starts. */
export const LIBUV_THREADS = LIMITS.readsMax + LIMITS.writesMax + 4;
