/** What a line around a finding tells: when it was written, by which service, on which host. */
import type { Finding } from '../findings/finding.ts';
import type { History } from './history.ts';
import { dayOf, isTime, lineTime, mayTellTime, syslogHost, TIME_PREFIX_BYTES } from './lineTime.ts';
import { NO_DAY, type ScanOptions } from './scan.ts';

/** Lines without a time (a stack trace) belong to one above: so far it is looked for, in bytes and lines. */
export const LOOK_BACK_BYTES = 16 * 1024;
const LOOK_BACK_LINES = 100;
/** So much of a line is searched for fields, in bytes. */
const FIELD_BYTES = 16 * 1024;
const NAME = /^[\w.@:/-]{1,100}$/;
/** Names that were judged. */
const MOST_NAMES = 4096;

export interface Line {
  readonly timeMs: number | undefined;
  readonly day: string;
  readonly datedBy: 'line' | 'file' | 'none';
  readonly service: string;
  /** Empty when the line does not tell. */
  readonly host: string;
}

export class LineFacts {
  readonly #history: History;
  readonly #isHarmless: (name: string) => boolean;
  readonly #names = new Map<string, boolean>();
  readonly #fields: { readonly service: RegExp | undefined; readonly host: RegExp | undefined };
  #modifiedMs = 0;
  #service = '';
  #fileDay = NO_DAY;
  #lineStart = -1;
  #line: Line | undefined;
  /** Lines in a row that are known to tell no time: begin of the first and of the last, and how many. */
  #timeless = { first: -1, last: -1, lines: 0 };

  constructor(history: History, options: ScanOptions, isHarmless: (name: string) => boolean) {
    this.#history = history;
    this.#isHarmless = isHarmless;
    this.#fields = { service: fieldPattern(options.serviceField), host: fieldPattern(options.hostField) };
  }

  begin(source: { readonly service: string; readonly modifiedMs: number }): void {
    this.#modifiedMs = source.modifiedMs;
    this.#service = source.service;
    this.#fileDay = isTime(source.modifiedMs) ? dayOf(source.modifiedMs) : NO_DAY;
    this.#lineStart = -1;
    this.#timeless = { first: -1, last: -1, lines: 0 };
  }

  /**
   * @param lineStart offset of the line
   * @param near the findings in it: a name that one covers is not told
   */
  of(lineStart: number, near: readonly Finding[]): Line {
    if (lineStart === this.#lineStart && this.#line !== undefined) return this.#line;
    this.#lineStart = lineStart;
    const timeMs = this.#timeAt(lineStart);
    this.#line = {
      timeMs,
      day: timeMs === undefined ? this.#fileDay : dayOf(timeMs),
      datedBy: timeMs !== undefined ? 'line' : this.#fileDay === NO_DAY ? 'none' : 'file',
      service: this.#field(this.#fields.service, lineStart, near) ?? this.#service,
      host: this.#field(this.#fields.host, lineStart, near) ?? this.#syslogHost(lineStart, near) ?? '',
    };
    return this.#line;
  }

  /** Of the line, or of the nearest above that tells one; lines that told none before are not looked at again. */
  #timeAt(lineStart: number): number | undefined {
    let start: number | undefined = lineStart;
    let first = lineStart;
    let lines = 0;
    let time: number | undefined;
    while (start !== undefined && lines < LOOK_BACK_LINES) {
      const known = this.#timeless;
      if (start === known.last) {
        lines += known.lines;
        first = known.first;
        // Farther up than is looked, or than would have been looked for one of them.
        if (lines >= LOOK_BACK_LINES || first <= lineStart - LOOK_BACK_BYTES) break;
      } else {
        time = this.#ownTime(start);
        if (time !== undefined) break;
        lines++;
        first = start;
      }
      start = this.#history.lineBefore(first, LOOK_BACK_BYTES - (lineStart - first));
    }
    if (lines > 0) this.#timeless = { first, last: lineStart, lines };
    return time;
  }

  #ownTime(lineStart: number): number | undefined {
    const bytes = this.#prefixBytes(lineStart);
    return mayTellTime(bytes) ? lineTime(bytes.toString('latin1'), this.#modifiedMs) : undefined;
  }

  /** The line's first bytes, without what is behind its end. */
  #prefixBytes(lineStart: number): Buffer {
    const bytes = this.#history.from(lineStart, TIME_PREFIX_BYTES) ?? NOTHING;
    const end = bytes.indexOf(LF);
    return end === -1 ? bytes : bytes.subarray(0, end);
  }

  #field(pattern: RegExp | undefined, lineStart: number, near: readonly Finding[]): string | undefined {
    if (pattern === undefined) return undefined;
    const end = this.#history.lineEnd(lineStart, FIELD_BYTES);
    const bytes = this.#history.from(lineStart, end === undefined ? FIELD_BYTES : end - lineStart);
    const match = bytes === undefined ? null : pattern.exec(bytes.toString('latin1'));
    const name = match?.[1] ?? match?.[2];
    if (match === null || name === undefined) return undefined;
    return this.#told(name, lineStart + match.index, lineStart + match.index + match[0].length, near);
  }

  #syslogHost(lineStart: number, near: readonly Finding[]): string | undefined {
    const host = syslogHost(this.#prefixBytes(lineStart).toString('latin1'));
    if (host === undefined) return undefined;
    const start = lineStart + host.at;
    return this.#told(host.name, start, start + host.name.length, near);
  }

  /** A name that a finding touches, or in which something would be found, stays in the line. */
  #told(name: string, start: number, end: number, near: readonly Finding[]): string | undefined {
    if (!NAME.test(name)) return undefined;
    if (near.some(({ offset, length }) => offset < end && offset + length > start)) return undefined;
    let isHarmless = this.#names.get(name);
    if (isHarmless === undefined) {
      isHarmless = this.#isHarmless(name);
      if (this.#names.size >= MOST_NAMES) this.#names.clear();
      this.#names.set(name, isHarmless);
    }
    return isHarmless ? name : undefined;
  }
}

const LF = 0x0a;
const NOTHING = Buffer.alloc(0);

/** `"name":"value"`, `name=value`, `name="value"`; the name as given, at any depth. */
function fieldPattern(name: string | undefined): RegExp | undefined {
  if (name === undefined) return undefined;
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`"${escaped}"\\s*:\\s*"([^"\\\\]{1,100})"|(?<![\\w.])${escaped}="?([^\\s"]{1,100})`);
}
