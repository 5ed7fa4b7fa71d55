/**
 * Redacts complete lines in the engine's window. A line in which nothing is accepted is passed on with its neighbours in
 * one copy; one whose matches need nothing but its own bytes is redacted here, without an object for a line or a match;
 * any other is handed over to be looked at by itself: JSON objects whose keys say something of their values or whose
 * structure a match touches, escapes, placeholders of an earlier run, multi-line values, matches that overlap in part,
 * and actions other than `redact`.
 *
 * Invariant: what is written and reported is what the single-line way would write and report.
 */
import type { BlockEngine } from '../engine/engine.ts';
import type { CompiledRule } from '../rules/compile.ts';
import { PATTERN_ROLES } from '../rules/compile.ts';
import { hasContext, judge } from './acceptance.ts';
import { behindMatch, type Detector, holdsQuote, nextTry, withoutEscape } from './detector.ts';
import { isGlued } from './lineWriter.ts';
import type { OutputBuffer } from './output.ts';
import { PlainKeys } from './plainKeys.ts';
import type { Policy } from './policy.ts';
import { LineSurroundings } from './surroundings.ts';

export interface BlockHandler {
  /** Lines before `at` (an offset in the window) are done; called before anything is told of a line from there on. */
  advance(at: number): void;
  /**
   * A line that must be looked at by itself: [start, next), its line end included.
   * @returns where to go on: at `next`, or behind further lines that belong to what this one began
   */
  look(start: number, next: number): number;
  /** A value was redacted, or kept: [start, end) of the line that begins at `lineStart`. The line was advanced to. */
  found(rule: CompiledRule, confidence: number, lineStart: number, start: number, end: number): void;
  /** A line was changed. */
  changed(): void;
}

/** What a match of a pattern means here; see PATTERN_ROLES. */
const MEANS = { value: 0, look: 1, key: 2, encoded: 3 } as const;
/** Where a match stands among the others of its line: apart, within a stronger one, or in no such simple way. */
const PLACE = { own: 0, covered: 1, unclear: 2 } as const;
type Place = (typeof PLACE)[keyof typeof PLACE];
/** Lines with more are looked at by themselves. */
const MOST_MATCHES = 64;
/** In place of a text: the value stays as it is, or the action needs a look at the line. */
const TEXT = { kept: -1, look: -2 } as const;

export class BlockRedactor {
  readonly #detector: Detector;
  readonly #engine: BlockEngine;
  readonly #output: OutputBuffer;
  readonly #handler: BlockHandler;
  readonly #means: Uint8Array;
  /** By pattern. */
  readonly #rules: readonly (CompiledRule | undefined)[];
  /** By rule: the engine's text to put in place of its values, or one of TEXT. */
  readonly #texts: Int32Array;
  readonly #line: LineSurroundings;
  readonly #keys: PlainKeys;
  /** Accepted matches of the line in work. */
  readonly #starts = new Int32Array(MOST_MATCHES);
  readonly #ends = new Int32Array(MOST_MATCHES);
  readonly #matched: CompiledRule[] = [];
  readonly #confidences = new Float64Array(MOST_MATCHES);
  #count = 0;
  #next = 0;
  /** The line in which nothing encoded was found. */
  #decodedLine = -1;
  /** Bytes of the window before this one are written. */
  #written = 0;
  /** Given when the window does not hold the bytes as they came. */
  #original: Buffer | undefined;
  #originalAt = 0;
  /** Up to where the last line that was dealt with is written, the output's length there, and that line's end. */
  #safe = 0;
  #safeLength = 0;
  #safeNext = 0;
  #isHandingOver = false;

  constructor(
    detector: Detector,
    engine: BlockEngine,
    policy: Policy,
    output: OutputBuffer,
    handler: BlockHandler,
  ) {
    const { rules } = detector;
    this.#engine = engine;
    this.#output = output;
    this.#handler = handler;
    this.#line = new LineSurroundings(engine.window);
    this.#keys = new PlainKeys(detector.keyClaims, engine.window);
    this.#means = new Uint8Array(rules.patterns.length + rules.closerLook.length).fill(MEANS.look);
    for (const [pattern, { role }] of rules.patterns.entries()) {
      if (role === PATTERN_ROLES.value) this.#means[pattern] = MEANS.value;
      else if (role === PATTERN_ROLES.keyTrigger) this.#means[pattern] = MEANS.key;
    }
    this.#means.fill(MEANS.encoded, this.#means.length - rules.encodingSigns);
    this.#detector = detector;
    this.#rules = rules.patterns.map(({ rule }) => rule);
    // Beside other actions a kept value may overlap one that goes, and goes with it.
    const { keepsAll } = policy;
    this.#texts = Int32Array.from(rules.rules, (rule) => {
      const text = policy.fixedReplacement(rule);
      if (text !== undefined) return engine.addText(text);
      return keepsAll ? TEXT.kept : TEXT.look;
    });
  }

  /** Whether the last call threw while a line was looked at by itself: then it can't be given up, but ends the run. */
  get isHandingOver(): boolean {
    return this.#isHandingOver;
  }

  /** How far the last call has come when it threw, an offset in the window; the output is cut back to there. */
  giveUp(): number {
    this.#output.cutBack(this.#safeLength);
    this.#written = this.#safe;
    this.#write(this.#safeNext);
    this.#handler.advance(this.#safeNext);
    return this.#safeNext;
  }

  /**
   * Redacts [start, end) of the window: complete lines, valid UTF-8.
   * @param original the same bytes as they came, where the window holds substitutes for invalid ones
   */
  run(start: number, end: number, original: Buffer | undefined): void {
    const engine = this.#engine;
    const { match } = engine;
    const line = this.#line;
    this.#original = original;
    this.#originalAt = start;
    this.#written = start;
    this.#next = start;
    this.#decodedLine = -1;
    this.#safe = start;
    this.#safeNext = start;
    this.#safeLength = this.#output.length;
    this.#count = 0;
    this.#isHandingOver = false;
    line.enter(-1, -1);
    this.#keys.forget();
    engine.scan(start, end);
    while (engine.next()) {
      if (match.lineStart !== line.begin) {
        this.#finishLine();
        line.enter(match.lineStart, match.lineEnd);
        this.#next = match.nextLine;
      }
      // At once: what looks at the line uses the engine too.
      if (match.pattern < 0 || !this.#take(match.pattern)) this.#handOver();
    }
    this.#finishLine();
    this.#write(end);
    this.#handler.advance(end);
  }

  /** Takes a match of the line in work. @returns false when the line must be looked at by itself */
  #take(pattern: number): boolean {
    const engine = this.#engine;
    const means = this.#means[pattern];
    if (means === MEANS.key) return !this.#mayHoldKeys() || (this.#enterKeys() && !this.#keys.mayBeClaimed);
    if (means === MEANS.encoded) return this.#passEncoded();
    if (means !== MEANS.value) return false;
    const line = this.#line;
    const { start, end, valueStart, valueEnd } = engine.match;
    const rule = this.#rules[pattern] as CompiledRule;
    if (withoutEscape(line.bytes, valueStart, valueEnd) < valueEnd) return false;
    // In JSON it ends with its string.
    if (holdsQuote(line.bytes, valueStart, valueEnd) && this.#mayHoldJson()) return false;
    const confidence = judge(rule, line, start, end, valueStart, valueEnd);
    if (confidence === 0 || confidence < this.#detector.minConfidence) {
      // A key above the value could have spoken for it.
      if ((confidence > 0 || rule.context?.required) && this.#mayKeysSpeak(rule, start, end)) return false;
      engine.goOn(nextTry(line.bytes, start, end));
      return true;
    }
    // The line is looked at again when it is replaced.
    if (isGlued(line.bytes, valueStart, valueEnd)) return false;
    if (this.#texts[rule.index] === TEXT.look || this.#count === MOST_MATCHES) return false;
    if (this.#mayHoldKeys()) {
      if (!this.#enterKeys() || this.#mayKeysSpeak(rule, start, end)) return false;
      // In JSON it is values that are replaced, not bytes.
      if (!this.#keys.isInString(valueStart, valueEnd, line.begin, line.end)) return false;
    }
    const place = this.#placeAmong(rule, confidence, valueStart, valueEnd);
    if (place === PLACE.unclear) return false;
    if (!isPlain(line.bytes, valueStart, valueEnd) && engine.hasByte(line.begin, line.end, BRACKET))
      return false;
    engine.goOn(behindMatch(start, end, valueEnd));
    if (place === PLACE.covered) return true;
    this.#starts[this.#count] = valueStart;
    this.#ends[this.#count] = valueEnd;
    this.#confidences[this.#count] = confidence;
    this.#matched[this.#count] = rule;
    this.#count += 1;
    return true;
  }

  /** Something in the line may be encoded. @returns false when the line must be looked at by itself */
  #passEncoded(): boolean {
    const { begin, end, bytes } = this.#line;
    // What stands for invalid bytes here may hide how they are decoded together with others.
    if (this.#original !== undefined) return false;
    if (this.#decodedLine !== begin && this.#detector.findsEncoded(bytes.subarray(begin, end))) return false;
    this.#decodedLine = begin;
    this.#engine.goOn(end);
    return true;
  }

  /** Whether the line in work may hold a JSON object that is not empty: its keys are quoted. */
  #mayHoldKeys(): boolean {
    const { begin, end } = this.#line;
    return this.#engine.hasByte(begin, end, BRACE) && this.#engine.hasByte(begin, end, QUOTE);
  }

  /** Whether the line in work may hold JSON. */
  #mayHoldJson(): boolean {
    const { begin, end } = this.#line;
    return this.#engine.hasByte(begin, end, BRACE) || this.#engine.hasByte(begin, end, BRACKET);
  }

  /** Reads the names of the keys in the line in work. @returns false where they can't be told without reading its JSON */
  #enterKeys(): boolean {
    const { begin, end } = this.#line;
    if (this.#original !== undefined || this.#engine.hasByte(begin, end, BACKSLASH)) return false;
    this.#keys.enter(begin, end);
    return true;
  }

  /** Whether a key in the line in work may speak for a match, and what stands near it does not. */
  #mayKeysSpeak({ context }: CompiledRule, start: number, end: number): boolean {
    if (context === undefined || !this.#mayHoldKeys()) return false;
    if (hasContext(context, this.#line, start, end)) return false;
    return !this.#enterKeys() || this.#keys.giveContext(context);
  }

  /**
   * Settles a match with those of the line that it overlaps, as far as that is simple: one that lies within a stronger
   * one adds nothing, as in `resolve`. Those that lie within this one are dropped.
   */
  #placeAmong(rule: CompiledRule, confidence: number, start: number, end: number): Place {
    let kept = 0;
    for (let i = 0; i < this.#count; i++) {
      const otherStart = this.#starts[i] as number;
      const otherEnd = this.#ends[i] as number;
      if (start < otherEnd && end > otherStart) {
        const other = this.#matched[i] as CompiledRule;
        const stronger =
          confidence - (this.#confidences[i] as number) ||
          end - start - (otherEnd - otherStart) ||
          other.index - rule.index;
        if (stronger <= 0 && otherStart <= start && end <= otherEnd) return PLACE.covered;
        if (stronger <= 0 || start > otherStart || otherEnd > end) return PLACE.unclear;
      } else {
        this.#swap(kept, i);
        kept += 1;
      }
    }
    this.#count = kept;
    return PLACE.own;
  }

  /** Has the line in work looked at by itself. */
  #handOver(): void {
    const { begin } = this.#line;
    this.#count = 0;
    this.#write(begin);
    this.#handler.advance(begin);
    this.#isHandingOver = true;
    this.#written = this.#handler.look(begin, this.#next);
    this.#isHandingOver = false;
    this.#engine.skipTo(this.#written);
    this.#markSafe(this.#written);
  }

  /** Writes the line in work as far as anything was found in it. */
  #finishLine(): void {
    if (this.#count === 0) return;
    const { begin } = this.#line;
    this.#sort();
    this.#handler.advance(begin);
    let isChanged = false;
    for (let i = 0; i < this.#count; i++) {
      const rule = this.#matched[i] as CompiledRule;
      const start = this.#starts[i] as number;
      const end = this.#ends[i] as number;
      const text = this.#texts[rule.index] as number;
      if (text !== TEXT.kept) {
        this.#write(start, text);
        this.#written = end;
        isChanged = true;
      }
      this.#handler.found(rule, this.#confidences[i] as number, begin, start, end);
    }
    if (isChanged) this.#handler.changed();
    this.#count = 0;
    this.#markSafe(this.#next);
  }

  #markSafe(next: number): void {
    this.#safe = this.#written;
    this.#safeNext = next;
    this.#safeLength = this.#output.length;
  }

  /** Sorts the matches of the line; none overlap. */
  #sort(): void {
    const starts = this.#starts;
    for (let i = 1; i < this.#count; i++) {
      for (let at = i; at > 0 && (starts[at - 1] as number) > (starts[at] as number); at--)
        this.#swap(at - 1, at);
    }
  }

  #swap(a: number, b: number): void {
    for (const values of [this.#starts, this.#ends, this.#confidences]) {
      const value = values[a] as number;
      values[a] = values[b] as number;
      values[b] = value;
    }
    const rule = this.#matched[a] as CompiledRule;
    this.#matched[a] = this.#matched[b] as CompiledRule;
    this.#matched[b] = rule;
  }

  /** Writes the window up to `to`, and then a text. */
  #write(to: number, text = -1): void {
    if (this.#original === undefined) {
      this.#output.appendWindow(this.#engine, this.#written, to, text);
    } else {
      this.#output.append(this.#original, this.#written - this.#originalAt, to - this.#originalAt);
      if (text >= 0) this.#output.append(this.#engine.textOf(text));
    }
    this.#written = to;
  }
}

const QUOTE = 0x22;
const BRACE = 0x7b;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;
/** `false`, which would be replaced whole, is no longer. */
const LONGEST_LITERAL = 5;

/**
 * Whether a value can hold nothing of the structure of an array around it and be no number or literal in it: then it is
 * replaced as it stands, whether the brackets in its line are JSON or not.
 */
function isPlain(bytes: Buffer, start: number, end: number): boolean {
  let from = start;
  let to = end;
  while (from < to && isBlank(bytes[from])) from++;
  while (from < to && isBlank(bytes[to - 1])) to--;
  if (to - from <= LONGEST_LITERAL) return false;
  let dots = 0;
  let isNumber = true;
  for (let i = from; i < to; i++) {
    const byte = bytes[i];
    if (byte === 0x2e) dots++;
    else if (byte === 0x22 || byte === 0x2c || byte === 0x5b || byte === 0x5d || byte === 0x5c) return false;
    else if (
      isNumber &&
      !((byte >= 0x30 && byte <= 0x39) || byte === 0x2b || byte === 0x2d || byte === 0x45 || byte === 0x65)
    )
      isNumber = false;
  }
  return !isNumber || dots > 1;
}

/** What may stand around a number in an array. */
function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}
