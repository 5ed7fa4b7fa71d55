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
/** Rule ids with commas between, in bytes; a longer list is none. */
const LONGEST_LIST = 1024;
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
  /** Bytes that are searched again with the next ones: where a comment may have begun, and one before. */
  #kept: Buffer = Buffer.alloc(0);
  /** Of the first byte of the next chunk, in the source. */
  #offset = 0;
  /** Begin of the line that the next chunk goes on with. */
  #lineStart = 0;
  /** Comments before this offset have been read. */
  #searched = 0;

  /** A new source begins. @param offset of the first byte that will be taken, which begins a line */
  begin(offset = 0): void {
    this.#lines = [];
    this.#kept = Buffer.alloc(0);
    this.#offset = offset;
    this.#lineStart = offset;
    this.#searched = offset;
  }

  /** Takes the next bytes of the source, before they are searched for findings; keeps no reference to them. */
  push(chunk: Buffer): void {
    const last = this.#lines.at(-1);
    const firstEnd = last?.end === OPEN ? chunk.indexOf(LF) : -1;
    if (last !== undefined && firstEnd !== -1) last.end = this.#offset + firstEnd + 1;
    this.#search(this.#kept.length === 0 ? chunk : Buffer.concat([this.#kept, chunk]), false);
    const lastEnd = chunk.lastIndexOf(LF);
    if (lastEnd !== -1) this.#lineStart = this.#offset + lastEnd + 1;
    this.#offset += chunk.length;
    if (this.#lines.length > MOST_LINES) this.#lines = this.#lines.slice(-MOST_LINES);
  }

  /** The source has ended: what stands at its very end is a comment or none. */
  end(): void {
    this.#search(this.#kept, true);
  }

  /** Whether a comment covers what the rule has found at the offset. */
  covers(offset: number, rule: string): boolean {
    let low = 0;
    let high = this.#lines.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#lines[middle] as AllowedLine).end <= offset) low = middle + 1;
      else high = middle;
    }
    const line = this.#lines[low];
    if (line === undefined || offset < line.start) return false;
    return line.rules === ALL || line.rules.has(rule);
  }

  /** @param bytes what was kept, and the next chunk behind it */
  #search(bytes: Buffer, isEnd: boolean): void {
    const base = this.#offset - this.#kept.length;
    let start = this.#lineStart;
    let lineEnd = bytes.indexOf(LF);
    let from = this.#searched - base;
    for (;;) {
      const at = bytes.indexOf(MARK, from);
      if (at === -1) {
        // The mark itself may be cut.
        from = Math.max(from, bytes.length - MARK.length + 1);
        break;
      }
      const end = endOfComment(bytes, at);
      if (end === bytes.length && !isEnd && end - at <= MARK.length + LONGEST_LIST) {
        from = at;
        break;
      }
      for (; lineEnd !== -1 && lineEnd < at; lineEnd = bytes.indexOf(LF, lineEnd + 1))
        start = base + lineEnd + 1;
      const rules = rulesOf(bytes, at, end);
      if (rules !== undefined) this.#add(start, lineEnd === -1 ? OPEN : base + lineEnd + 1, rules);
      from = end;
    }
    this.#searched = base + from;
    this.#kept = Buffer.from(bytes.subarray(Math.max(0, from - 1)));
  }

  #add(start: number, end: number, rules: AllowedLine['rules']): void {
    const last = this.#lines.at(-1);
    if (last?.start !== start) this.#lines.push({ start, end, rules });
    else if (last.rules !== ALL) last.rules = rules === ALL ? ALL : new Set([...last.rules, ...rules]);
  }
}

/** End of a line whose end was not seen. */
const OPEN = Number.POSITIVE_INFINITY;
const EQUALS = 0x3d;
const COMMA = 0x2c;
const HYPHEN = 0x2d;

/** Where what can belong to the comment at `at` ends. */
function endOfComment(bytes: Buffer, at: number): number {
  let end = at + MARK.length;
  if (bytes[end] === EQUALS) end++;
  else return end;
  while (end < bytes.length && (isIdByte(bytes[end]) || bytes[end] === COMMA)) end++;
  return end;
}

/** What the comment in [at, end) allows; undefined when it is none, or can't be read. */
function rulesOf(bytes: Buffer, at: number, end: number): AllowedLine['rules'] | undefined {
  if (at > 0 && isNameByte(bytes[at - 1])) return undefined;
  if (end < bytes.length && isNameByte(bytes[end])) return undefined;
  const start = at + MARK.length;
  if (start === end) return ALL;
  const ids = bytes
    .subarray(start + 1, end)
    .toString('latin1')
    .split(',');
  return end - start <= LONGEST_LIST && ids.every((id) => id !== '') ? new Set(ids) : undefined;
}

function isIdByte(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === HYPHEN;
}

/** Bytes that make the mark a part of something else. */
function isNameByte(byte: number): boolean {
  return (
    isIdByte(byte) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f || byte === 0x3a || byte === EQUALS
  );
}
