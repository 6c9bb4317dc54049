/** The machine's own timers and clock, taken before the simulated ones stand in their place. */
export const realTimers = {
  setTimeout: globalThis.setTimeout,
  setImmediate: globalThis.setImmediate,
  Date: globalThis.Date,
  now: performance.now.bind(performance),
} as const;
