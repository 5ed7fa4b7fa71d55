/** Compresses what is written again: gzip by Node, the other formats by their own programs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Storage } from './kinds.ts';
import { Refused } from './original.ts';
import { type Packer, packerFor } from './packers.ts';

/** Takes bytes and hands their compressed form to whoever opened it. */
export interface Compressor {
  /** @param bytes must stay as they are until the promise settles */
  write(bytes: Buffer): Promise<void>;
  /** All is handed on when it settles. */
  end(): Promise<void>;
  /** Gives up; harmless after `end`. */
  abort(): void;
}

/** Of gzip's header: how hard was tried (RFC 1952, section 2.3.1, XFL). */
const GZIP_EFFORT_AT = 8;
const GZIP_LEVELS: Readonly<Record<number, number>> = { 2: 9, 4: 1 };
/** Programs need none of ours: options for them in variables would change what they write. */
const ENVIRONMENT = { LC_ALL: 'C' };

/**
 * @param head first bytes of the file as it is, which tell how it was packed
 * @param put takes compressed bytes; what it throws is thrown on
 * @throws Refused when the program that is needed is not there
 */
export function openCompressor(
  storage: Exclude<Storage, 'plain'>,
  head: Buffer,
  put: (bytes: Uint8Array) => void,
): Compressor {
  if (storage === 'gzip') {
    const level = GZIP_LEVELS[head[GZIP_EFFORT_AT] as number];
    const gzip = createGzip(level === undefined ? {} : { level });
    return new Piped(gzip, gzip, put, once(gzip, 'end'), () => gzip.destroy());
  }
  const packer = packerFor(storage, head);
  // In a group of its own: what is typed at the terminal to stop us must not end it before us.
  const child = spawn(packer.path, packer.packs, {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: ENVIRONMENT,
    detached: true,
  });
  return new Piped(child.stdin, child.stdout, put, exitOf(child, packer), () => child.kill('SIGKILL'));
}

/**
 * Has the program test a file: what is damaged must not be packed again as if it were whole.
 * @param fd open for reading, at its start; its position moves
 * @throws Refused
 */
export async function testPacked(
  storage: Exclude<Storage, 'plain'>,
  head: Buffer,
  fd: number,
): Promise<void> {
  // Node's own decompression has checked it already.
  if (storage === 'gzip') return;
  const packer = packerFor(storage, head);
  const child = spawn(packer.path, packer.tests, { stdio: [fd, 'ignore', 'ignore'], env: ENVIRONMENT });
  try {
    await exitOf(child, packer);
  } catch (error) {
    throw new Refused(
      `its ${storage} data is damaged: \`${packer.name} -t\` says so; repair it or take it out first`,
      {
        cause: error,
      },
    );
  }
}

class Piped implements Compressor {
  readonly #input: Writable;
  readonly #ended: Promise<unknown>;
  readonly #abort: () => void;
  #failure: unknown;

  constructor(
    input: Writable,
    output: Readable,
    put: (bytes: Uint8Array) => void,
    ended: Promise<unknown>,
    abort: () => void,
  ) {
    this.#input = input;
    this.#ended = ended;
    this.#abort = abort;
    output.on('data', (bytes: Buffer) => {
      try {
        if (this.#failure === undefined) put(bytes);
      } catch (error) {
        this.#failure = error;
      }
    });
    // Told by the write, or the end, that meets it.
    input.on('error', () => {});
    output.on('error', () => {});
    ended.catch(() => {});
  }

  async write(bytes: Buffer): Promise<void> {
    const error = await new Promise<unknown>((done) => this.#input.write(bytes, done));
    this.#throwFailure();
    if (error === null || error === undefined) return;
    // Why it takes no more is told by how it ended.
    await this.#ended;
    throw error;
  }

  async end(): Promise<void> {
    this.#input.end();
    await this.#ended;
    this.#throwFailure();
  }

  abort(): void {
    this.#abort();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/** @throws Refused when it does not end with 0 */
async function exitOf(child: ChildProcess, { name }: Packer): Promise<void> {
  const ended = once(child, 'close').then(([code, signal]) => {
    if (code !== 0) throw new Refused(`\`${name}\` failed: ${code === null ? signal : `exit code ${code}`}`);
  });
  // It may fail long before anybody asks.
  ended.catch(() => {});
  const failed = once(child, 'error').then(([error]) => {
    throw new Refused(
      `\`${name}\` can't be run: ${String((error as NodeJS.ErrnoException).code ?? 'an error')}`,
    );
  });
  failed.catch(() => {});
  await Promise.race([ended, failed]);
}
