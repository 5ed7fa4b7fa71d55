/** Lays out the engine for rules that the build has not laid out: analysing and placing their patterns takes a second. */

import { KernelEngine } from '../kernel/engine.ts';
import { writeImage } from '../kernel/image.ts';
import { KNOWN_SECRET_RULE } from '../known/rule.ts';
import { compileRules } from '../rules/compile.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import { kernelPatterns, readPrepared } from './preparedPatterns.ts';
import type { LayOutTask } from './ruleThread.ts';

/** @returns what `readImage` takes; undefined where the build has left it */
export function layOut(
  ruleSet: RuleSet,
  { keepPrivateIps, hasKnown }: LayOutTask,
): Uint8Array<ArrayBuffer> | undefined {
  const addedRule = hasKnown ? KNOWN_SECRET_RULE : undefined;
  const specs = kernelPatterns(compileRules(ruleSet, { keepPrivateIps, addedRule }));
  const known = readPrepared(specs);
  if (known.image !== undefined) return undefined;
  return new Uint8Array(writeImage(specs, new KernelEngine(specs, { ...known, keepsImage: true }).image));
}
