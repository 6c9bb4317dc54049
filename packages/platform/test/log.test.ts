import { describe, expect, it } from 'vitest';
import { createLogger, HeadraceError } from '../src/index.ts';

function capture(level: string, readable = false) {
  const lines: string[] = [];
  const now = () => new Date('2026-11-05T10:11:12.345Z');
  return { lines, log: createLogger('loader', { level, readable, now, write: (line) => lines.push(line) }) };
}

describe('createLogger', () => {
  it('writes one JSON object a line, with the fields of the child', () => {
    const { lines, log } = capture('info');
    log.child({ partition: 3 }).warn('a gap', { from: 10n, seen: new Map([['a', 1]]) });
    expect(JSON.parse(String(lines[0]))).toEqual({
      time: '2026-11-05T10:11:12.345Z',
      level: 'warn',
      service: 'loader',
      message: 'a gap',
      partition: 3,
      from: '10',
      seen: { a: 1 },
    });
  });

  it('tells code and causes of an error, without a stack', () => {
    const { lines, log } = capture('info');
    log.error('lost', { error: new HeadraceError('BLOCK_GAP', 'gap', { cause: new Error('why') }) });
    expect(JSON.parse(String(lines[0])).error).toEqual({
      message: 'gap',
      code: 'BLOCK_GAP',
      cause: { message: 'why' },
    });
  });

  it('keeps to its level', () => {
    const { lines, log } = capture('warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    expect(lines).toHaveLength(1);
    const silent = capture('silent');
    silent.log.error('x');
    expect(silent.lines).toEqual([]);
  });

  it('is readable on a terminal', () => {
    const { lines, log } = capture('debug', true);
    log.info('ready', { port: 80, why: 'start' });
    expect(lines).toEqual(['10:11:12.345 info  loader: ready port=80 why=start']);
  });

  it('refuses an unknown level in words', () => {
    expect(() => capture('loud')).toThrow(/LOG_LEVEL is not usable: choose one of debug, info/);
  });
});
