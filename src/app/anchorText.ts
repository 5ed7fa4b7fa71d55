/** What the kernel looks for before it tries a pattern, in words, and whether a text holds it. */
import { preparePattern, readPrepared } from '../kernel/prepare.ts';
import { readPreparedPatterns } from './preparedPatterns.ts';

type Anchor = NonNullable<ReturnType<typeof readPrepared>['anchor']>;
type ByteSet = Extract<Anchor, { kind: 'run' }>['set'];

/** An anchor as a person reads it. */
export interface AnchorText {
  readonly text: string;
  /** Whether many lines of a log hold it. */
  readonly isCommon: boolean;
  isIn(bytes: Buffer): boolean;
}

const MOST_NEEDLES = 4;
/** As for `rules cost`: a place in five hundred. */
const COMMON_CHANCE = 0.002;
let prepared: ReturnType<typeof readPreparedPatterns> | undefined;

/** @returns undefined for a pattern that is searched in every line, because there is nothing to look for */
export function anchorOf(source: string): AnchorText | undefined {
  // Analysing all patterns that ship takes seconds; the build has done it.
  prepared ??= readPreparedPatterns();
  const { anchor } = readPrepared(prepared[source] ?? preparePattern(source));
  if (anchor === undefined) return undefined;
  const isCommon = anchor.chance > COMMON_CHANCE;
  if (anchor.kind === 'run') {
    const { set, minLength } = anchor;
    const text = `${minLength} or more of ${classText(set)} in a row`;
    return { text, isCommon, isIn: (bytes) => hasRun(bytes, set, minLength) };
  }
  const { needles } = anchor;
  return {
    text: needlesText(needles),
    isCommon,
    isIn: (bytes) => needles.some((needle) => hasNeedle(bytes, needle)),
  };
}

/** The needles of ASCII first: others are rare spellings of the same letters, such as the Kelvin sign for a K. */
function needlesText(needles: readonly (readonly ByteSet[])[]): string {
  const isPlain = (needle: readonly ByteSet[]): boolean =>
    needle.every((set) => membersOf(set).some((byte) => byte < 0x80));
  const plain = needles.filter(isPlain);
  const all = plain.length > 0 ? plain : needles;
  const shown = all.slice(0, MOST_NEEDLES).map((needle) => `\`${needle.map(setText).join('')}\``);
  const more = all.length - shown.length;
  return `${shown.join(' or ')}${more > 0 ? ` or ${more} more` : ''}`;
}

function hasRun(bytes: Buffer, set: ByteSet, length: number): boolean {
  let run = 0;
  for (const byte of bytes) {
    run = set[byte] === 1 ? run + 1 : 0;
    if (run >= length) return true;
  }
  return false;
}

/** The edges of the text may stand for what the sets at the needle's ends ask for. */
function hasNeedle(bytes: Buffer, needle: readonly ByteSet[]): boolean {
  for (let at = -1; at <= bytes.length; at++) {
    const fits = needle.every((set, index) => {
      const place = at + index;
      return place < 0 || place >= bytes.length ? set[NEWLINE] === 1 : set[bytes[place]] === 1;
    });
    if (fits) return true;
  }
  return false;
}

const NEWLINE = 0x0a;

/** One byte of a needle: the letter itself where case is all that differs, else a class. */
function setText(set: ByteSet): string {
  const all = membersOf(set);
  const ascii = all.filter((byte) => byte < 0x80);
  const members = ascii.length > 0 && ascii.length < 3 ? ascii : all;
  const [first, second] = members;
  if (members.length === 1) return byteText(first);
  if (members.length === 2 && (first ^ second) === 0x20 && /[a-z]/i.test(String.fromCharCode(first)))
    return String.fromCharCode(second);
  return classText(set);
}

function membersOf(set: ByteSet): number[] {
  return [...set.keys()].filter((byte) => set[byte] === 1);
}

function byteText(byte: number): string {
  return byte > 0x20 && byte < 0x7f && byte !== 0x60
    ? String.fromCharCode(byte)
    : `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** `[0-9a-f]`; what most bytes belong to is told by what does not. */
function classText(set: ByteSet): string {
  const members = membersOf(set);
  if (members.length === 256) return '[any byte]';
  if (members.length > 128) return `[^${rangesText(set.map((value) => 1 - value))}]`;
  return `[${rangesText(set)}]`;
}

function rangesText(set: ByteSet): string {
  const parts: string[] = [];
  for (let from = 0; from < 256; from++) {
    if (set[from] !== 1) continue;
    let to = from;
    while (to < 255 && set[to + 1] === 1) to++;
    parts.push(
      to - from < 2 ? [...new Set([from, to])].map(byteText).join('') : `${byteText(from)}-${byteText(to)}`,
    );
    from = to;
  }
  return parts.join('');
}
