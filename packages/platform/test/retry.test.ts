import { describe, expect, it } from 'vitest';
import { createLogger, HeadraceError, retrying } from '../src/index.ts';

function setup() {
  const lines: string[] = [];
  const log = createLogger('t', { level: 'info', readable: true, write: (line) => lines.push(line.slice(13)) });
  return { lines, log, abort: new AbortController() };
}
const away = () => new HeadraceError('KAFKA_UNREACHABLE', 'No broker answers.');

describe('retrying', () => {
  it('repeats what may pass, and says so once at each end', async () => {
    const { lines, log, abort } = setup();
    const failures: string[] = [];
    let calls = 0;
    const work = async () => {
      calls += 1;
      if (calls < 3) throw away();
      return calls;
    };
    expect(await retrying('send', log, abort.signal, work, (error) => failures.push(error.code))).toBe(3);
    expect(failures).toEqual(['KAFKA_UNREACHABLE', 'KAFKA_UNREACHABLE']);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('send: failed, repeating until it succeeds reason=No broker answers.');
    expect(lines[1]).toContain('send: succeeded again tries=3');
  });

  it('does not repeat what a person must mend, nor a fault', async () => {
    const { log, abort } = setup();
    const gap = new HeadraceError('BLOCK_GAP', 'A gap.');
    await expect(retrying('apply', log, abort.signal, () => Promise.reject(gap))).rejects.toBe(gap);
    const fault = new TypeError('x');
    await expect(retrying('apply', log, abort.signal, () => Promise.reject(fault))).rejects.toBe(fault);
  });

  it('ends when it is aborted', async () => {
    const { log, abort } = setup();
    const run = retrying(
      'send',
      log,
      abort.signal,
      () => Promise.reject(away()),
      () => abort.abort(),
    );
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
  });
});
