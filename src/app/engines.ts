/** Makes the engine that the settings name. */
import type { EngineName } from '../config/schema.ts';
import type { PatternEngine } from '../engine/engine.ts';
import { Re2Engine } from '../engine/re2Engine.ts';
import { KernelEngine } from '../kernel/engine.ts';
import type { CompiledRules } from '../rules/compile.ts';
import { kernelPatterns, readPrepared } from './preparedPatterns.ts';

export function createEngine(name: EngineName, rules: CompiledRules): PatternEngine {
  if (name === 're2') return new Re2Engine(rules.patterns);
  const specs = kernelPatterns(rules);
  return new KernelEngine(specs, readPrepared(specs));
}
