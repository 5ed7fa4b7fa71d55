/** logveil's own API key of Cal.com: from the environment, or from a file; never from the command line or the configuration. */
import { readBounded } from '../../boundedFile.ts';
import type { CalcomConfig } from '../../config/calcom.ts';
import { UsageError } from '../../errors.ts';

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
  const { keyFile } = config;
  if (keyFile !== undefined)
    return checked(
      readBounded(keyFile, MOST_FILE_BYTES, keyFile, 'the file with the API key').toString(),
      keyFile,
    );
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
