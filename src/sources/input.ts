/** Opens what is to be read: standard input or a file, refusing what can't be searched. */
import { closeSync, constants, createReadStream, fstatSync, openSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { isatty, ReadStream } from 'node:tty';
import { STDIN_FD } from '../descriptors.ts';
import { describeIo, IoError } from '../errors.ts';
import { type Chunk, chunksOf, type Source } from './chunks.ts';
import { directReader } from './directReader.ts';
import { sniffEncoding } from './encoding.ts';

/** Large enough that a read costs little, small enough that output follows soon. */
const READ_BYTES = 256 * 1024;

/** An input that can't be opened, read or searched; others may still be. */
export class UnreadableInput extends IoError {}

export function openStandardInput(): Source {
  // A regular file is read directly; a pipe must not block a thread, which the stream sees to.
  if (fstatSync(STDIN_FD).isFile()) return fromFile(STDIN_FD, () => {});
  const stream = process.stdin;
  return { stream, direct: directReader(STDIN_FD), close: () => {}, isEnded: false };
}

/**
 * @param path always a path, also where it is `-`
 * @throws UnreadableInput
 */
export function openFile(path: string): Source {
  try {
    const stats = statSync(path);
    if (stats.isFIFO()) return fromStream(openPipe(path));
    if (stats.isCharacterDevice()) return fromStream(openDevice(path));
    if (stats.isFile()) {
      const fd = openSync(path, constants.O_RDONLY);
      return fromFile(fd, () => closeSync(fd));
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  return fromStream(createReadStream(path, { highWaterMark: READ_BYTES }));
}

function fromFile(fd: number, close: () => void): Source {
  return { stream: undefined, direct: directReader(fd), close, isEnded: false };
}

function fromStream(stream: Readable): Source {
  return { stream, direct: undefined, close: () => {}, isEnded: false };
}

/** A thread that waits in `open` or `read` for somebody to write can't be called back: no stop would come through. */
function openPipe(path: string): Readable {
  return fromDescriptor(path, constants.O_NONBLOCK, (fd) => new Socket({ fd, writable: false }));
}

/** A terminal makes us wait as a pipe does, other devices do not. */
function openDevice(path: string): Readable {
  return fromDescriptor(path, constants.O_NOCTTY, (fd) =>
    isatty(fd) ? new ReadStream(fd) : createReadStream('', { fd, highWaterMark: READ_BYTES }),
  );
}

function fromDescriptor(path: string, flags: number, open: (fd: number) => Readable): Readable {
  const fd = openSync(path, constants.O_RDONLY | flags);
  try {
    return open(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * The chunks of an input.
 * @param name as it is shown in errors
 * @param room where to read to; see chunksOf
 * @throws UnreadableInput when it can't be read, or when it is compressed or in an encoding that rules can't search
 */
export async function* readInput(
  name: string,
  source: Source,
  stop: AbortSignal,
  room?: () => Buffer | undefined,
): AsyncGenerator<Chunk> {
  let head: Buffer | undefined = Buffer.alloc(0);
  let failure: UnreadableInput | undefined;
  try {
    for await (const chunk of chunksOf(source, stop, () => (head === undefined ? room?.() : undefined))) {
      if (head === undefined || typeof chunk === 'number') {
        yield chunk;
        continue;
      }
      head = Buffer.concat([head, chunk]);
      if (isDecided(name, head, false)) {
        yield head;
        head = undefined;
      }
    }
  } catch (error) {
    if (error instanceof UnreadableInput) throw error;
    failure = unreadable(name, error);
  }
  // What was read before a failure is handed on too.
  if (head !== undefined && head.length > 0 && isDecided(name, head, true)) yield head;
  if (failure !== undefined) throw failure;
}

function unreadable(name: string, error: unknown): UnreadableInput {
  return new UnreadableInput(`${name}: can't be read: ${describeIo(error)}`, { cause: error });
}

function isDecided(name: string, head: Buffer, isAll: boolean): boolean {
  const sniffed = sniffEncoding(head, isAll);
  if (sniffed === 'more') return false;
  if (sniffed === 'text') return true;
  throw new UnreadableInput(`${name}: expected text, this is ${sniffed.unreadable}; ${sniffed.advice}`);
}
