/**
 * Tolerant, resumable JSON lexer for log lines. It finds JSON objects and arrays anywhere in a line (after a syslog
 * prefix, several in a row, cut off at the end) and double-quoted runs with escapes in the text around them.
 *
 * Rules:
 * - A fragment begins at `{` or `[`. From there the grammar of RFC 8259 holds, except that strings may contain
 *   anything: control characters, invalid UTF-8, unknown escapes (nginx writes `\x22` into JSON). A string ends at
 *   the first `"` that is not escaped.
 * - On a grammar error the containers that are still open turn out to be no JSON. Their own tokens lose their
 *   Structural flag, the containers completed inside them become fragments of their own, and scanning goes on as text
 *   at the offending byte. Nesting deeper than {@link MAX_DEPTH} counts as such an error.
 * - A fragment that the range cuts keeps its tokens structural: logs are often truncated.
 * - In text, `"` begins a quoted run, which ends at the next `"` that is not escaped. If it has a backslash it becomes
 *   a Quoted token. A quote that follows `{` or `[` (and spaces) does not end a run but begins JSON there:
 *   `body="{"a":1}"` is far more common than a quoted text that ends with a brace, and so an unpaired quote
 *   (`5" disk {"a":1}`) cannot hide an object. A run without end yields nothing; its text is not looked at again.
 *   A quote in text with a backslash before it begins nothing.
 *
 * Invariants:
 * - The position only moves forward; whatever is looked at twice (tokens of a failed fragment, the cut token at a
 *   snapshot) is looked at once more at most. So time is linear in the range for all bytes, and `work` proves it.
 * - No recursion, no allocation per line once the arrays have grown.
 * - The machine can stop before any byte and go on. That alone makes windows possible: a snapshot is the machine
 *   stopped at a place where no escape and no UTF-8 sequence is cut.
 */

import { escapeUnitLength } from './decode.ts';
import { isCompleteNumber, NUMBER_BEGIN, NUMBER_STOP, nextNumberState } from './numberGrammar.ts';
import { CarriedKeys, FragmentFlag, JsonTokens, NO_KEY, TokenFlag, TokenKind } from './tokens.ts';

/** Real documents stay far below; it bounds the stack (13 bytes a level) that hostile input can make us keep. */
export const MAX_DEPTH = 10_000;

/** The longest unit that a snapshot does not cut, a surrogate pair; windows must be longer to get on. */
export const MAX_UNIT_BYTES = 12;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

// States of the machine: text around fragments, inside of a token (the next four), between the tokens of a fragment.
const TEXT = 0;
const QUOTED = 1;
const STRING = 2;
const NUMBER = 3;
const LITERAL = 4;
const KEY_OR_END = 5;
const KEY = 6;
const AFTER_KEY = 7;
const VALUE_OR_END = 8;
const VALUE = 9;
const AFTER_VALUE = 10;

// Classes of bytes between tokens.
const OTHER = 0;
const SPACE = 1;
const NUMBER_START = 2;
const LITERAL_START = 3;

const STRUCTURE_CLASS = new Uint8Array(256);
for (const space of ' \t\r\n') STRUCTURE_CLASS[space.charCodeAt(0)] = SPACE;
for (const digit of '-0123456789') STRUCTURE_CLASS[digit.charCodeAt(0)] = NUMBER_START;
for (const letter of 'tfn') STRUCTURE_CLASS[letter.charCodeAt(0)] = LITERAL_START;

/** 1 for the bytes that mean something in text. */
const TEXT_STOP = new Uint8Array(256);
for (const byte of [QUOTE, BACKSLASH, OPEN_BRACE, OPEN_BRACKET]) TEXT_STOP[byte] = 1;

const LITERALS = ['true', 'false', 'null'].map((word) => Buffer.from(word));

/**
 * The lexer's state at a place between two units of a line: all it needs to go on there, without the bytes before.
 * It does not change once it is made, and holds no reference to the line's buffer.
 */
export interface LexerState {
  /** Where it was taken, in the buffer of that call: the next window begins with this byte. */
  readonly offset: number;
  readonly state: number;
  /** Of the token that the place cuts. */
  readonly stringKind: TokenKind;
  readonly numberState: number;
  readonly literal: number;
  readonly literalLength: number;
  /** In text: the byte before the place is a backslash that escapes the next. */
  readonly afterBackslash: boolean;
  /** In a quoted run: the open brace or bracket after which only spaces came, or 0. */
  readonly brace: number;
  /** `{` or `[` of each open container, the outermost first. */
  readonly containers: Uint8Array;
  /** Key references, as the next window knows them, of each container and of the value to come. */
  readonly owners: Int32Array;
  readonly governing: number;
  readonly keys: CarriedKeys;
}

export class JsonLexer {
  /** Steps since construction, each of bounded cost: bytes passed, states entered, things looked at again. */
  work = 0;

  /** What the last call found; overwritten by the next. */
  readonly tokens = new JsonTokens();

  private lastSnapshot: LexerState | undefined;

  private bytes: Uint8Array = new Uint8Array(0);
  private from = 0;
  private to = 0;
  /** All bytes in [from, position) have been consumed. */
  private position = 0;
  private state = TEXT;
  /** First byte of the token that `state` is in, `from` if it began in an earlier window. */
  private tokenStart = 0;
  /** Flags collected for that token. */
  private tokenFlags = 0;
  /** Key or String, in the state STRING. */
  private stringKind: TokenKind = TokenKind.String;
  private numberState = 0;
  /** Index in LITERALS and how many of its bytes have been seen. */
  private literal = 0;
  private literalLength = 0;
  /** The byte before `position` is a backslash whose escape goes on: in TEXT, QUOTED and STRING. */
  private afterBackslash = false;
  /** In QUOTED: the last `{` or `[` if only spaces followed it, else 0, and where it stands. */
  private brace = 0;
  private braceAt = 0;

  /** Open containers; entries of the arrays below are valid under it. */
  private depth = 0;
  /** How many of them, the outermost ones, began in an earlier window. */
  private continuedDepth = 0;
  private containers = new Uint8Array(64);
  private containerStarts = new Int32Array(64);
  /** Key reference that governs the container. */
  private owners = new Int32Array(64);
  /** Fragments found before the container began: those after it are its children. */
  private fragmentBases = new Int32Array(64);
  /** First token of the outermost open container. */
  private fragmentToken = 0;
  /** Key reference of the next value; unspecified where a key is expected. */
  private governing = NO_KEY;

  /**
   * Lexes bytes[from, to), the beginning of a line (usually all of it), into `tokens`.
   *
   * `isFinal` says that the line ends at `to`. Otherwise the range is a window of a longer line: with `snapshotAt` in
   * [from, to] the lexer's state is kept as it was at the last boundary at or before `snapshotAt`, and the next window
   * has to begin with the byte at the returned offset, see {@link resume}. A boundary is any byte of text, any place
   * between tokens, the start of a number or literal, and any place in a string that cuts neither an escape, nor a
   * surrogate pair, nor a UTF-8 sequence. A number or literal that begins with the window or began before it is cut
   * anywhere, so that windows always get on: one of two in a row comes as far as `snapshotAt`, or less than
   * {@link MAX_UNIT_BYTES} short of it.
   *
   * `tokens` always covers all of [from, to): what lies after the snapshot is a look ahead that the next window
   * repeats. The lexer writes to nothing but itself, keeps a reference to `bytes` until its next call, and never
   * throws, whatever the bytes.
   *
   * @returns the snapshot's offset in `bytes`, -1 if none was asked for
   */
  lex(bytes: Uint8Array, from: number, to: number, isFinal = true, snapshotAt = -1): number {
    return this.scan(bytes, from, to, isFinal, snapshotAt, LINE_START);
  }

  /**
   * Lexes a further window of a line: bytes[from, to) begins with the byte at which `state` was taken. All else is as
   * in {@link lex}.
   *
   * Windows find the tokens that one pass over the line finds, cut at the snapshots, with three differences, all due to
   * what a window cannot know: an error makes only the tokens of its own window unstructural; a Quoted run that a
   * window cuts is reported in each window, even if it has no escape in that window or no closing quote on the line
   * (then its last piece is open); of the open keys only the innermost are known (see tokens.ts).
   *
   * @param state by default the last snapshot of this lexer, which stays until a call takes another one
   * @throws Error when there is no such state
   */
  resume(
    bytes: Uint8Array,
    from: number,
    to: number,
    isFinal = true,
    snapshotAt = -1,
    state = this.lastSnapshot,
  ): number {
    if (state === undefined) throw new Error('JsonLexer.resume: no snapshot was taken');
    return this.scan(bytes, from, to, isFinal, snapshotAt, state);
  }

  /** The last snapshot; with it the caller can resume a line after others, and in another lexer too. */
  get snapshot(): LexerState | undefined {
    return this.lastSnapshot;
  }

  private scan(
    bytes: Uint8Array,
    from: number,
    to: number,
    isFinal: boolean,
    snapshotAt: number,
    state: LexerState,
  ): number {
    this.tokens.reset(bytes, state.keys);
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.position = from;
    this.tokenStart = from;
    this.fragmentToken = 0;
    this.restore(state);
    let snapshotOffset = -1;
    if (snapshotAt >= from) {
      this.run(Math.min(snapshotAt, to));
      this.lastSnapshot = this.takeSnapshot();
      snapshotOffset = this.lastSnapshot.offset;
    }
    this.run(to);
    this.finish(isFinal);
    return snapshotOffset;
  }

  private restore(saved: LexerState): void {
    const depth = saved.containers.length;
    this.state = saved.state;
    this.stringKind = saved.stringKind;
    this.tokenFlags = TokenFlag.Continued;
    this.numberState = saved.numberState;
    this.literal = saved.literal;
    this.literalLength = saved.literalLength;
    this.afterBackslash = saved.afterBackslash;
    this.brace = saved.brace;
    this.braceAt = this.from;
    this.depth = depth;
    this.continuedDepth = depth;
    this.governing = saved.governing;
    while (this.containers.length < depth) this.growStack();
    if (depth > 0) {
      this.containers.set(saved.containers);
      this.owners.set(saved.owners);
      this.containerStarts.fill(this.from, 0, depth);
      this.fragmentBases.fill(0, 0, depth);
      this.work += depth;
    }
  }

  /** Moves the machine to `limit`. Each step advances or leaves a token behind, so steps are linear in bytes. */
  private run(limit: number): void {
    const begin = this.position;
    let steps = 0;
    let i = begin;
    while (i < limit) {
      steps++;
      switch (this.state) {
        case TEXT:
          i = this.scanText(i, limit);
          break;
        case QUOTED:
          i = this.scanQuoted(i, limit);
          break;
        case STRING:
          i = this.scanString(i, limit);
          break;
        case NUMBER:
          i = this.scanNumber(i, limit);
          break;
        case LITERAL:
          i = this.scanLiteral(i, limit);
          break;
        default:
          i = this.scanStructure(i, limit);
      }
    }
    this.position = i;
    this.work += steps + (i - begin);
  }

  private scanText(start: number, limit: number): number {
    const bytes = this.bytes;
    let i = start;
    if (this.afterBackslash) {
      this.afterBackslash = false;
      // Of what a backslash can precede only these two would be misread; `\{` still begins JSON.
      if (bytes[i] === QUOTE || bytes[i] === BACKSLASH) i++;
    }
    while (i < limit && TEXT_STOP[bytes[i]] === 0) i++;
    if (i === limit) return i;
    const byte = bytes[i];
    if (byte === BACKSLASH) {
      this.afterBackslash = true;
    } else if (byte === QUOTE) {
      this.state = QUOTED;
      this.tokenStart = i;
      this.tokenFlags = 0;
      this.brace = 0;
    } else {
      this.open(byte, i);
    }
    return i + 1;
  }

  private scanQuoted(start: number, limit: number): number {
    const bytes = this.bytes;
    let i = start;
    if (this.afterBackslash) {
      this.afterBackslash = false;
      i++;
    }
    while (i < limit) {
      const byte = bytes[i];
      if (byte === QUOTE) {
        if (this.brace === 0) {
          this.pushQuoted(i + 1, 0);
          this.state = TEXT;
          return i + 1;
        }
        this.pushQuoted(this.braceAt, TokenFlag.Open);
        this.open(this.brace, this.braceAt);
        return i;
      }
      if (byte === BACKSLASH) {
        this.brace = 0;
        this.tokenFlags |= TokenFlag.Escaped;
        i += 2;
        continue;
      }
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        this.brace = byte;
        this.braceAt = i;
      } else if (this.brace !== 0 && STRUCTURE_CLASS[byte] !== SPACE) {
        this.brace = 0;
      }
      i++;
    }
    this.afterBackslash = i > limit;
    return limit;
  }

  /** Only runs with escapes are worth a token, or those of which another window shows another part. */
  private pushQuoted(end: number, openFlag: number): void {
    const flags = this.tokenFlags;
    if (flags === 0 || end === this.tokenStart) return;
    this.tokens.push(TokenKind.Quoted, flags | openFlag, this.tokenStart, end, NO_KEY);
  }

  private scanString(start: number, limit: number): number {
    const bytes = this.bytes;
    let i = start;
    if (this.afterBackslash) {
      this.afterBackslash = false;
      i++;
    }
    while (i < limit) {
      const byte = bytes[i];
      if (byte === QUOTE) {
        this.pushString(i + 1, 0);
        return i + 1;
      }
      if (byte === BACKSLASH) {
        this.tokenFlags |= TokenFlag.Escaped;
        i++;
      }
      i++;
    }
    this.afterBackslash = i > limit;
    return limit;
  }

  private pushString(end: number, openFlag: number): void {
    const flags = this.tokenFlags | openFlag | TokenFlag.Structural;
    if (this.stringKind === TokenKind.Key) {
      const owner = this.owners[this.depth - 1];
      this.governing = this.tokens.push(TokenKind.Key, flags, this.tokenStart, end, owner);
      this.state = AFTER_KEY;
    } else {
      this.tokens.push(TokenKind.String, flags, this.tokenStart, end, this.governing);
      this.state = AFTER_VALUE;
    }
  }

  private scanNumber(start: number, limit: number): number {
    const bytes = this.bytes;
    let numberState = this.numberState;
    let i = start;
    while (i < limit) {
      const next = nextNumberState(numberState, bytes[i]);
      if (next === NUMBER_STOP) {
        if (!isCompleteNumber(numberState)) return this.failInScalar(TokenKind.Number, i);
        this.pushScalar(TokenKind.Number, i, 0);
        this.state = AFTER_VALUE;
        return i;
      }
      numberState = next;
      i++;
    }
    this.numberState = numberState;
    return i;
  }

  private scanLiteral(start: number, limit: number): number {
    const word = LITERALS[this.literal];
    let i = start;
    while (i < limit) {
      if (this.bytes[i] !== word[this.literalLength]) return this.failInScalar(TokenKind.Literal, i);
      i++;
      if (++this.literalLength === word.length) {
        this.pushScalar(TokenKind.Literal, i, 0);
        this.state = AFTER_VALUE;
        return i;
      }
    }
    return i;
  }

  private pushScalar(kind: TokenKind, end: number, openFlag: number): void {
    const flags = this.tokenFlags | openFlag | TokenFlag.Structural;
    this.tokens.push(kind, flags, this.tokenStart, end, this.governing);
  }

  /** A token although it is none, because a window that ended before the error has shown its beginning as one. */
  private failInScalar(kind: TokenKind, position: number): number {
    this.pushScalar(kind, position, TokenFlag.Open);
    return this.fail(position);
  }

  /** Between the tokens of a fragment. */
  private scanStructure(start: number, limit: number): number {
    const bytes = this.bytes;
    let state = this.state;
    let i = start;
    while (i < limit) {
      const byte = bytes[i];
      switch (byte) {
        case QUOTE:
          if (state === KEY || state === KEY_OR_END) this.stringKind = TokenKind.Key;
          else if (state === VALUE || state === VALUE_OR_END) this.stringKind = TokenKind.String;
          else return this.fail(i);
          return this.enterToken(STRING, i) + 1;
        case COLON:
          if (state !== AFTER_KEY) return this.fail(i);
          state = VALUE;
          break;
        case COMMA:
          if (state !== AFTER_VALUE) return this.fail(i);
          state = this.containers[this.depth - 1] === OPEN_BRACE ? KEY : VALUE;
          break;
        case OPEN_BRACE:
        case OPEN_BRACKET:
          if ((state !== VALUE && state !== VALUE_OR_END) || this.depth === MAX_DEPTH) return this.fail(i);
          this.open(byte, i);
          state = this.state;
          break;
        case CLOSE_BRACE:
        case CLOSE_BRACKET:
          if (!this.mayClose(byte, state)) return this.fail(i);
          this.close(i + 1);
          if (this.depth === 0) return i + 1;
          state = AFTER_VALUE;
          break;
        default: {
          const byteClass = STRUCTURE_CLASS[byte];
          if (byteClass === SPACE) break;
          if (byteClass === OTHER || (state !== VALUE && state !== VALUE_OR_END)) return this.fail(i);
          if (byteClass === NUMBER_START) {
            this.numberState = NUMBER_BEGIN;
            return this.enterToken(NUMBER, i);
          }
          this.literal = byte === 0x74 ? 0 : byte === 0x66 ? 1 : 2;
          this.literalLength = 0;
          return this.enterToken(LITERAL, i);
        }
      }
      i++;
    }
    this.state = state;
    return i;
  }

  private enterToken(state: number, start: number): number {
    this.state = state;
    this.tokenStart = start;
    this.tokenFlags = 0;
    return start;
  }

  private mayClose(byte: number, state: number): boolean {
    const isObject = this.containers[this.depth - 1] === OPEN_BRACE;
    if (isObject !== (byte === CLOSE_BRACE)) return false;
    return state === AFTER_VALUE || state === (isObject ? KEY_OR_END : VALUE_OR_END);
  }

  private open(byte: number, start: number): void {
    const level = this.depth;
    if (level === this.containers.length) this.growStack();
    if (level === 0) {
      this.governing = NO_KEY;
      this.fragmentToken = this.tokens.count;
    }
    this.containers[level] = byte;
    this.containerStarts[level] = start;
    this.owners[level] = this.governing;
    this.fragmentBases[level] = this.tokens.fragmentCount;
    this.depth = level + 1;
    this.state = byte === OPEN_BRACE ? KEY_OR_END : VALUE_OR_END;
  }

  /** The innermost container is complete: it replaces its children as a fragment until its parent replaces it. */
  private close(end: number): void {
    const level = --this.depth;
    let flags = 0;
    if (level < this.continuedDepth) {
      this.continuedDepth = level;
      flags = FragmentFlag.Continued;
    }
    this.tokens.fragmentCount = this.fragmentBases[level];
    this.tokens.pushFragment(this.containerStarts[level], end, flags);
    if (level === 0) this.state = TEXT;
    else this.governing = this.owners[level - 1];
  }

  /**
   * The byte at `position` cannot follow: what is open is no JSON. Goes on as text at that same byte.
   * The fragments since the outermost container began are complete children; tokens in them stay structural.
   */
  private fail(position: number): number {
    const tokens = this.tokens;
    const { flags, starts, count, fragmentStarts, fragmentEnds, fragmentCount } = tokens;
    let fragment = this.fragmentBases[0];
    for (let token = this.fragmentToken; token < count; token++) {
      while (fragment < fragmentCount && fragmentEnds[fragment] <= starts[token]) fragment++;
      if (fragment === fragmentCount || starts[token] < fragmentStarts[fragment]) {
        flags[token] &= ~TokenFlag.Structural;
      }
    }
    this.work += count - this.fragmentToken + fragmentCount - this.fragmentBases[0];
    this.depth = 0;
    this.continuedDepth = 0;
    this.state = TEXT;
    return position;
  }

  /** Reports what the end of the range cuts. */
  private finish(isFinal: boolean): void {
    const end = this.to;
    switch (this.state) {
      case QUOTED:
        // Without a partner on the line it was no quoted run; but earlier windows may have shown its beginning.
        if (!isFinal || (this.tokenFlags & TokenFlag.Continued) !== 0) {
          this.tokens.push(TokenKind.Quoted, this.tokenFlags | TokenFlag.Open, this.tokenStart, end, NO_KEY);
        }
        break;
      case STRING:
        this.pushString(end, TokenFlag.Open);
        break;
      case NUMBER:
        this.pushScalar(TokenKind.Number, end, TokenFlag.Open);
        break;
      case LITERAL:
        this.pushScalar(TokenKind.Literal, end, TokenFlag.Open);
        break;
      default:
    }
    if (this.depth > 0) {
      const flags = FragmentFlag.Open | (this.continuedDepth > 0 ? FragmentFlag.Continued : 0);
      this.tokens.fragmentCount = this.fragmentBases[0];
      this.tokens.pushFragment(this.containerStarts[0], end, flags);
    }
  }

  /** The state at the last boundary at or before `position`. */
  private takeSnapshot(): LexerState {
    const { depth } = this;
    let { position: offset, state } = this;
    if (state === STRING || state === QUOTED) {
      offset = this.boundaryInString();
    } else if ((state === NUMBER || state === LITERAL) && this.tokenStart > this.from) {
      offset = this.tokenStart;
      state = VALUE;
    }
    const keys = new CarriedKeys(depth === 0 ? 0 : depth + 1);
    if (state === STRING && this.stringKind === TokenKind.Key) {
      const continued = (this.tokenFlags & TokenFlag.Continued) !== 0;
      const start = this.tokenStart + (continued ? 0 : 1);
      const escaped = (this.tokenFlags & TokenFlag.Escaped) !== 0;
      // A copy, as the caller will overwrite its buffer; slice() would give a view when that is a Buffer.
      keys.partial = new Uint8Array(this.tokens.namePiece(start, offset, escaped, continued));
    }
    const owners = new Int32Array(depth);
    const governing = this.carryKeys(keys, owners);
    return {
      offset,
      state,
      stringKind: this.stringKind,
      numberState: this.numberState,
      literal: this.literal,
      literalLength: this.literalLength,
      // A string was cut before its backslash.
      afterBackslash: state === TEXT && this.afterBackslash,
      // When the cut went back, what stands there is no space, so the brace is over in any case.
      brace: offset === this.position ? this.brace : 0,
      containers: this.containers.slice(0, depth),
      owners,
      governing,
      keys,
    };
  }

  /** The last place in the string at `position` that cuts no escape and no UTF-8 sequence. */
  private boundaryInString(): number {
    const bytes = this.bytes;
    const limit = this.position;
    const continued = (this.tokenFlags & TokenFlag.Continued) !== 0;
    const first = this.tokenStart + (continued ? 0 : 1);
    if ((this.tokenFlags & TokenFlag.Escaped) !== 0) {
      // Only from the string's start is it known which backslash escapes and which is escaped.
      let i = first;
      while (i < limit) {
        if (bytes[i] !== BACKSLASH) {
          i++;
          continue;
        }
        const next = i + escapeUnitLength(bytes, i, this.to);
        if (next > limit) break;
        i = next;
      }
      this.work += i - first;
      if (i < limit) return i;
    }
    for (let back = 1; back <= 3 && limit - back >= first; back++) {
      const byte = bytes[limit - back];
      if ((byte & 0xc0) === 0x80) continue;
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
      return length > back ? limit - back : limit;
    }
    return limit;
  }

  /**
   * Copies the names of the open keys to `keys` and the references to them to `owners`; returns that of the value to
   * come. Going outwards, the owner of each container is the same key as one level further in or its parent, so every
   * key is met once, in a row.
   */
  private carryKeys(keys: CarriedKeys, owners: Int32Array): number {
    const { tokens, depth } = this;
    const governing = this.governingOfNext();
    let known = governing;
    let carried = known === NO_KEY ? NO_KEY : keys.add(tokens.keyName(known));
    const carriedGoverning = carried;
    for (let level = depth - 1; level >= 0; level--) {
      if (this.owners[level] !== known) {
        known = this.owners[level];
        const inner = carried;
        carried = known === NO_KEY ? NO_KEY : keys.add(tokens.keyName(known));
        if (inner !== NO_KEY) keys.setParent(inner, carried);
      }
      owners[level] = carried;
    }
    this.work += depth;
    return carriedGoverning;
  }

  /** Where a key is expected the last value's key is over; it must not take one of the few places. */
  private governingOfNext(): number {
    if (this.depth === 0) return NO_KEY;
    const inObject = this.containers[this.depth - 1] === OPEN_BRACE;
    const { state } = this;
    const valueAhead =
      state === AFTER_KEY ||
      state === VALUE ||
      state === NUMBER ||
      state === LITERAL ||
      (state === STRING && this.stringKind === TokenKind.String);
    return inObject && !valueAhead ? this.owners[this.depth - 1] : this.governing;
  }

  private growStack(): void {
    const size = this.containers.length * 2;
    const containers = new Uint8Array(size);
    containers.set(this.containers);
    this.containers = containers;
    this.containerStarts = doubled(this.containerStarts);
    this.owners = doubled(this.owners);
    this.fragmentBases = doubled(this.fragmentBases);
  }
}

/** A copy with room for twice as many. */
function doubled(old: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(old.length * 2);
  larger.set(old);
  return larger;
}

const LINE_START: LexerState = {
  offset: 0,
  state: TEXT,
  stringKind: TokenKind.String,
  numberState: 0,
  literal: 0,
  literalLength: 0,
  afterBackslash: false,
  brace: 0,
  containers: new Uint8Array(0),
  owners: new Int32Array(0),
  governing: NO_KEY,
  keys: new CarriedKeys(0),
};
