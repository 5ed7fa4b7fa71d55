/**
 * `verify --watch`: each group of checks at its own interval, what has changed told as it happens, a summary a day. One
 * round at a time: one that takes longer than its interval is followed by the next at once, never overlapped.
 */

import type { Paint } from '../telemetry/colour.ts';
import type { Check, Group } from './check.ts';
import type { Memory } from './context.ts';
import type { Deployment } from './deployment.ts';
import { roundText } from './formats/round.ts';
import type { Verification } from './result.ts';
import { type Ran, runChecks, toVerification } from './run.ts';
import { writeSummary } from './summary/files.ts';
import { History } from './summary/history.ts';

export interface WatchOptions {
  readonly deployment: Deployment;
  readonly checks: readonly Check[];
  readonly everyMs: Readonly<Record<Group, number>>;
  readonly summaryMs: number;
  /** Undefined for none. */
  readonly summaryFolder: string | undefined;
  readonly stop: AbortSignal;
  /** After each round: all checks as they were last seen, and what has changed, for people. */
  readonly onRound: (result: Verification, text: (paint: Paint) => string) => Promise<void>;
  /** Something could not be written; the watch goes on. */
  readonly onTrouble: (error: unknown) => void;
}

const GROUPS: readonly Group[] = ['leaks', 'performance', 'errors'];

/** Ends when `stop` is aborted, after the summary of what was seen until then. */
export async function watch(options: WatchOptions): Promise<void> {
  const { deployment, checks, everyMs, stop } = options;
  const memory: Memory = { openSince: new Map() };
  const latest = new Map<string, Ran>();
  const history = new History(new Date());
  const dueAt = new Map<Group, number>(GROUPS.map((group) => [group, 0]));
  let summaryAt = Date.now() + options.summaryMs;
  while (!stop.aborted) {
    const now = Date.now();
    const due = GROUPS.filter((group) => (dueAt.get(group) ?? 0) <= now);
    if (due.length > 0) {
      const started = new Date();
      const ran = await runChecks(
        deployment,
        checks.filter(({ group }) => due.includes(group)),
        { stop, memory },
      );
      // What was cut short by the end says nothing.
      if (stop.aborted) break;
      for (const group of due) dueAt.set(group, now + everyMs[group]);
      for (const one of ran) latest.set(one.result.id, one);
      const result = toVerification(deployment, [...latest.values()], started);
      const changes = history.add(
        result,
        ran.map(({ result: { id } }) => id),
      );
      await options
        .onRound(result, (paint) => roundText(result, changes, paint))
        .catch((error: unknown) => options.onTrouble(error));
    }
    if (Date.now() >= summaryAt) {
      summarize(options, history);
      history.begin(new Date());
      summaryAt = Date.now() + options.summaryMs;
    }
    await sleepUntil(Math.min(summaryAt, ...dueAt.values()), stop);
  }
  summarize(options, history);
}

function summarize({ summaryFolder, deployment, onTrouble }: WatchOptions, history: History): void {
  try {
    writeSummary(summaryFolder, deployment, history);
  } catch (error) {
    onTrouble(error);
  }
}

/** The longest time a timer takes, in milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function sleepUntil(atMs: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stop.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(LONGEST_TIMER_MS, Math.max(0, atMs - Date.now())));
    stop.addEventListener('abort', end, { once: true });
    if (stop.aborted) end();
  });
}
