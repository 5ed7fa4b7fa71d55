/** Opens what is to be read: standard input or a file, refusing what can't be searched. */
import { createReadStream, fstatSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { describeIo, IoError } from '../errors.ts';
import { chunksOf } from './chunks.ts';
import { sniffEncoding } from './encoding.ts';

/** Large enough that a read costs little, small enough that output follows soon. */
const READ_BYTES = 256 * 1024;

/** @param name `-` for standard input, else a path */
export function openInput(name: string): Readable {
  if (name !== '-') return createReadStream(name, { highWaterMark: READ_BYTES });
  // For a regular file on standard input a stream of our own reads larger chunks; a pipe must not block a thread.
  return fstatSync(0).isFile() ? createReadStream('', { fd: 0, highWaterMark: READ_BYTES }) : process.stdin;
}

/**
 * The chunks of an input.
 * @param name as it is shown in errors
 * @throws IoError when it can't be read, or when it is compressed or in an encoding that rules can't search
 */
export async function* readInput(name: string, stream: Readable, stop: AbortSignal): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  try {
    for await (const chunk of chunksOf(stream, stop)) {
      if (head === undefined) {
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
    if (error instanceof IoError) throw error;
    throw new IoError(`${name}: can't be read: ${describeIo(error)}`, { cause: error });
  }
  if (head !== undefined && head.length > 0 && isDecided(name, head, true)) yield head;
}

function isDecided(name: string, head: Buffer, isAll: boolean): boolean {
  const sniffed = sniffEncoding(head, isAll);
  if (sniffed === 'more') return false;
  if (sniffed === 'text') return true;
  throw new IoError(`${name}: expected text, this is ${sniffed.unreadable}; ${sniffed.advice}`);
}
