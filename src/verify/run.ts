/**
 * Runs checks side by side, each with a time limit of its own, all within one. A check that does not end in time is
 * unknown; the others are told all the same.
 */
import { LogveilError } from '../errors.ts';
import { codeFrames, kindOf } from '../telemetry/codeFrames.ts';
import { VERSION } from '../version.ts';
import type { Check, Outcome } from './check.ts';
import { shownMs } from './check.ts';
import { Context, type Memory } from './context.ts';
import type { Deployment } from './deployment.ts';
import { type CheckResult, type Status, VERIFICATION_SCHEMA, type Verification } from './result.ts';
import { runbookFor } from './runbook/steps.ts';
import { type CheckSign, judgeTriggers } from './triggers.ts';

/** A check that was told to end has so long to say what it has seen. */
const GRACE_MS = 2000;
/** What is left of the whole time for putting the result together. */
const RESERVE_MS = 3000;

/** A check's result with what only the run needs. */
export interface Ran {
  readonly result: CheckResult;
  readonly signs: readonly CheckSign[];
}

/** Runs the checks; never throws. */
export async function runChecks(
  deployment: Deployment,
  checks: readonly Check[],
  options: { readonly stop?: AbortSignal; readonly memory?: Memory } = {},
): Promise<Ran[]> {
  const overall = new AbortController();
  const end = (): void => overall.abort();
  const timer = setTimeout(end, Math.max(1, deployment.limits.total - GRACE_MS - RESERVE_MS));
  options.stop?.addEventListener('abort', end, { once: true });
  const context = new Context(deployment, overall.signal, options.memory);
  try {
    const quiet = whenQuiet(context, checks);
    return await Promise.all(checks.map((check) => runOne(check, context, overall.signal, quiet)));
  } finally {
    clearTimeout(timer);
    options.stop?.removeEventListener('abort', end);
    overall.abort();
    await context.close();
  }
}

/**
 * What loads the processor waits until the times of answers have been taken, else it would be measured, too; but no
 * longer than until the response time could not pass any more.
 */
async function whenQuiet(context: Context, checks: readonly Check[]): Promise<void> {
  const timed: Promise<unknown>[] = [];
  const health = checks.some(({ id }) => id === 'health' || id === 'response-time') && context.health();
  if (health) timed.push(health);
  if (checks.some(({ id }) => id === 'redis')) timed.push(context.redisPing().catch(() => {}));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, context.deployment.thresholds.responseFail);
  });
  await Promise.race([Promise.all(timed), late]);
  clearTimeout(timer);
}

async function runOne(
  check: Check,
  context: Context,
  overall: AbortSignal,
  quiet: Promise<void>,
): Promise<Ran> {
  const { deployment } = context;
  if (deployment.skip.includes(check.id)) {
    const observed = 'left out by the configuration (`deployment.skip`)';
    return ranOf(check, deployment, { status: 'skipped', observed }, 0);
  }
  if (check.isHeavy === true) await quiet;
  const startedAt = performance.now();
  const outcome = await withinTime(check, context, overall);
  return ranOf(check, deployment, outcome, (performance.now() - startedAt) / 1000);
}

async function withinTime(check: Check, context: Context, overall: AbortSignal): Promise<Outcome> {
  const limitMs = context.deployment.limits.check;
  const own = new AbortController();
  const signal = AbortSignal.any([own.signal, overall]);
  let grace: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>((resolve) => {
    const begin = (): void => {
      grace = setTimeout(() => resolve(tooLate(limitMs)), GRACE_MS);
    };
    if (signal.aborted) begin();
    else signal.addEventListener('abort', begin, { once: true });
  });
  const timer = setTimeout(() => own.abort(), limitMs);
  try {
    return await Promise.race([check.run(context, signal), late]);
  } catch (error) {
    return broken(error);
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
  }
}

function tooLate(limitMs: number): Outcome {
  return {
    status: 'unknown',
    observed: 'it did not end in time',
    recommendation: `Is a disk or the network stuck? A check has ${shownMs(limitMs)} (\`deployment.limits.check\`).`,
  };
}

/** The text of an error that is not ours may hold anything. */
function broken(error: unknown): Outcome {
  const isOurs = error instanceof LogveilError;
  return {
    status: 'unknown',
    observed: isOurs ? (error.message.split('\n')[0] ?? '') : `it failed: ${kindOf(error)}`,
    recommendation: isOurs ? 'Mend what is named.' : `Please report it: ${codeFrames(error)}`,
  };
}

function ranOf(
  check: Check,
  deployment: Deployment,
  outcome: Omit<Outcome, 'status'> & { readonly status: Status },
  seconds: number,
): Ran {
  const { number, id, title, level, triggers } = check;
  const { status, observed, recommendation, details = [], metrics = [], signs = [] } = outcome;
  const named = new Set(signs.map(({ trigger }) => trigger));
  const silent = triggers
    .filter((trigger) => !named.has(trigger))
    .map((trigger) => ({ trigger, state: 'unknown' as const, reason: `check ${number}: ${observed}` }));
  return {
    result: {
      ...{ number, id, title, level: outcome.level ?? level, status, observed },
      threshold: check.threshold(deployment),
      ...(recommendation !== undefined && { recommendation }),
      details: [...details],
      metrics: [...metrics],
      seconds: Number(seconds.toFixed(3)),
    },
    signs: [...signs, ...silent].map((sign) => ({ ...sign, check: id })),
  };
}

/** Exit codes of the contract, by what weighs most: a failure, then what could not be looked at, then a warning. */
const EXIT = { pass: 0, warn: 1, fail: 2, unknown: 3 } as const;

/** Puts the results of checks together. */
export function toVerification(deployment: Deployment, ran: readonly Ran[], started: Date): Verification {
  const checks = ran.map(({ result }) => result).sort((a, b) => a.number - b.number);
  const triggers = judgeTriggers(ran.flatMap(({ signs }) => signs));
  const count = (status: Status): number => checks.filter((check) => check.status === status).length;
  const counts = {
    pass: count('pass'),
    warn: count('warn'),
    fail: count('fail'),
    unknown: count('unknown'),
    skipped: count('skipped'),
  };
  const ranAny = counts.pass + counts.warn + counts.fail > 0;
  const status =
    counts.fail > 0 ? 'fail' : counts.unknown > 0 || !ranAny ? 'unknown' : counts.warn > 0 ? 'warn' : 'pass';
  const isRollback =
    triggers.some(({ state }) => state === 'fired') ||
    checks.some((check) => check.status === 'fail' && check.level === 'must');
  return {
    schema: VERIFICATION_SCHEMA,
    version: VERSION,
    deployment: deployment.name,
    started: started.toISOString(),
    seconds: Number(((Date.now() - started.getTime()) / 1000).toFixed(3)),
    status,
    exitCode: EXIT[status],
    counts,
    checks,
    triggers,
    runbook: isRollback ? runbookFor(deployment, triggers) : [],
  };
}
