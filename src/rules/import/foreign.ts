/** What the rules of other tools have in common, as far as they can become rules of ours. */
import type { Problem } from '../../errors.ts';

export type ForeignFormat = 'gitleaks' | 'betterleaks' | 'kingfisher' | 'noseyparker';

/** Values that are harmless, as `allow` of a rule. */
export interface ForeignAllow {
  readonly patterns: readonly string[];
  readonly stopwords: readonly string[];
}

/** One rule of another tool. */
export interface ForeignRule {
  /** As it is written there. */
  readonly id: string;
  readonly description: string;
  readonly regex: string;
  /** The group that is the secret, where the rule names one. */
  readonly group: number | undefined;
  readonly keywords: readonly string[];
  /** In bits a byte. */
  readonly minEntropy: number | undefined;
  readonly minDigits: number | undefined;
  readonly confidence: number;
  readonly allow: ForeignAllow;
  readonly examples: readonly string[];
  readonly negativeExamples: readonly string[];
  readonly references: readonly string[];
  /** Makes a note at the rule, or at a part of it. */
  readonly noteAt: (part: string | undefined, message: string) => Problem;
}

/** What was read of a file. */
export interface ForeignRules {
  readonly format: ForeignFormat;
  readonly rules: readonly ForeignRule[];
  /** What was left out on the way, with place and reason. */
  readonly notes: readonly Problem[];
  /** How many rules the file holds, those left out too. */
  readonly count: number;
}

type Plain = Readonly<Record<string, unknown>>;

/** The value as a table of names, an empty one if it is none. */
export function tableOf(value: unknown): Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Plain) : {};
}

/** The texts in a list, or a single one. */
export function textsOf(value: unknown): string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((one): one is string => typeof one === 'string');
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
