/** logveil's own API key of Cal.com: from the environment, or from a file; never from the command line or the configuration. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { CalcomConfig } from '../../config/calcom.ts';
import { describeIo, IoError, UsageError } from '../../errors.ts';

const VARIABLE = 'CALCOM_API_KEY';
/** Anything longer is another file. */
const MOST_FILE_BYTES = 1024;
/** What can stand in a header: fetch's own error for anything else would quote it. */
const FORM = /^[\x21-\x7e]{8,512}$/;

/**
 * @param env read for `CALCOM_API_KEY`, which beats the file
 * @throws UsageError when there is none, or it can be none; IoError when the file can't be read
 */
export function readCalcomKey(config: CalcomConfig, env: NodeJS.ProcessEnv): string {
  const variable = env[VARIABLE];
  if (variable !== undefined && variable !== '') return checked(variable, VARIABLE);
  if (config.keyFile !== undefined) return checked(readStart(config.keyFile), config.keyFile);
  throw new UsageError(
    `Cal.com: expected an API key in ${VARIABLE}, or a file with it as \`calcom.keyFile\``,
  );
}

function checked(text: string, source: string): string {
  const key = text.trim();
  if (!FORM.test(key))
    throw new UsageError(`${source}: expected an API key of Cal.com, one line of visible characters`);
  return key;
}

/** Not more of it than a key can be long, whatever it is. */
function readStart(path: string): string {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    if (!fstatSync(fd).isFile()) throw new UsageError(`${path}: expected a file with an API key of Cal.com`);
    const bytes = Buffer.alloc(MOST_FILE_BYTES);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new IoError(`${path}: the file with the API key can't be read: ${describeIo(error)}`, {
      cause: error,
    });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
