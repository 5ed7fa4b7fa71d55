/**
 * logveil's own log, on stderr: JSON lines for machines, plain lines for people at a terminal. Messages name files,
 * rules, counts and codes; a scanned byte never goes into one.
 *
 * pino takes some 20 ms to load, and most runs log nothing, so it is loaded with the first message.
 */
import { createRequire } from 'node:module';
import type { Logger } from 'pino';
import { STDERR_FD } from '../descriptors.ts';
import { paintFor, type Style } from './colour.ts';

export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LEVELS)[number];
type Level = Exclude<LogLevel, 'silent'>;

/** Facts beside a message; file names, counts, codes. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

const STYLES: Readonly<Record<Level, Style>> = {
  trace: 'dim',
  debug: 'dim',
  info: 'cyan',
  warn: 'yellow',
  error: 'red',
  fatal: 'red',
};

export class Log {
  readonly #level: LogLevel;
  readonly #forPeople: boolean;
  #pino: Logger | undefined;

  /** @param forPeople whether stderr is a terminal */
  constructor(level: LogLevel, forPeople: boolean) {
    this.#level = level;
    this.#forPeople = forPeople;
  }

  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#write('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields);
  }

  #write(level: Level, message: string, fields: LogFields = {}): void {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(this.#level)) return;
    if (this.#forPeople) {
      const paint = paintFor(STDERR_FD);
      const facts = Object.entries(fields).map(([name, value]) => paint('dim', `${name}=${value}`));
      process.stderr.write(`${['logveil:', paint(STYLES[level], level), message, ...facts].join(' ')}\n`);
      return;
    }
    this.#pino ??= loadPino(this.#level);
    this.#pino[level](fields, message);
  }
}

function loadPino(level: LogLevel): Logger {
  const { pino } = createRequire(import.meta.url)('pino') as typeof import('pino');
  // Synchronous: a message about a failure must be out before the process ends.
  const destination = pino.destination({ fd: STDERR_FD, sync: true });
  // When stderr takes nothing any more there is nobody left to tell; the stream must go on.
  destination.on('error', () => {});
  return pino({ name: 'logveil', level, base: null }, destination);
}
