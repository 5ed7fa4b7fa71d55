/** What went wrong, for a person. */
import { STDERR_FD } from '../descriptors.ts';
import { LogveilError, ProblemsError } from '../errors.ts';
import { codeFrames, kindOf } from '../telemetry/codeFrames.ts';
import { paintFor } from '../telemetry/colour.ts';

/** An error that is not ours may hold scanned bytes in its text: only its kind or code shows. */
export function explain(error: unknown): string {
  const prefix = paintFor(STDERR_FD)('red', 'logveil:');
  if (error instanceof ProblemsError) {
    const count = error.problems.length;
    const what = error.code === 'LOGVEIL_RULES' ? 'the rules' : 'the configuration';
    return `${prefix} ${what} can't be used, ${count} problem${count === 1 ? '' : 's'}:\n${error.message}`;
  }
  if (error instanceof LogveilError) return `${prefix} ${error.message}`;
  if (error instanceof Error && 'syscall' in error) {
    const { code = 'without a code' } = error as NodeJS.ErrnoException;
    return `${prefix} system error ${code}`;
  }
  return `${prefix} internal error (${kindOf(error)}); nothing that was not redacted has been written. Please report it: ${codeFrames(error)}`;
}
