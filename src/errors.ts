/**
 * Errors that reach a person. Each class carries a stable `code` to match on; messages say what was expected and
 * never hold a byte of scanned input. Their list with causes and next steps is docs/errors.md.
 */

/** One mistake in a file the user wrote, with its place (line and column count from 1). */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What was expected, in one sentence without a final period. */
  readonly message: string;
}

/** `file:line:column: message`, the form editors and terminals make clickable. */
export function formatProblem(problem: Problem): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`;
}

/** Base of all errors logveil throws on purpose; everything else is a bug. */
export abstract class LogveilError extends Error {
  abstract readonly code: string;
}

/** The command line or an API option is not as documented. */
export class UsageError extends LogveilError {
  readonly code = 'LOGVEIL_USAGE';
  override readonly name = 'UsageError';
}

/** A rules or config file has mistakes; all of them are listed, nothing of the file is used. */
export class ProblemsError extends LogveilError {
  override readonly name = 'ProblemsError';
  readonly code: 'LOGVEIL_RULES' | 'LOGVEIL_CONFIG';
  readonly problems: readonly Problem[];

  /** @param problems at least one, in the order in which they stand in the files */
  constructor(code: 'LOGVEIL_RULES' | 'LOGVEIL_CONFIG', problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.code = code;
    this.problems = problems;
  }
}

/** A file, pipe or folder could not be read or written. */
export class IoError extends LogveilError {
  readonly code = 'LOGVEIL_IO';
  override readonly name = 'IoError';
}

const IO_MESSAGES: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'it is a folder; `logveil audit` searches folders',
  ENOSPC: 'no space left on the device',
  EIO: 'input/output error of the device',
  EMFILE: 'too many open files',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is no folder',
  EDQUOT: 'the disk quota is used up',
  ELOOP: 'its symbolic links lead in a circle',
};

/** An operating system's error in words; never anything but its code. */
export function describeIo(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return (code && IO_MESSAGES[code]) ?? code ?? 'unknown error';
}
