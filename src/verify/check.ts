/**
 * What a check is. A new one is a new file in `checks/`, and a line in `checks/all.ts`.
 *
 * A check that could not look says `unknown` and why; it never says `pass`.
 */
import type { Context } from './context.ts';
import type { Deployment } from './deployment.ts';
import type { Level, Metric, Status } from './result.ts';
import type { Sign, TriggerId } from './triggers.ts';

/** How often it is repeated by `--watch`: with the setting of this name under `deployment.watch`. */
export type Group = 'leaks' | 'performance' | 'errors';

export interface Outcome {
  readonly status: Exclude<Status, 'skipped'>;
  readonly observed: string;
  readonly recommendation?: string;
  readonly details?: readonly string[];
  readonly metrics?: readonly Metric[];
  /** Where it differs from the check's own. */
  readonly level?: Level;
  /** Triggers of the check that are not named here are unknown. */
  readonly signs?: readonly Sign[];
}

export interface Check {
  readonly number: number;
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  readonly group: Group;
  /** Rollback triggers it bears on. */
  readonly triggers: readonly TriggerId[];
  /** What the observation is held to, in words. */
  threshold(deployment: Deployment): string;
  /** What it reads, for `--dry-run`. */
  touches(deployment: Deployment): readonly string[];
  /** Whether it loads a processor; such checks wait until the response time has been taken. */
  readonly isHeavy?: boolean;
  /**
   * Ends soon after `signal` is aborted, with what it has seen by then.
   * @throws anything; it then counts as `unknown`
   */
  run(context: Context, signal: AbortSignal): Promise<Outcome>;
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

export const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;

/** `5 min`, `2.5 s`, `3 h`: at most one decimal. */
export function shownMs(ms: number): string {
  const units: readonly (readonly [ms: number, name: string])[] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1000, 's'],
  ];
  const [size, name] = units.find(([least]) => ms >= least) ?? [1, 'ms'];
  return `${Number((ms / size).toFixed(1))} ${name}`;
}
