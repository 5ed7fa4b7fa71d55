/**
 * Rules made ready in a thread, for a run that must not stand still meanwhile: with rules of the user's own, reading,
 * checking and laying them out takes a second or two, in which nothing would be passed on.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { RedactionSettings } from '../config/settings.ts';
import { packageRoot } from '../rules/packs.ts';
import { type RuleOfSet, type RuleSet, toRuleSet } from '../rules/ruleSet.ts';
import { openRuleSet } from './ruleSet.ts';

/** What the thread is started with. */
export interface LayOutTask {
  /** As with `--rules`. */
  readonly names: readonly string[];
  readonly keepPrivateIps: boolean;
  /** Whether there are known secrets. */
  readonly hasKnown: boolean;
}

/** What it tells. */
export interface LaidOut {
  readonly rules: readonly Pick<RuleOfSet, 'rule' | 'pack'>[];
  readonly image: Uint8Array | undefined;
}

export interface ReadyRules {
  readonly ruleSet: RuleSet;
  /** See `RedactionExtras`. */
  readonly image?: Uint8Array;
}

/**
 * The rules that settings name.
 * @throws UsageError, IoError, ProblemsError
 */
export async function readyRules(settings: RedactionSettings): Promise<ReadyRules> {
  const { rules: names, keepPrivateIps, knownSecrets } = settings;
  const isOwn = names.some((name) => existsSync(name));
  if (!isOwn || settings.engine !== 'kernel') return { ruleSet: await openRuleSet(names) };
  const laidOut = await layOutElsewhere({ names, keepPrivateIps, hasKnown: knownSecrets.length > 0 });
  // What is wrong with them is told with its place by who reads them here.
  if (laidOut === undefined) return { ruleSet: await openRuleSet(names) };
  const problemAt: RuleOfSet['problemAt'] = (_, message) => ({ file: '', line: 1, column: 1, message });
  const ruleSet = toRuleSet(laidOut.rules.map((rule) => ({ ...rule, problemAt })));
  return { ruleSet, ...(laidOut.image !== undefined && { image: laidOut.image }) };
}

/** @returns undefined when the thread has failed, whatever the reason */
async function layOutElsewhere(task: LayOutTask): Promise<LaidOut | undefined> {
  const entry = join(packageRoot(), 'dist', 'rulesThread.js');
  if (!existsSync(entry)) return undefined;
  return new Promise((resolve) => {
    const worker = new Worker(entry, { workerData: task, stderr: true });
    // A run that is done need not wait for it.
    worker.unref();
    worker.once('message', (laidOut: LaidOut) => resolve(laidOut));
    worker.once('error', () => resolve(undefined));
    worker.once('exit', () => resolve(undefined));
  });
}
