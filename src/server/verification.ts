/** The last verification, read from the file that `logveil verify --format json --output FILE` writes. */
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { verificationSchema } from '../verify/result.ts';
import type { Status } from './schemas.ts';

/** Twelve checks take some kilobytes. */
const MOST_BYTES = 1024 * 1024;

type VerificationState = Status['verification'];

export class VerificationFile {
  readonly #path: string | undefined;
  #seen = '';
  #state: VerificationState;

  /** @param path undefined where no file was named */
  constructor(path: string | undefined) {
    this.#path = path;
    this.#state = { state: path === undefined ? 'none' : 'missing', result: null };
  }

  /** What the file says; read anew when it has changed. Never throws. */
  read(): VerificationState {
    if (this.#path === undefined) return this.#state;
    const look = lookOf(this.#path);
    if (look !== this.#seen) {
      this.#seen = look;
      this.#state =
        look === 'ENOENT' ? { state: 'missing', result: null } : (parsed(this.#path) ?? UNREADABLE);
    }
    return this.#state;
  }
}

const UNREADABLE: VerificationState = { state: 'unreadable', result: null };

/** Changes when the file does. */
function lookOf(path: string): string {
  try {
    const { dev, ino, size, mtimeMs } = statSync(path);
    return `${dev}:${ino}:${size}:${mtimeMs}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

function parsed(path: string): VerificationState | undefined {
  try {
    const read = verificationSchema.safeParse(JSON.parse(textOf(path)));
    if (!read.success) return undefined;
    const { runbook: _, ...result } = read.data;
    return { state: 'read', result };
  } catch {
    return undefined;
  }
}

/** @throws when it is no file of a sensible size; a pipe must not make us wait */
function textOf(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > MOST_BYTES) throw new RangeError('no file of a sensible size');
    const bytes = Buffer.alloc(stats.size);
    const length = readSync(fd, bytes, 0, bytes.length, 0);
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(fd);
  }
}
