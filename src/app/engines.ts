/** Makes the engine that the settings name. */
import type { EngineName } from '../config/schema.ts';
import type { PatternEngine } from '../engine/engine.ts';
import { Re2Engine } from '../engine/re2Engine.ts';
import { KernelEngine } from '../kernel/engine.ts';
import { readImage } from '../kernel/image.ts';
import type { CompiledRules } from '../rules/compile.ts';
import { kernelPatterns, readPrepared } from './preparedPatterns.ts';

/** @param image of the engine for these rules, if there is one; one of other rules is not used */
export function createEngine(name: EngineName, rules: CompiledRules, image?: Uint8Array): PatternEngine {
  if (name === 're2') return new Re2Engine(rules.patterns);
  const specs = kernelPatterns(rules);
  const laidOut = image && readImage(specs, Buffer.from(image.buffer, image.byteOffset, image.byteLength));
  return new KernelEngine(specs, laidOut === undefined ? readPrepared(specs) : { image: laidOut });
}
