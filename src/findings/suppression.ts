/**
 * Comments in audited files that say a finding is known and accepted: `logveil:allow` for all findings of its line,
 * `logveil:allow=rule-id` (several with commas between) for those of the rules named. Findings under one are still
 * reported, marked as suppressed.
 *
 * Works beside the search, on the bytes of the source: a chunk costs one search for a rare word. A comment counts only
 * where it stands apart, and one that can't be read suppresses nothing.
 *
 * Only audits may ask for it. A redacting run never does: whoever writes a log line could switch its redaction off.
 */

const MARK = Buffer.from('logveil:allow');
/** Rule ids with commas between; see the rule schema for an id. */
const LONGEST_LIST = 1024;
/** What is kept of a chunk, so that a comment that goes on in the next one is seen whole. In bytes. */
const KEPT = MARK.length + 1 + LONGEST_LIST + 1;
/** Lines with comments that are remembered; of more the oldest are forgotten, and what is found in them counts. */
const MOST_LINES = 65_536;
const LF = 0x0a;

const ALL = 'all';

/** A line with a comment; half-open, in bytes from the source's start. */
interface AllowedLine {
  readonly start: number;
  end: number;
  rules: ReadonlySet<string> | typeof ALL;
}

/** The comments of one source after another. */
export class AllowComments {
  #lines: AllowedLine[] = [];
  /** The last bytes taken, searched again with the next ones. */
  #kept = Buffer.alloc(0);
  /** Of the first byte of the next chunk, in the source. */
  #offset = 0;
  #lineStart = 0;
  /** Comments before this offset have been read. */
  #searched = 0;

  /** A new source begins. @param offset of its first byte that will be taken, the begin of a line */
  begin(offset = 0): void {
    this.#lines = [];
    this.#kept = Buffer.alloc(0);
    this.#offset = offset;
    this.#lineStart = offset;
    this.#searched = offset;
  }

  /** Takes the next bytes of the source, before they are searched for findings; keeps no reference to them. */
  push(chunk: Buffer): void {
    this.#endOpenLine(chunk);
    this.#search(chunk);
    const lastEnd = chunk.lastIndexOf(LF);
    if (lastEnd !== -1) this.#lineStart = this.#offset + lastEnd + 1;
    this.#offset += chunk.length;
    this.#kept =
      chunk.length >= KEPT
        ? Buffer.from(chunk.subarray(chunk.length - KEPT))
        : Buffer.concat([this.#kept, chunk]).subarray(-KEPT);
    if (this.#lines.length > MOST_LINES) this.#lines = this.#lines.slice(-MOST_LINES);
  }

  /** Whether a comment covers what the rule has found at the offset. */
  covers(offset: number, rule: string): boolean {
    let low = 0;
    let high = this.#lines.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#lines[middle].end <= offset) low = middle + 1;
      else high = middle;
    }
    const line = this.#lines[low];
    if (line === undefined || offset < line.start) return false;
    return line.rules === ALL || line.rules.has(rule);
  }

  /** A line whose end was not seen yet may end in the chunk. */
  #endOpenLine(chunk: Buffer): void {
    const last = this.#lines.at(-1);
    if (last === undefined || last.end !== Number.POSITIVE_INFINITY) return;
    const found = chunk.indexOf(LF);
    if (found !== -1) last.end = this.#offset + found + 1;
  }

  #search(chunk: Buffer): void {
    const bytes = this.#kept.length === 0 ? chunk : Buffer.concat([this.#kept, chunk]);
    const base = this.#offset - this.#kept.length;
    const from = Math.max(0, this.#searched - base);
    for (let at = bytes.indexOf(MARK, from); at !== -1; at = bytes.indexOf(MARK, at + 1)) {
      const rules = rulesOf(bytes, at);
      if (rules !== undefined) this.#add(base + at, rules, bytes, base);
    }
    // A comment at the very end may go on in the next chunk: it is read again then.
    this.#searched = Math.max(base, base + bytes.length - KEPT);
  }

  #add(at: number, rules: AllowedLine['rules'], bytes: Buffer, base: number): void {
    const before = bytes.lastIndexOf(LF, at - base);
    const start = before === -1 ? this.#lineStart : base + before + 1;
    const behind = bytes.indexOf(LF, at - base);
    const end = behind === -1 ? Number.POSITIVE_INFINITY : base + behind + 1;
    const last = this.#lines.at(-1);
    if (last?.start !== start) {
      this.#lines.push({ start, end, rules });
      return;
    }
    last.end = end;
    if (last.rules !== ALL) last.rules = rules === ALL ? ALL : new Set([...last.rules, ...rules]);
  }
}

/** What the comment at `at` allows; undefined when it is none. */
function rulesOf(bytes: Buffer, at: number): AllowedLine['rules'] | undefined {
  if (at > 0 && isNameByte(bytes[at - 1])) return undefined;
  let end = at + MARK.length;
  if (bytes[end] !== EQUALS) return end < bytes.length && isNameByte(bytes[end]) ? undefined : ALL;
  const start = ++end;
  while (end < bytes.length && (isIdByte(bytes[end]) || bytes[end] === COMMA)) end++;
  if (end < bytes.length && isNameByte(bytes[end])) return undefined;
  const ids = bytes.subarray(start, end).toString('latin1').split(',');
  return end - start <= LONGEST_LIST && ids.every((id) => id !== '') ? new Set(ids) : undefined;
}

const EQUALS = 0x3d;
const COMMA = 0x2c;
const HYPHEN = 0x2d;

function isIdByte(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === HYPHEN;
}

/** Bytes that make the mark a part of something else. */
function isNameByte(byte: number): boolean {
  return isIdByte(byte) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f || byte === 0x3a || byte === EQUALS;
}
