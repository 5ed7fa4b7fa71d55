/** Brings a line to its explanation: what the whole pipeline finds in its input, and the line's own bytes. */
import type { Finding } from '../findings/finding.ts';
import { openFile, readInput } from '../sources/input.ts';
import type { Redaction } from './redaction.ts';

/** A line of an input, with the findings that touch it. */
export interface FoundLine {
  /** Counts from 1. */
  readonly number: number;
  /** Without its line end; cut where it is longer than a line that is looked at whole. */
  readonly bytes: Buffer;
  /** Of its first byte in the input. */
  readonly offset: number;
  readonly findings: readonly Finding[];
}

/** A multi-line value that begins in the line is followed this far, in bytes: the most a rule may hold back. */
const BEHIND_BYTES = 1024 * 1024;
const LF = 0x0a;
const CR = 0x0d;

/** All lines of a text. */
export function linesOf(redaction: Redaction, text: Buffer): FoundLine[] {
  const findings: Finding[] = [];
  const stream = redaction.openStream(
    () => 'text',
    (finding) => findings.push(finding),
  );
  stream.push(text);
  stream.end();
  const lines: FoundLine[] = [];
  for (let at = 0, number = 1; at < text.length; number++) {
    const found = text.indexOf(LF, at);
    const end = found === -1 ? text.length : found;
    lines.push({ number, bytes: withoutCr(text.subarray(at, end)), offset: at, findings });
    at = end + 1;
  }
  return lines;
}

/**
 * One line of a file, which is read up to there and as far behind as a value that begins there may go on.
 * @returns undefined when the file has fewer lines
 * @throws UnreadableInput
 */
export async function lineOf(
  redaction: Redaction,
  path: string,
  wanted: number,
): Promise<FoundLine | undefined> {
  const { maxLineBytes } = redaction.settings;
  const search = new LineSearch(wanted, maxLineBytes);
  const findings: Finding[] = [];
  const stream = redaction.openStream(
    () => path,
    (finding) => {
      if (search.offset !== undefined && finding.offset + finding.length > search.offset)
        findings.push(finding);
    },
  );
  const stop = new AbortController();
  for await (const chunk of readInput(path, openFile(path), stop.signal)) {
    const bytes = chunk as Buffer;
    search.push(bytes);
    stream.push(bytes);
    if (search.isDone && search.bytesBehind > BEHIND_BYTES) break;
  }
  stream.end();
  if (search.offset === undefined) return undefined;
  return { number: wanted, bytes: withoutCr(search.line()), offset: search.offset, findings };
}

/** Finds where a line is, and keeps it. */
class LineSearch {
  /** Of the line's first byte; undefined until it is reached. */
  offset: number | undefined;
  isDone = false;
  bytesBehind = 0;
  readonly #wanted: number;
  readonly #maxBytes: number;
  readonly #pieces: Buffer[] = [];
  #line = 1;
  #position = 0;
  #kept = 0;

  constructor(wanted: number, maxBytes: number) {
    this.#wanted = wanted;
    this.#maxBytes = maxBytes;
  }

  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && this.#line < this.#wanted) {
      const found = bytes.indexOf(LF, at);
      if (found !== -1) this.#line++;
      at = found === -1 ? bytes.length : found + 1;
    }
    if (this.#line === this.#wanted && at < bytes.length) {
      this.offset ??= this.#position + at;
      if (this.isDone) {
        this.bytesBehind += bytes.length - at;
      } else {
        const found = bytes.indexOf(LF, at);
        const end = found === -1 ? bytes.length : found;
        this.#keep(bytes.subarray(at, Math.min(end, at + this.#maxBytes - this.#kept)));
        this.isDone = found !== -1;
        this.bytesBehind = bytes.length - end;
      }
    }
    this.#position += bytes.length;
  }

  line(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(Buffer.from(piece));
    this.#kept += piece.length;
  }
}

function withoutCr(line: Buffer): Buffer {
  return line.length > 0 && line[line.length - 1] === CR ? line.subarray(0, -1) : line;
}
