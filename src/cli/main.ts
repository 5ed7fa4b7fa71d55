/** The command line: reads the arguments, runs one command, and turns every failure into a message and a code. */
import { writeFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { STDOUT_FD } from '../descriptors.ts';
import { describeIo, IoError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { auditCommand } from './audit.ts';
import { benchCommand } from './bench.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { explain } from './explain.ts';
import { monitorCommand } from './monitor.ts';
import { redactCommand } from './redact.ts';
import { reportCommand } from './report.ts';
import { rulesCommand } from './rules.ts';
import { scrubCommand } from './scrub.ts';
import { serveCommand } from './serve.ts';
import { subjectCommand } from './subject.ts';
import { tailCommand } from './tail.ts';
import { verifyCommand } from './verify.ts';
import { workerCommand } from './worker.ts';

const MORE_HELP = `
Without the name of a command, logveil redacts; \`logveil redact --help\` shows the options of that.

Exit codes:
  0  done, and nothing at or above --fail-on
  1  findings at or above --fail-on
  2  the job could not be done: usage, configuration, rules, input or output`;

/** The same manners for a command and all commands below it. */
function configure(command: Command, name: string): void {
  command
    .configureOutput({ writeOut, outputError: (text, write) => write(withoutValue(text)) })
    .exitOverride()
    .showHelpAfterError(`Run \`${name} --help\` to see what is possible.`);
  for (const below of command.commands) configure(below, `${name} ${below.name()}`);
}

/** An option that does not exist is named without its value: it may be a key that was typed in the wrong place. */
function withoutValue(text: string): string {
  return text.replace(/(unknown option '[^'=]*)=[^']*'/, "$1=...'");
}

/**
 * @param args without the program's name
 * @returns the exit code; never throws
 */
export async function main(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT_CODES.done;
  // Where 2 means that checks failed, not to have run needs a code of its own.
  const failed = args[0] === 'verify' ? EXIT_CODES.unknown : EXIT_CODES.failed;
  const finish = (result: ExitCode): void => {
    code = result;
  };
  const program = new Command('logveil')
    .description(
      'Redacts personal data and secrets from log streams, and reports every leak without repeating it.',
    )
    .version(VERSION, '-V, --version')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', MORE_HELP)
    .showHelpAfterError('Run `logveil --help` to see what is possible.')
    .enablePositionalOptions()
    .exitOverride()
    .hook('preAction', (_, command) => warnOfVariables(command.opts<{ logLevel?: string }>().logLevel))
    .addCommand(redactCommand(finish), { isDefault: true })
    .addCommand(tailCommand(finish))
    .addCommand(auditCommand(finish))
    .addCommand(scrubCommand(finish))
    .addCommand(reportCommand(finish))
    .addCommand(subjectCommand(finish))
    .addCommand(verifyCommand(finish))
    .addCommand(monitorCommand(finish))
    .addCommand(serveCommand(finish))
    .addCommand(workerCommand(finish))
    .addCommand(rulesCommand(finish))
    .addCommand(benchCommand(finish));
  configure(program, 'logveil');
  // When stderr takes nothing any more there is nobody left to tell; the work goes on.
  process.stderr.on('error', () => {});
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.done : failed;
    process.stderr.write(`${explain(error)}\n`);
    return failed;
  }
}

/** @param flag `--log-level` */
async function warnOfVariables(flag: string | undefined): Promise<void> {
  // Few runs have any; to load what knows them takes time.
  if (!Object.keys(process.env).some((name) => /^LOGVEIL_/i.test(name))) return;
  const { warnOfUnknownVariables } = await import('./environmentWarning.ts');
  warnOfUnknownVariables(flag, process.env);
}

/** Help and version. A reader who closes the pipe has seen enough; any other error is one. */
function writeOut(text: string): void {
  try {
    writeFileSync(STDOUT_FD, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return;
    throw new IoError(`the output can't be written: ${describeIo(error)}`, { cause: error });
  }
}
