/**
 * The log: JSON lines on standard error, or readable lines when that is a terminal. Standard output is kept for results.
 * LOG_LEVEL is debug, info (default), warn, error or silent.
 */
import { HeadraceError, messageOf } from './errors.ts';

/** Severity and structured fields; `child` adds fields to every line. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  child(fields: Readonly<Record<string, unknown>>): Logger;
}

const LEVELS = { debug: 10, info: 20, warn: 30, error: 40, silent: 100 } as const;
type Level = keyof typeof LEVELS;

export interface LoggerOptions {
  readonly level?: string | undefined;
  /** Writes one finished line, without the line end. */
  readonly write?: (line: string) => void;
  readonly readable?: boolean;
  readonly now?: () => Date;
}

function isLevel(value: string): value is Level {
  return Object.hasOwn(LEVELS, value);
}

/** A field as JSON takes it: integers of any size as strings, errors with code and chain of causes. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  if (!(value instanceof Error)) return value;
  const code = 'code' in value ? value.code : undefined;
  return {
    message: messageOf(value),
    ...(code === undefined ? {} : { code }),
    ...(value.cause === undefined ? {} : { cause: value.cause }),
  };
}

function readableLine(
  time: string,
  level: Level,
  service: string,
  message: string,
  fields: Record<string, unknown>,
): string {
  const tail = Object.entries(fields).map(([key, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value, plain);
    return ` ${key}=${text}`;
  });
  return `${time.slice(11, 23)} ${level.padEnd(5)} ${service}: ${message}${tail.join('')}`;
}

/** A logger for one service. @throws HeadraceError CONFIG_INVALID for an unknown LOG_LEVEL. */
export function createLogger(service: string, options: LoggerOptions = {}): Logger {
  const wanted = (options.level ?? process.env.LOG_LEVEL ?? 'info') || 'info';
  if (!isLevel(wanted)) {
    throw new HeadraceError(
      'CONFIG_INVALID',
      `LOG_LEVEL is not usable: choose one of ${Object.keys(LEVELS).join(', ')}.`,
    );
  }
  const threshold = LEVELS[wanted];
  const readable = options.readable ?? process.stderr.isTTY === true;
  const write = options.write ?? ((line: string) => void process.stderr.write(`${line}\n`));
  const now = options.now ?? (() => new Date());

  const at = (bound: Record<string, unknown>): Logger => {
    const emit =
      (level: Level) =>
      (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
        if (LEVELS[level] < threshold) return;
        const time = now().toISOString();
        const all = { ...bound, ...fields };
        write(
          readable
            ? readableLine(time, level, service, message, all)
            : JSON.stringify({ time, level, service, message, ...all }, plain),
        );
      };
    return {
      debug: emit('debug'),
      info: emit('info'),
      warn: emit('warn'),
      error: emit('error'),
      child: (fields) => at({ ...bound, ...fields }),
    };
  };
  return at({});
}
