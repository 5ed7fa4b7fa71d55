/** Reads what people name in settings, up to a bound: it may be a pipe, a device without end, or the wrong file. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { describeIo, IoError } from './errors.ts';

const FIRST_BYTES = 64 * 1024;

/**
 * @param shown how errors name the file
 * @param what how they name what it should hold, such as `the key file`
 * @throws IoError when it can't be read, or holds more than `mostBytes`
 */
export function readBounded(path: string, mostBytes: number, shown: string, what: string): Buffer {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const expected = Math.max(FIRST_BYTES, fstatSync(fd).size + 1);
    let bytes = Buffer.allocUnsafe(Math.min(expected, mostBytes + 1));
    for (let length = 0; ; ) {
      const more = readSync(fd, bytes, length, bytes.length - length, null);
      length += more;
      if (more === 0) return bytes.subarray(0, length);
      if (length > mostBytes) throw new IoError(`${shown}: expected at most ${mostBytes} bytes as ${what}`);
      if (length < bytes.length) continue;
      const larger = Buffer.allocUnsafe(Math.min(bytes.length * 2, mostBytes + 1));
      bytes.copy(larger);
      bytes = larger;
    }
  } catch (error) {
    if (error instanceof IoError) throw error;
    throw new IoError(`${shown}: ${what} can't be read: ${describeIo(error)}`, { cause: error });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
