/** The command line: reads the arguments, runs one command, and turns every failure into a message and a code. */
import { writeFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { describeIo, LogveilError, ProblemsError } from '../errors.ts';
import { paintFor, STDERR_FD, STDOUT_FD } from '../telemetry/colour.ts';
import { VERSION } from '../version.ts';
import { auditCommand } from './audit.ts';
import { benchCommand } from './bench.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { redactCommand } from './redact.ts';

const EXIT_CODE_HELP = `
Exit codes:
  0  done, and nothing at or above --fail-on
  1  findings at or above --fail-on
  2  the job could not be done: usage, configuration, rules, input or output`;

/**
 * @param args without the program's name
 * @returns the exit code; never throws
 */
export async function main(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT_CODES.done;
  const finish = (result: ExitCode): void => {
    code = result;
  };
  const program = new Command('logveil')
    .description(
      'Redacts personal data and secrets from log streams, and reports every leak without repeating it.',
    )
    .version(VERSION, '-V, --version')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', EXIT_CODE_HELP)
    .showHelpAfterError('Run `logveil --help` to see what is possible.')
    .enablePositionalOptions()
    .exitOverride()
    .addCommand(redactCommand(finish), { isDefault: true })
    .addCommand(auditCommand(finish))
    .addCommand(benchCommand(finish));
  program.configureOutput({ writeOut });
  for (const command of program.commands) {
    command
      .configureOutput({ writeOut })
      .exitOverride()
      .showHelpAfterError(`Run \`logveil ${command.name()} --help\` to see what is possible.`);
  }
  // When stderr takes nothing any more there is nobody left to tell; the work goes on.
  process.stderr.on('error', () => {});
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.failed;
    process.stderr.write(`${explain(error)}\n`);
    return EXIT_CODES.failed;
  }
}

/** Help and version. A reader who closes the pipe has seen enough; any other error is one. */
function writeOut(text: string): void {
  try {
    writeFileSync(STDOUT_FD, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** What went wrong, for a person. An error that is not ours may hold scanned bytes in its text: only its kind shows. */
function explain(error: unknown): string {
  const prefix = paintFor(STDERR_FD)('red', 'logveil:');
  if (error instanceof ProblemsError) {
    const count = error.problems.length;
    const what = error.code === 'LOGVEIL_RULES' ? 'the rules' : 'the configuration';
    return `${prefix} ${what} can't be used, ${count} problem${count === 1 ? '' : 's'}:\n${error.message}`;
  }
  if (error instanceof LogveilError) return `${prefix} ${error.message}`;
  const system = error as NodeJS.ErrnoException;
  if (typeof system.syscall === 'string')
    return `${prefix} the output can't be written: ${describeIo(error)}`;
  const kind = error instanceof Error ? error.name : typeof error;
  return `${prefix} internal error (${kind}); nothing that was not redacted has been written. Please report it: ${where(error)}`;
}

/** The code lines of an error's stack, without its message, which may have lines that look like code lines. */
function where(error: unknown): string {
  const { stack = '', message } = error instanceof Error ? error : { message: '' };
  const at = stack.indexOf(message);
  if (at === -1) return '';
  const frames = stack
    .slice(at + message.length)
    .split('\n')
    .filter((line) => /^\s+at /.test(line));
  return frames
    .slice(0, 3)
    .map((line) => line.trim())
    .join(' ');
}
