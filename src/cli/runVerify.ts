/** Verifies a deployment, once or again and again. */
import { stopOnSignals } from '../app/shutdown.ts';
import { STDOUT_FD } from '../descriptors.ts';
import { UsageError } from '../errors.ts';
import { writeWhole } from '../sinks/wholeFile.ts';
import { paintFor, plainPaint } from '../telemetry/colour.ts';
import type { Check } from '../verify/check.ts';
import { CHECKS } from '../verify/checks/all.ts';
import type { Deployment } from '../verify/deployment.ts';
import { dryRun } from '../verify/dryRun.ts';
import { formatted } from '../verify/formats/all.ts';
import type { VerifyFormat } from '../verify/formats/names.ts';
import type { Verification } from '../verify/result.ts';
import { runChecks, toVerification } from '../verify/run.ts';
import { watch } from '../verify/watch.ts';
import { openDeployment } from './deployment.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { explain } from './explain.ts';
import { print } from './printing.ts';

export interface VerifyFlags {
  readonly config?: string;
  readonly logs?: string[];
  readonly healthUrl?: string;
  readonly only?: string[];
  readonly format: VerifyFormat;
  readonly output: string;
  readonly dryRun?: boolean;
  readonly watch?: boolean;
  readonly everyLeaks?: number;
  readonly everyPerformance?: number;
  readonly everyErrors?: number;
  readonly everySummary?: number;
  readonly summary?: string;
}

/** Never throws: what keeps it from running has an exit code of its own here, see the contract. */
export async function runVerify(flags: VerifyFlags): Promise<ExitCode> {
  try {
    return await verify(flags);
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    // A plugin's first line goes to standard output, whatever happens.
    if (flags.format === 'nagios') await print('LOGVEIL UNKNOWN - it could not run, see stderr\n');
    return EXIT_CODES.unknown;
  }
}

async function verify(flags: VerifyFlags): Promise<ExitCode> {
  const deployment = await openDeployment(flags);
  const checks = chosen(flags.only, deployment);
  if (flags.dryRun === true) {
    await print(dryRun(deployment, checks, paintFor(STDOUT_FD)));
    return EXIT_CODES.done;
  }
  if (flags.watch === true) return watchAll(deployment, checks, flags);
  const started = new Date();
  const stop = stopOnSignals();
  const result = toVerification(deployment, await runChecks(deployment, checks, { stop }), started);
  await write(result, flags);
  return result.exitCode;
}

/** @throws UsageError */
function chosen(only: readonly string[] | undefined, { skip }: Deployment): readonly Check[] {
  const known = CHECKS.map(({ id }) => id);
  const find = (name: string): Check | undefined =>
    CHECKS.find(({ id, number }) => id === name || String(number) === name);
  for (const [names, where] of [
    [skip, 'deployment.skip'],
    [only ?? [], '--only'],
  ] as const) {
    if (names.every((name) => find(name) !== undefined)) continue;
    throw new UsageError(`${where}: expected checks such as ${known.join(', ')}`);
  }
  return only === undefined ? CHECKS : CHECKS.filter((check) => only.map(find).includes(check));
}

async function write(result: Verification, { format, output }: VerifyFlags): Promise<void> {
  const paint = output === '-' ? paintFor(STDOUT_FD) : plainPaint;
  const text = formatted(result, format, paint);
  if (output === '-') await print(text);
  else writeWhole(output, text, 'the result');
}

async function watchAll(
  deployment: Deployment,
  checks: readonly Check[],
  flags: VerifyFlags,
): Promise<ExitCode> {
  const { everyLeaks, everyPerformance, everyErrors, everySummary, summary } = flags;
  const set = deployment.watch;
  const isFile = flags.output !== '-';
  await watch({
    deployment,
    checks,
    everyMs: {
      leaks: everyLeaks ?? set.leaks,
      performance: everyPerformance ?? set.performance,
      errors: everyErrors ?? set.errors,
    },
    summaryMs: everySummary ?? set.summary,
    summaryFolder: summary,
    stop: stopOnSignals(),
    onTrouble: (error) => void process.stderr.write(`${explain(error)}\n`),
    onRound: async (result, text) => {
      if (isFile) await write(result, flags);
      // What is written to a file is for programs; whoever looks on is told what changes.
      if (isFile || flags.format === 'text') await print(text(paintFor(STDOUT_FD)));
      else if (flags.format === 'json') await print(`${JSON.stringify(result)}\n`);
      else await print(formatted(result, flags.format));
    },
  });
  return EXIT_CODES.done;
}
