/**
 * From rules as written to rules as matched: every field that is looked at per match becomes a table, a number or a
 * compiled pattern, and all patterns of all rules go into one numbered list for the engine.
 */
import RE2 from 're2';
import { BASE64_SIGN } from '../encodings/base64.ts';
import { COLOUR_SIGNS } from '../encodings/colours.ts';
import { CSV_JSON_SIGN } from '../encodings/csv.ts';
import { REFERENCE_SIGNS } from '../encodings/references.ts';
import type { PatternSpec } from '../engine/engine.ts';
import type { Action, Category, Severity } from '../findings/finding.ts';
import { validators } from '../validators/registry.ts';
import type { Validator } from '../validators/validator.ts';
import type { MatchingRule, RuleSet } from './ruleSet.ts';

/** 256 entries, 1 where the byte belongs to the class. */
type ByteClass = Uint8Array;

export interface CompiledContext {
  /** As `asciiLowerText` gives them. */
  readonly words: readonly string[];
  /** Beginnings of words, as `asciiLowerText` gives them. */
  readonly stems: readonly string[];
  /** Whether a match that fills its line needs no word. */
  readonly alone: boolean;
  readonly before: number;
  readonly after: number;
  readonly required: boolean;
  readonly boost: number;
}

export interface CompiledAllow {
  readonly patterns: readonly RE2[];
  /** As `asciiLowerText` gives them. */
  readonly values: ReadonlySet<string>;
  readonly stopwords: readonly string[];
}

export interface CompiledVeto {
  readonly before: RE2 | undefined;
  readonly value: RE2 | undefined;
}

export interface CompiledBlock {
  readonly end: RE2;
  readonly body: RE2;
  /** Each matches in some line of the block, or it is none. */
  readonly requires: readonly RE2[];
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
  /** As `asciiLowerText` gives them; empty when every line is looked at. */
  readonly keywords: readonly string[];
  readonly boundaryBefore: ByteClass | undefined;
  readonly boundaryAfter: ByteClass | undefined;
  readonly context: CompiledContext | undefined;
  readonly validators: readonly Validator[];
  readonly entropy: MatchingRule['entropy'];
  readonly token: MatchingRule['token'];
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
  String.raw`\[(?:REDACTED|LOGVEIL):[ a-z0-9-]`,
  String.raw`\[[a-z0-9][a-z0-9-]{0,63}:[0-9a-f]{10}\]`,
];
/** The same where rules on keys name no keywords: any JSON may hold their keys. */
const ANY_JSON = '[{]';
/** And where a value may be encoded: what the detector's `findsEncoded` says then decides. */
const ENCODING_SIGNS = [...REFERENCE_SIGNS, CSV_JSON_SIGN, BASE64_SIGN];
const BRACE = 0x7b;
/** The first byte that is not ASCII. */
const APART = 0x80;
/** All ASCII characters, each apart from the next, so that a class finds them one by one. */
const ASCII_APART = Array.from({ length: APART }, (_, byte) => String.fromCharCode(byte)).join(
  String.fromCharCode(APART),
);

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
  /** How many of the last of those tell only that something may be encoded. */
  readonly encodingSigns: number;
  readonly keys: readonly CompiledKey[];
  /** Whether some rule with `keys` names no keywords: then each line with JSON in it must be lexed. */
  readonly keysAlwaysLexed: boolean;
  readonly digest: string;
}

export interface CompileOptions {
  /** Whether private, loopback, link-local and unspecified addresses are no findings. */
  readonly keepPrivateIps: boolean;
  /** A rule that has no pattern: something else finds its values. It comes last. */
  readonly addedRule?: AddedRule | undefined;
}

type AddedRule = Pick<CompiledRule, 'id' | 'entity' | 'category' | 'gdpr' | 'severity' | 'confidence'>;

/** Validators that tell public addresses, and what stands in for them when private ones count too. */
const ANY_ADDRESS: Readonly<Record<string, string>> = {
  'ipv4-public': 'ipv4',
  'ipv6-public': 'ipv6',
  'ip-network-public': 'ip-network',
};

/** A pattern that is compiled when it is first asked for. */
class LazyPattern {
  readonly #source: string;
  readonly #flags: string;
  #regex: RE2 | undefined;

  constructor(source: string, flags = '') {
    this.#source = source;
    this.#flags = flags;
  }

  get regex(): RE2 {
    this.#regex ??= new RE2(this.#source, this.#flags);
    return this.#regex;
  }
}

// Classes and not literals with getters: V8 gives each of those a shape of its own, which the hot path would pay for.

class RuleKey extends LazyPattern implements CompiledKey {
  readonly rule: CompiledRule;

  constructor(rule: CompiledRule, source: string) {
    super(source);
    this.rule = rule;
  }
}

class RuleAllow implements CompiledAllow {
  readonly values: ReadonlySet<string>;
  readonly stopwords: readonly string[];
  readonly #sources: readonly string[];
  #patterns: readonly RE2[] | undefined;

  constructor({ patterns, values, stopwords }: NonNullable<MatchingRule['allow']>) {
    this.values = new Set(values.map(lowerText));
    this.stopwords = stopwords.map(lowerText);
    this.#sources = patterns;
  }

  get patterns(): readonly RE2[] {
    this.#patterns ??= this.#sources.map((source) => new RE2(source));
    return this.#patterns;
  }
}

class RuleVeto implements CompiledVeto {
  readonly #before: LazyPattern | undefined;
  readonly #value: LazyPattern | undefined;

  constructor({ before, value }: MatchingRule['vetoes'][number]) {
    this.#before = before === undefined ? undefined : new LazyPattern(before);
    this.#value = value === undefined ? undefined : new LazyPattern(value);
  }

  get before(): RE2 | undefined {
    return this.#before?.regex;
  }

  get value(): RE2 | undefined {
    return this.#value?.regex;
  }
}

class RuleBlock implements CompiledBlock {
  readonly maxBytes: number;
  readonly maxGapLines: number;
  readonly #end: LazyPattern;
  readonly #body: LazyPattern;
  readonly #requires: readonly LazyPattern[];

  constructor({ end, body, requires = [], maxBytes, maxGapLines }: NonNullable<MatchingRule['multiline']>) {
    this.maxBytes = maxBytes;
    this.maxGapLines = maxGapLines;
    this.#end = new LazyPattern(end, 'g');
    this.#body = new LazyPattern(body);
    this.#requires = requires.map((source) => new LazyPattern(source));
  }

  get end(): RE2 {
    return this.#end.regex;
  }

  get body(): RE2 {
    return this.#body.regex;
  }

  get requires(): readonly RE2[] {
    return this.#requires.map(({ regex }) => regex);
  }
}

/**
 * Patterns beside those of the engine are compiled when a match first asks for them: most runs never need most of them.
 * @param set checked by the loader; compiling it does not throw
 */
export function compileRules(set: RuleSet, options: CompileOptions): CompiledRules {
  const patterns: CompiledPattern[] = [];
  const keys: CompiledKey[] = [];
  const classes = new Map<string, ByteClass>();
  const rules = set.rules.map(({ rule }, index): CompiledRule => {
    const compiled = compileRule(rule, index, options, classes);
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
    for (const key of rule.keys) keys.push(new RuleKey(compiled, key));
    if (rule.keys.length > 0 && rule.keywords.length > 0) {
      const source = `(?i:${rule.keywords.map(escapeLiteral).join('|')})`;
      patterns.push({
        source,
        group: 0,
        // Keys stand in objects.
        onlyWith: BRACE,
        rule: compiled,
        role: PATTERN_ROLES.keyTrigger,
      });
    }
    return compiled;
  });
  if (options.addedRule !== undefined) rules.push(bareRule(options.addedRule, rules.length));
  const keysAlwaysLexed = rules.some((rule) => rule.hasKeys && rule.keywords.length === 0);
  const closerLook = [
    ...CLOSER_LOOK,
    ...COLOUR_SIGNS,
    ...(keysAlwaysLexed ? [ANY_JSON] : []),
    ...ENCODING_SIGNS,
  ];
  return {
    rules,
    patterns,
    closerLook: closerLook.map((source) => ({ source, group: 0 })),
    encodingSigns: ENCODING_SIGNS.length,
    keys,
    keysAlwaysLexed,
    get digest() {
      return set.digest;
    },
  };
}

function bareRule(rule: AddedRule, index: number): CompiledRule {
  return {
    ...rule,
    index,
    action: undefined,
    keywords: [],
    boundaryBefore: undefined,
    boundaryAfter: undefined,
    context: undefined,
    validators: [],
    entropy: undefined,
    token: undefined,
    allow: undefined,
    vetoes: [],
    hasKeys: false,
    block: undefined,
  };
}

function compileRule(
  rule: MatchingRule,
  index: number,
  options: CompileOptions,
  classes: Map<string, ByteClass>,
): CompiledRule {
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
    keywords: rule.keywords.map(lowerText),
    boundaryBefore: byteClass(rule.boundary?.before, classes),
    boundaryAfter: byteClass(rule.boundary?.after, classes),
    context: rule.context && compileContext(rule.context),
    validators: rule.validators.map(validatorOf),
    entropy: rule.entropy,
    token: rule.token,
    allow: rule.allow && new RuleAllow(rule.allow),
    vetoes: rule.vetoes.map((veto) => new RuleVeto(veto)),
    hasKeys: rule.keys.length > 0,
    block: rule.multiline && new RuleBlock(rule.multiline),
  };
}

function compileContext(context: NonNullable<MatchingRule['context']>): CompiledContext {
  const spelt = context.words.flatMap(spellings);
  const isStem = (word: string) => word.length > 1 && word.endsWith('*');
  return {
    ...context,
    words: spelt.filter((word) => !isStem(word)).map(lowerText),
    stems: spelt.filter(isStem).map((word) => lowerText(word.slice(0, -1))),
  };
}

/** `tax id` is written `tax_id`, `tax-id` and `taxId` where it is a name. */
function spellings(word: string): string[] {
  return word.includes(' ') ? [' ', '_', '-', ''].map((joint) => word.replaceAll(' ', joint)) : [word];
}

function byteClass(source: string | undefined, known: Map<string, ByteClass>): ByteClass | undefined {
  if (source === undefined) return undefined;
  let table = known.get(source);
  if (table === undefined) {
    table = new Uint8Array(256);
    // One call in place of one for each character.
    for (const found of ASCII_APART.match(new RE2(source, 'g')) ?? []) {
      const byte = found.length === 1 ? found.charCodeAt(0) : APART;
      if (byte < APART) table[byte] = 1;
    }
    known.set(source, table);
  }
  return table;
}

function escapeLiteral(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function lowerText(text: string): string {
  return asciiLowerText(Buffer.from(text));
}

/**
 * The bytes as a latin1 string with A-Z as a-z; other bytes, non-ASCII letters too, stay. Searching a string is several
 * times faster than searching a Buffer.
 */
export function asciiLowerText(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  // For ASCII text, which nearly all is, this changes nothing else.
  return HIGH_BYTE.test(text)
    ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
    : text.toLowerCase();
}

const HIGH_BYTE = /[\x80-\xff]/;
