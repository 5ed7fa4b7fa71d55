/** `logveil bench`: throughput of the hot path on this machine. */
import { Command } from 'commander';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';

export function benchCommand(finish: (code: ExitCode) => void): Command {
  return new Command('bench')
    .description('measure the hot path on this machine')
    .action(() => finish(EXIT_CODES.done));
}
