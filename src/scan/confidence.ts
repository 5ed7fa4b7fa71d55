/**
 * How sure a finding is, from 0 to 1. Everything a rule asks for (boundary, keywords, token and entropy bounds,
 * validators, vetoes, allowlist, required context) is a condition: what fails one is no finding. The rule's own confidence
 * says how often what meets them all is what the rule means; what else speaks for or against a value moves it:
 *
 * | evidence | moves by |
 * |---|---|
 * | a word of the rule's context near the value, or in a JSON key above it | + the rule's `context.boost` |
 * | a number written without separators that no word and no key announces, and no validator has checked | - 0.1 |
 * | an entropy hardly above the least that the rule asks for | - 0.05 |
 *
 * The sum stays within 0.05 and 0.99, except that a rule's own confidence is never cut to that.
 */
import type { CompiledRule } from '../rules/compile.ts';

const HIGHEST = 0.99;
const LOWEST = 0.05;
const BARE_NUMBER = 0.1;
const NARROW_ENTROPY = 0.05;
/** In bits a byte. */
const NARROW_BITS = 0.1;

/** What was seen of a value beside that it meets all conditions of its rule. */
export interface Evidence {
  readonly hasContextWord: boolean;
  /** It stands under a JSON key that the rule claims. */
  readonly isKeyed: boolean;
  /** Of a rule that has a least entropy: bits a byte above it. */
  readonly spareEntropy: number;
}

/** The confidence of a finding whose value is `bytes[start, end)`. */
export function confidenceOf(
  rule: CompiledRule,
  evidence: Evidence,
  bytes: Buffer,
  start: number,
  end: number,
): number {
  let moved = rule.confidence;
  if (evidence.hasContextWord) moved += rule.context?.boost ?? 0;
  else if (!evidence.isKeyed && rule.validators.length === 0 && isBareNumber(bytes, start, end))
    moved -= BARE_NUMBER;
  if (evidence.spareEntropy < NARROW_BITS) moved -= NARROW_ENTROPY;
  if (moved >= rule.confidence) return Math.max(rule.confidence, Math.min(HIGHEST, moved));
  return Math.min(rule.confidence, Math.max(LOWEST, moved));
}

function isBareNumber(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte < 0x30 || byte > 0x39) return false;
  }
  return true;
}
