/** From starting the command to its end with one line, beside a Node that does nothing. */
import { type CommandLine, runNode } from './childProcess.ts';
import { WrongCountError } from './countCheck.ts';
import { type Spread, spread } from './statistics.ts';

const LINE = '2026-03-14T09:21:07Z INFO ready user=ana@example.com\n';

export interface Startup {
  /** `logveil` with one line, milliseconds. */
  readonly command: Spread;
  /** `node -e 0`, milliseconds. */
  readonly node: Spread;
  /** Of the same turn. */
  readonly ratio: Spread;
  /** What logveil adds, of the same turn, milliseconds. */
  readonly added: Spread;
}

/** @param hasEmailRule whether the line's address must be redacted */
export function measureStartup(command: CommandLine, runs: number, hasEmailRule: boolean): Startup {
  const pairs: { command: number; node: number }[] = [];
  // The turn before the first one fills the caches of the file system.
  for (let run = -1; run < runs; run++) {
    const ours = runNode([command.script, ...command.args], LINE);
    const isRedacted = ours.output.endsWith('\n') && ours.output.includes('ana@') !== hasEmailRule;
    if (ours.status !== 0 || !isRedacted) {
      throw new WrongCountError('start-up: the one line was not redacted, so no time is reported');
    }
    const node = runNode(['-e', '0'], '');
    if (run >= 0) pairs.push({ command: ours.milliseconds, node: node.milliseconds });
  }
  return {
    command: spread(pairs.map((pair) => pair.command)),
    node: spread(pairs.map((pair) => pair.node)),
    ratio: spread(pairs.map((pair) => pair.command / pair.node)),
    added: spread(pairs.map((pair) => pair.command - pair.node)),
  };
}
