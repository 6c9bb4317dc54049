import { describe, expect, it } from 'vitest';
import { ProgressWatch } from '../src/index.ts';

function watchAt() {
  const clock = { ms: 0 };
  return { clock, watch: new ProgressWatch({ stallMs: 100, now: () => clock.ms }) };
}

describe('ProgressWatch', () => {
  it('does not stall without work, however long', () => {
    const { clock, watch } = watchAt();
    clock.ms = 10_000;
    expect(watch.stalled(0)).toBe(false);
    // Work that has only just come does not inherit the idle time.
    expect(watch.stalled(5)).toBe(false);
  });

  it('stalls when work waits and none is finished', () => {
    const { clock, watch } = watchAt();
    watch.stalled(1);
    clock.ms = 101;
    expect(watch.stalled(1)).toBe(true);
    watch.advance();
    expect(watch.stalled(1)).toBe(false);
    expect(watch.finished).toBe(1);
  });
});
