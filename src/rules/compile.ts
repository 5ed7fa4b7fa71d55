/**
 * From rules as written to rules as matched: every field that is looked at per match becomes a table, a number or a
 * compiled pattern, and all patterns of all rules go into one numbered list for the engine.
 */
import RE2 from 're2';
import type { PatternSpec } from '../engine/engine.ts';
import type { Action, Category, Severity } from '../findings/finding.ts';
import { validators } from '../validators/registry.ts';
import type { Validator } from '../validators/validator.ts';
import type { RuleSet } from './load.ts';
import type { Rule } from './schema.ts';

/** 256 entries, 1 where the byte belongs to the class. */
type ByteClass = Uint8Array;

export interface CompiledContext {
  /** Lower case. */
  readonly words: readonly Buffer[];
  readonly before: number;
  readonly after: number;
  readonly required: boolean;
  readonly boost: number;
}

export interface CompiledAllow {
  readonly patterns: readonly RE2[];
  /** Lower case, latin1 strings of the bytes. */
  readonly values: ReadonlySet<string>;
  /** Lower case. */
  readonly stopwords: readonly Buffer[];
}

export interface CompiledVeto {
  readonly before: RE2 | undefined;
  readonly value: RE2 | undefined;
}

export interface CompiledBlock {
  readonly end: RE2;
  readonly body: RE2;
  readonly maxBytes: number;
  readonly maxGapLines: number;
}

export interface CompiledRule {
  /** Place in the rule set; lower wins a tie. */
  readonly index: number;
  readonly id: string;
  readonly entity: string;
  readonly category: Category;
  readonly gdpr: readonly string[];
  readonly severity: Severity;
  readonly confidence: number;
  readonly action: Action | undefined;
  /** Lower case; empty when every line is looked at. */
  readonly keywords: readonly Buffer[];
  readonly boundaryBefore: ByteClass | undefined;
  readonly boundaryAfter: ByteClass | undefined;
  readonly context: CompiledContext | undefined;
  readonly validators: readonly Validator[];
  readonly entropy: Rule['entropy'];
  readonly token: Rule['token'];
  readonly allow: CompiledAllow | undefined;
  readonly vetoes: readonly CompiledVeto[];
  readonly hasKeys: boolean;
  readonly block: CompiledBlock | undefined;
}

/** What a match of an engine pattern means. */
export const PATTERN_ROLES = { value: 0, blockBegin: 1, keyTrigger: 2 } as const;

/**
 * Patterns of lines that must be looked at though no rule's pattern matches them as they stand: values may be written
 * with escapes, and what an earlier run has written is hidden from the rules. For engines that look at many lines at
 * once; they stand behind the rules' patterns.
 */
const CLOSER_LOOK = [
  String.raw`\\["\\/bfnrtux]`,
  String.raw`\[(?:REDACTED|LOGVEIL): ?[a-z]`,
  String.raw`\[[a-z0-9][a-z0-9-]{0,63}:[0-9a-f]{10}\]`,
];
/** The same where rules on keys name no keywords: any JSON may hold their keys. */
const ANY_JSON = '[{]';
type PatternRole = (typeof PATTERN_ROLES)[keyof typeof PATTERN_ROLES];

export interface CompiledPattern extends PatternSpec {
  readonly rule: CompiledRule;
  readonly role: PatternRole;
}

/** A rule's claim on the values under JSON keys. */
export interface CompiledKey {
  readonly rule: CompiledRule;
  readonly regex: RE2;
}

export interface CompiledRules {
  readonly rules: readonly CompiledRule[];
  readonly patterns: readonly CompiledPattern[];
  /** What an engine that looks at many lines at once has to search beside `patterns`, in place behind them. */
  readonly closerLook: readonly PatternSpec[];
  readonly keys: readonly CompiledKey[];
  /** Whether some rule with `keys` names no keywords: then each line with JSON in it must be lexed. */
  readonly keysAlwaysLexed: boolean;
  readonly digest: string;
}

export interface CompileOptions {
  /** Whether private, loopback, link-local and unspecified addresses are no findings. */
  readonly keepPrivateIps: boolean;
}

/** Validators that tell public addresses, and what stands in for them when private ones count too. */
const ANY_ADDRESS: Readonly<Record<string, string>> = { 'ipv4-public': 'ipv4', 'ipv6-public': 'ipv6' };

/** @param set checked by the loader; compiling it does not throw */
export function compileRules(set: RuleSet, options: CompileOptions): CompiledRules {
  const patterns: CompiledPattern[] = [];
  const keys: CompiledKey[] = [];
  const rules = set.rules.map(({ rule }, index): CompiledRule => {
    const compiled = compileRule(rule, index, options);
    if (rule.multiline !== undefined) {
      patterns.push({
        source: rule.multiline.begin,
        group: 0,
        rule: compiled,
        role: PATTERN_ROLES.blockBegin,
      });
    }
    for (const { regex, group } of rule.patterns) {
      patterns.push({ source: regex, group, rule: compiled, role: PATTERN_ROLES.value });
    }
    for (const key of rule.keys) keys.push({ rule: compiled, regex: new RE2(key) });
    if (rule.keys.length > 0 && rule.keywords.length > 0) {
      const source = `(?i:${rule.keywords.map(escapeLiteral).join('|')})`;
      patterns.push({ source, group: 0, rule: compiled, role: PATTERN_ROLES.keyTrigger });
    }
    return compiled;
  });
  const keysAlwaysLexed = rules.some((rule) => rule.hasKeys && rule.keywords.length === 0);
  const closerLook = keysAlwaysLexed ? [...CLOSER_LOOK, ANY_JSON] : CLOSER_LOOK;
  return {
    rules,
    patterns,
    closerLook: closerLook.map((source) => ({ source, group: 0 })),
    keys,
    keysAlwaysLexed,
    digest: set.digest,
  };
}

function compileRule(rule: Rule, index: number, options: CompileOptions): CompiledRule {
  const validatorOf = (name: string): Validator =>
    validators.get(options.keepPrivateIps ? name : (ANY_ADDRESS[name] ?? name)) as Validator;
  return {
    index,
    id: rule.id,
    entity: rule.entity,
    category: rule.category,
    gdpr: rule.gdpr,
    severity: rule.severity,
    confidence: rule.confidence,
    action: rule.action,
    keywords: rule.keywords.map(lowerCaseBytes),
    boundaryBefore: byteClass(rule.boundary?.before),
    boundaryAfter: byteClass(rule.boundary?.after),
    context: rule.context && { ...rule.context, words: rule.context.words.map(lowerCaseBytes) },
    validators: rule.validators.map(validatorOf),
    entropy: rule.entropy,
    token: rule.token,
    allow: rule.allow && {
      patterns: rule.allow.patterns.map((source) => new RE2(source)),
      values: new Set(rule.allow.values.map((value) => lowerCaseBytes(value).toString('latin1'))),
      stopwords: rule.allow.stopwords.map(lowerCaseBytes),
    },
    vetoes: rule.vetoes.map(({ before, value }) => ({
      before: before === undefined ? undefined : new RE2(before),
      value: value === undefined ? undefined : new RE2(value),
    })),
    hasKeys: rule.keys.length > 0,
    block: rule.multiline && {
      end: new RE2(rule.multiline.end, 'g'),
      body: new RE2(rule.multiline.body),
      maxBytes: rule.multiline.maxBytes,
      maxGapLines: rule.multiline.maxGapLines,
    },
  };
}

function byteClass(source: string | undefined): ByteClass | undefined {
  if (source === undefined) return undefined;
  const regex = new RE2(`^${source}$`);
  return Uint8Array.from({ length: 256 }, (_, byte) =>
    byte < 128 && regex.test(String.fromCharCode(byte)) ? 1 : 0,
  );
}

function escapeLiteral(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function lowerCaseBytes(text: string): Buffer {
  return asciiLowerCase(Buffer.from(text));
}

/** A copy of the bytes with A-Z as a-z; other bytes, non-ASCII letters too, stay. */
export function asciiLowerCase(bytes: Uint8Array): Buffer {
  const lower = Buffer.from(bytes);
  for (let i = 0; i < lower.length; i++) {
    const byte = lower[i];
    if (byte >= 0x41 && byte <= 0x5a) lower[i] = byte + 0x20;
  }
  return lower;
}
