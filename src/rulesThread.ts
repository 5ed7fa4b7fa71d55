/** A thread that reads, checks and lays out rules for a run that goes on meanwhile. Tells nothing when anything fails. */
import { parentPort, workerData } from 'node:worker_threads';
import { layOut } from './app/layOut.ts';
import { openRuleSet } from './app/ruleSet.ts';
import type { LaidOut, LayOutTask } from './app/ruleThread.ts';
import { toMatchingRule } from './rules/ruleSet.ts';

const task = workerData as LayOutTask;
const ruleSet = await openRuleSet(task.names);
const laidOut: LaidOut = {
  rules: ruleSet.rules.map(({ rule, pack }) => ({ rule: toMatchingRule(rule), pack })),
  image: layOut(ruleSet, task),
};
parentPort?.postMessage(laidOut);
