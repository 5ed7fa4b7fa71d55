/**
 * Finds what the rules name in one line: searches the line as it stands and every value in it that is written with
 * escapes, and applies the rules on JSON keys. Knows nothing of streams, actions and output.
 *
 * A line is searched as it stands first. JSON in it is read only when there is a reason: something was found (then its
 * structure must be known to replace it), a backslash (then values differ from their spelling), or a word that a rule
 * on keys waits for. What is written in an encoding is searched last, decoded.
 */
import { type BlockEngine, isBlockEngine, type PatternEngine } from '../engine/engine.ts';
import type { LexerState } from '../json/lexer.ts';
import { type JsonTokens, NO_KEY, TokenKind } from '../json/tokens.ts';
import type { KnownSecrets } from '../known/knownSecrets.ts';
import {
  type CompiledBlock,
  type CompiledPattern,
  type CompiledRule,
  type CompiledRules,
  PATTERN_ROLES,
} from '../rules/compile.ts';
import { judge, judgeKeyed, type Surroundings } from './acceptance.ts';
import { encodedViews, mayBeEncoded } from './encodedViews.ts';
import { KeyClaims } from './keyClaims.ts';
import type { Match } from './resolve.ts';
import { Spans } from './spans.ts';
import { KeywordPresence, ViewSurroundings } from './surroundings.ts';
import { firstAbove, Lexers, type LineWindow, MAX_STRING_LEVELS, View } from './view.ts';

/**
 * A rejected match this long or longer is passed over whole, in bytes. Below it the search resumes at the next word in
 * the rejected match, which finds `4111 ...` behind a stray group of digits; above it that could take quadratic time.
 */
const RETRY_LIMIT = 1024;

/**
 * What follows a value in its match may be what the next match begins with: the space in `token=a token=b`. So the
 * search resumes behind the value, unless the match goes on farther than this, which could take quadratic time.
 */
const SHARED_BYTES = 16;

/** A multi-line value that begins in this line and does not end in it. */
export interface OpenBlock {
  readonly rule: CompiledRule;
  readonly block: CompiledBlock;
  /** Where it begins, in bytes from the line's start. */
  readonly start: number;
}

/** The same inside a JSON string, as container runtimes write it: each line of the value is a string of its own. */
export interface WrappedBlock {
  readonly rule: CompiledRule;
  readonly block: CompiledBlock;
  /** Name of the key the strings stand under. */
  readonly key: Buffer;
}

/** What was found in one line. */
export interface Detection {
  readonly matches: readonly Match[];
  /** The line, and the values in it that were looked into. */
  readonly view: View;
  /** Flat pairs start, end, in bytes of the line: values under the keys of rules that were not found to be theirs. */
  readonly doubted: readonly number[];
  readonly openBlock: OpenBlock | undefined;
  readonly wrappedBlock: WrappedBlock | undefined;
  /** The JSON reader's state where the next window of a long line has to begin; undefined if there is none. */
  readonly snapshot: LexerState | undefined;
}

/** What was judged on the way, for whoever wants to know why; told in no particular order. */
export interface Judged {
  readonly rule: CompiledRule;
  /** Place in the list of patterns; undefined for the value under a key. */
  readonly pattern: number | undefined;
  readonly where: Surroundings;
  /** The line, or a value in it; holds until the line is done. */
  readonly view: View;
  /** Half-open, in bytes of the view: the match, and the part of it to redact. */
  readonly start: number;
  readonly end: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** 0: it is no finding. */
  readonly confidence: number;
}

export interface DetectOptions {
  /** Told of each candidate that is judged. */
  readonly onJudged?: (judged: Judged) => void;
  /** Given when the line is a window of a longer one. */
  readonly window?: LineWindow;
  /** What stands before belongs to an earlier multi-line value: none begins there. */
  readonly from?: number;
  /** Of this rule no multi-line value begins in the line. */
  readonly except?: CompiledRule | undefined;
}

export interface DetectorOptions {
  /** Values that must never appear; what finds them and the rule that they are reported as. */
  readonly known?: KnownValues | undefined;
  /** What is less certain is no match. */
  readonly minConfidence?: number;
}

export interface KnownValues {
  readonly secrets: KnownSecrets;
  readonly rule: CompiledRule;
}

export class Detector {
  readonly rules: CompiledRules;
  readonly ruleIds: ReadonlySet<string>;
  readonly #engine: PatternEngine;
  readonly lexers = new Lexers();
  /** The engine, if it can look at many lines at once. */
  readonly blocks: BlockEngine | undefined;
  readonly keyClaims: KeyClaims;
  readonly known: KnownValues | undefined;
  readonly minConfidence: number;

  constructor(rules: CompiledRules, engine: PatternEngine, options: DetectorOptions = {}) {
    this.known = options.known;
    this.minConfidence = options.minConfidence ?? 0;
    this.rules = rules;
    this.ruleIds = new Set(rules.rules.map((rule) => rule.id));
    this.#engine = engine;
    this.blocks = isBlockEngine(engine) ? engine : undefined;
    this.keyClaims = new KeyClaims(rules.keys);
  }

  /**
   * Searches one line.
   * @param line without its line end; must stay as it is until the detection has been used, which is valid until
   * the next call
   */
  detect(line: Buffer, options: DetectOptions = {}): Detection {
    const search = new Search(this, this.#engine, this.keyClaims, line, options);
    search.run();
    return search;
  }

  /**
   * Whether anything can be found in what the line holds encoded. Looks at nothing else, so where it is false and nothing
   * else calls for a look, `detect` finds nothing more.
   * @param line without its line end, valid UTF-8
   */
  findsEncoded(line: Buffer): boolean {
    const search = new Search(this, this.#engine, this.keyClaims, line, {});
    search.runEncoded();
    return search.matches.length > 0;
  }
}

/** The state of one line's search; it becomes the detection. */
class Search implements Detection {
  readonly matches: Match[] = [];
  readonly doubted: number[] = [];
  readonly view: View;
  openBlock: OpenBlock | undefined;
  wrappedBlock: WrappedBlock | undefined;
  snapshot: LexerState | undefined;
  readonly #rules: CompiledRules;
  readonly #ruleIds: ReadonlySet<string>;
  readonly #known: KnownValues | undefined;
  readonly #minConfidence: number;
  /** By rule and bytes of the line: confidence of the match that was decoded from there. */
  readonly #encodedSpans = new Map<string, { readonly confidence: number; readonly level: number }>();
  readonly #engine: PatternEngine;
  readonly #lexers: Lexers;
  readonly #keyClaims: KeyClaims;
  readonly #window: LineWindow | undefined;
  readonly #keywords: KeywordPresence;
  readonly #from: number;
  readonly #except: CompiledRule | undefined;
  readonly #onJudged: DetectOptions['onJudged'];

  constructor(
    detector: Detector,
    engine: PatternEngine,
    keyClaims: KeyClaims,
    line: Buffer,
    options: DetectOptions,
  ) {
    this.#from = options.from ?? 0;
    this.#except = options.except;
    this.#onJudged = options.onJudged;
    this.#rules = detector.rules;
    this.#ruleIds = detector.ruleIds;
    this.#known = detector.known;
    this.#minConfidence = detector.minConfidence;
    this.#lexers = detector.lexers;
    this.#engine = engine;
    this.#keyClaims = keyClaims;
    this.#window = options.window;
    this.view = View.ofLine(line, detector.ruleIds);
    this.#keywords = new KeywordPresence(this.view.bytes);
  }

  run(): void {
    this.#searchView(this.view, this.#keywords);
    // What is replaced in JSON are values.
    if (this.matches.length > 0 && !this.view.isLexed && this.#mayHoldJson(this.view)) this.#lex(this.view);
  }

  runEncoded(): void {
    this.#searchEncoded(this.view, this.#keywords);
  }

  #searchView(view: View, keywords: KeywordPresence): void {
    const where = new ViewSurroundings(view, keywords, () => {
      if (this.#mayHoldJson(view)) this.#lex(view);
    });
    if (this.#known !== undefined) this.#searchKnown(view, this.#known);
    let isKeyTriggered = this.#rules.keysAlwaysLexed;
    for (const index of this.#engine.select(view.bytes)) {
      if (index >= this.#rules.patterns.length) continue;
      const pattern = this.#rules.patterns[index];
      if (pattern.role === PATTERN_ROLES.keyTrigger) isKeyTriggered = true;
      else if (pattern.role === PATTERN_ROLES.blockBegin) this.#searchBlock(view, index, pattern.rule);
      else this.#searchPattern(view, where, index, pattern);
    }
    if (this.#needsJson(view, isKeyTriggered)) {
      this.#lex(view);
      this.#searchKeys(view, keywords);
      if (view.level < MAX_STRING_LEVELS) this.#searchStrings(view, keywords);
    }
    this.#searchEncoded(view, keywords);
  }

  /** Looks into what is written in an encoding; not into what was found to be a secret as it stands. */
  #searchEncoded(view: View, keywords: KeywordPresence): void {
    if (!mayBeEncoded(view)) return;
    const lexIfJson = (): void => {
      if (!view.isLexed && this.#mayHoldJson(view)) this.#lex(view);
    };
    let secrets: Spans | undefined;
    const isInSecret = (start: number, end: number): boolean => {
      secrets ??= new Spans(this.matches.filter(({ rule }) => rule.category === 'secret'));
      return secrets.cover(view.lineStart(start), view.lineEnd(end));
    };
    for (const part of encodedViews(view, this.#ruleIds, lexIfJson, isInSecret)) {
      this.#searchView(part, new KeywordPresence(part.bytes, keywords));
    }
  }

  #searchPattern(view: View, where: Surroundings, index: number, pattern: CompiledPattern): void {
    const { match } = this.#engine;
    const { bytes } = view;
    for (let from = 0; from <= bytes.length && this.#engine.find(index, bytes, from); ) {
      const { start, valueStart } = match;
      const valueEnd = this.#valueEnd(view, start, match.end, valueStart, match.valueEnd);
      const end = valueEnd < match.valueEnd ? valueEnd : match.end;
      const { rule } = pattern;
      const confidence = judge(rule, where, start, end, valueStart, valueEnd);
      if (this.#onJudged !== undefined)
        this.#onJudged({ rule, pattern: index, where, view, start, end, valueStart, valueEnd, confidence });
      if (this.#isCertain(confidence)) {
        // Else it was found where it is not decoded.
        if (view.encodings === 0 || view.isSpeltOtherwise(start, end))
          this.#addMatch(view, rule, valueStart, valueEnd, confidence);
        from = behindMatch(start, end, valueEnd);
      } else {
        from = nextTry(bytes, start, end);
      }
    }
  }

  /** Where the value of a match ends: in JSON with its string, and before what escapes a quote behind it. */
  #valueEnd(view: View, start: number, end: number, valueStart: number, valueEnd: number): number {
    const { bytes } = view;
    const last = withoutEscape(bytes, valueStart, valueEnd);
    // Longer ones are taken whole: for many on one line, looking behind each anew could take quadratic time.
    if (end - start >= RETRY_LIMIT || !holdsQuote(bytes, valueStart, last)) return last;
    if (!this.#mayHoldJson(view)) return last;
    this.#lex(view);
    return view.endInString(valueStart, last, this.#ruleIds, this.#lexers);
  }

  #isCertain(confidence: number): boolean {
    return confidence > 0 && confidence >= this.#minConfidence;
  }

  #searchKnown(view: View, { secrets, rule }: KnownValues): void {
    const { original } = view;
    const { match } = secrets;
    for (let from = 0; secrets.find(original, from, original.length); ) {
      const { start, end, value } = match;
      if (view.encodings === 0 || view.isSpeltOtherwise(start, end))
        this.#addMatch(view, rule, start, end, rule.confidence, value);
      // Another may begin in it, in base64 with the digit that two values share.
      from = match.at + 1;
    }
  }

  /** Multi-line values: those that end in the view are matches, one that does not is left open. */
  #searchBlock(view: View, index: number, rule: CompiledRule): void {
    if (rule === this.#except || !this.#isCertain(rule.confidence)) return;
    const block = rule.block as CompiledBlock;
    const { bytes } = view;
    let mayEnd = true;
    const first = view.level === 0 ? this.#from : 0;
    for (let from = first; from < bytes.length && this.#engine.find(index, bytes, from); ) {
      const { start, end } = this.#engine.match;
      block.end.lastIndex = end;
      // Where one begin has no end behind it, no later one has: searched again for each, that could take quadratic time.
      mayEnd &&= block.end.exec(bytes) !== null;
      if (mayEnd) {
        from = block.end.lastIndex;
        if (holdsAll(block, bytes.subarray(start, from)))
          this.#addMatch(view, rule, start, from, rule.confidence);
        continue;
      }
      const stringEnd = this.#endOfStringAround(view, start, rule);
      if (stringEnd === -1) {
        if (this.openBlock === undefined || start < this.openBlock.start)
          this.openBlock = { rule, block, start };
        return;
      }
      if (holdsAll(block, bytes.subarray(start, stringEnd)))
        this.#addMatch(view, rule, start, stringEnd, rule.confidence);
      from = Math.max(stringEnd, end);
    }
  }

  /** End of the JSON string that holds the byte at `at`, so that a block without end stays within it; -1 for none. */
  #endOfStringAround(view: View, at: number, rule: CompiledRule): number {
    if (view.level > 0) {
      if (view.encodings === 0) this.#openWrapped(view.bytes.subarray(at), rule, view.outerKeys[0]);
      return view.bytes.length;
    }
    if (!this.#mayHoldJson(view)) return -1;
    const tokens = this.#lex(view);
    const token = view.tokenAt(at);
    if (token === -1 || tokens.kinds[token] !== TokenKind.String || !tokens.isStructural(token)) return -1;
    const end = tokens.interiorEnd(token);
    this.#openWrapped(view.bytes.subarray(at, end), rule, view.keyNamesOf(token)[0]);
    return end;
  }

  /** A window may lie within JSON that began before it. */
  #mayHoldJson(view: View): boolean {
    if (view.level === 0 && this.#window !== undefined) return true;
    return view.bytes.includes(BRACE) || view.bytes.includes(BRACKET);
  }

  /** @param text of the value so far; what is not known to be one must not take the strings of other lines with it */
  #openWrapped(text: Buffer, rule: CompiledRule, key: Buffer | undefined): void {
    const block = rule.block as CompiledBlock;
    if (key !== undefined && holdsAll(block, text)) this.wrappedBlock ??= { rule, block, key };
  }

  #needsJson(view: View, isKeyTriggered: boolean): boolean {
    const { original } = view;
    if (original.includes(BACKSLASH) && original.includes(QUOTE)) return true;
    if (!isKeyTriggered && this.matches.length === 0 && this.#window === undefined) return false;
    return original.includes(BRACE) || original.includes(BRACKET) || this.#window !== undefined;
  }

  #lex(view: View): JsonTokens {
    this.snapshot = view.lex(this.#lexers, view.level === 0 ? this.#window : undefined) ?? this.snapshot;
    return view.tokens;
  }

  /** Values under the keys that rules claim, at any depth below them. */
  #searchKeys(view: View, keywords: KeywordPresence): void {
    if (this.#rules.keys.length === 0) return;
    const tokens = view.tokens;
    const claims = this.#keyClaims.of(view);
    for (let token = 0; token < tokens.count; token++) {
      const kind = tokens.kinds[token];
      if ((kind !== TokenKind.String && kind !== TokenKind.Number) || tokens.keys[token] === NO_KEY) continue;
      for (const rule of claims.rulesFor(tokens.keys[token])) {
        if (!keywords.hasOneOf(rule) && !claims.nameHasKeyword(tokens.keys[token], rule)) continue;
        this.#searchKeyed(view, token, rule, keywords);
      }
    }
  }

  #searchKeyed(view: View, token: number, rule: CompiledRule, keywords: KeywordPresence): void {
    const tokens = view.tokens;
    const isString = tokens.kinds[token] === TokenKind.String;
    if (isString && tokens.isEscaped(token) && view.level < MAX_STRING_LEVELS) {
      const child = view.child(token, this.#ruleIds);
      const confidence = judgeKeyed(rule, child.bytes, 0, child.bytes.length);
      this.#tellKeyed(child, rule, keywords, 0, child.bytes.length, confidence);
      if (this.#isCertain(confidence)) this.#addMatch(child, rule, 0, child.bytes.length, confidence);
      else this.#doubt(view, tokens.interiorStart(token), tokens.interiorEnd(token));
      return;
    }
    const start = isString ? tokens.interiorStart(token) : tokens.starts[token];
    const end = isString ? tokens.interiorEnd(token) : tokens.ends[token];
    const confidence = judgeKeyed(rule, view.bytes, start, end);
    this.#tellKeyed(view, rule, keywords, start, end, confidence);
    if (this.#isCertain(confidence)) this.#addMatch(view, rule, start, end, confidence);
    else this.#doubt(view, start, end);
  }

  #doubt(view: View, start: number, end: number): void {
    if (start < end) this.doubted.push(view.lineStart(start), view.lineEnd(end));
  }

  #tellKeyed(
    view: View,
    rule: CompiledRule,
    keywords: KeywordPresence,
    start: number,
    end: number,
    confidence: number,
  ): void {
    if (this.#onJudged === undefined) return;
    const where = new ViewSurroundings(view, keywords, () => {});
    const span = { start, end, valueStart: start, valueEnd: end };
    this.#onJudged({ rule, pattern: undefined, where, view, ...span, confidence });
  }

  /** Looks into the strings whose value differs from their spelling. */
  #searchStrings(view: View, keywords: KeywordPresence): void {
    const tokens = view.tokens;
    for (let token = 0; token < tokens.count; token++) {
      const kind = tokens.kinds[token];
      if (kind === TokenKind.Number || kind === TokenKind.Literal) continue;
      if (tokens.isEscaped(token)) {
        const child = view.child(token, this.#ruleIds);
        const present = new KeywordPresence(child.bytes, keywords);
        // Else it holds escapes only that JSON does not know, such as `\x40`, and was searched as it stands.
        const isDecoded = child.original.length < tokens.interiorEnd(token) - tokens.interiorStart(token);
        if (isDecoded) this.#searchView(child, present);
        else this.#searchEncoded(child, present);
      }
    }
  }

  /**
   * Adds a match, without the parts an earlier run has redacted already.
   * @param value what it stands for, where that is not what the view says
   */
  #addMatch(
    view: View,
    rule: CompiledRule,
    start: number,
    end: number,
    confidence: number,
    value = view.original.subarray(start, end),
  ): void {
    const { placeholders } = view;
    let from = start;
    // The first placeholder that ends behind the match's start.
    const first = firstAbove(placeholders, placeholders.length, start) & ~1;
    for (let i = first; i < placeholders.length && placeholders[i] < end; i += 2) {
      this.#addRemainder(view, rule, from, placeholders[i], confidence);
      from = placeholders[i + 1];
    }
    if (from === start) this.#addSpan(view, rule, start, end, confidence, value);
    else this.#addRemainder(view, rule, from, end, confidence);
  }

  /** What a placeholder leaves of a match counts only if there is a letter or digit in it. */
  #addRemainder(view: View, rule: CompiledRule, start: number, end: number, confidence: number): void {
    for (let i = start; i < end; i++) {
      if (isWordByte(view.bytes[i])) {
        this.#addSpan(view, rule, start, end, confidence, view.original.subarray(start, end));
        return;
      }
    }
  }

  #addSpan(
    view: View,
    rule: CompiledRule,
    start: number,
    end: number,
    confidence: number,
    value: Buffer,
  ): void {
    const from = view.lineStart(start);
    const to = view.lineEnd(end);
    // Much may be in one run of base64, and all of it has the same bytes: one match of a rule stands for the others.
    if (view.encodings > 0) {
      const key = [rule.index, from, to].join();
      const known = this.#encodedSpans.get(key);
      // What is decoded further is what is meant.
      if (known !== undefined && known.confidence >= confidence && known.level >= view.level) return;
      this.#encodedSpans.set(key, { confidence, level: view.level });
    }
    this.matches.push({ rule, start: from, end: to, confidence, level: view.level, value });
  }
}

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const BRACE = 0x7b;
const BRACKET = 0x5b;

/** Whether a value may go on behind the JSON string that it begins in. */
export function holdsQuote(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] === QUOTE) return true;
  return false;
}

/** End of a value without the backslashes at its end that escape the quote behind it: they belong to the quote. */
export function withoutEscape(bytes: Buffer, start: number, end: number): number {
  if (bytes[end] !== QUOTE) return end;
  let at = end;
  while (at > start && bytes[at - 1] === BACKSLASH) at--;
  return at;
}

/** Where to search on after a match was accepted whose value ends at `valueEnd`. */
export function behindMatch(start: number, end: number, valueEnd: number): number {
  return Math.max(end - valueEnd <= SHARED_BYTES ? valueEnd : end, start + 1);
}

/** Whether a multi-line value within one text holds what makes it one. */
function holdsAll(block: CompiledBlock, text: Buffer): boolean {
  return block.requires.every((pattern) => pattern.test(text));
}

/** Where to search on after the match `[start, end)` was rejected: at the next edge of a word in it, or behind it. */
export function nextTry(bytes: Buffer, start: number, end: number): number {
  if (end - start >= RETRY_LIMIT) return end;
  for (let at = start + 1; at < end; at++) {
    if (!isWordByte(bytes[at - 1]) || !isWordByte(bytes[at])) return at;
  }
  return Math.max(end, start + 1);
}

export function isWordByte(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const letter = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x7a) || byte >= 0x80;
}
