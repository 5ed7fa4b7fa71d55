/**
 * Members of RE2's Unicode classes (\p{Greek}, \pL). They are asked from RE2 itself over all code points, once a class
 * and process, so they agree with RE2's Unicode version by construction. It takes some 20 ms and happens only for a
 * pattern that names such a class.
 */
import RE2 from 're2';
import { MAX_RUNE, type Ranges } from './ranges.ts';

const SURROGATE_FIRST = 0xd800;
const SURROGATE_LAST = 0xdfff;

const known = new Map<string, Ranges>();
let everyone: Buffer | undefined;
let starts: Int32Array | undefined;

/**
 * The class as ranges of code points, surrogates left out (valid UTF-8 holds none).
 * @param name as between the braces, without ^
 * @throws SyntaxError when RE2 knows no such class
 */
export function unicodeClass(name: string): Ranges {
  const found = known.get(name);
  if (found !== undefined) return found;
  const regex = new RE2(`\\p{${name}}+`, 'gu');
  const { text, offsets } = allCodePoints();
  const out: number[] = [];
  regex.lastIndex = 0;
  for (let match = regex.exec(text); match !== null; match = regex.exec(text)) {
    const lo = runeAt(offsets, match.index);
    const hi = runeAt(offsets, regex.lastIndex) - 1;
    // The text jumps over the surrogates; a run over that gap is two ranges.
    if (lo < SURROGATE_FIRST && hi > SURROGATE_LAST)
      out.push(lo, SURROGATE_FIRST - 1, SURROGATE_LAST + 1, hi);
    else out.push(lo, hi === SURROGATE_LAST ? SURROGATE_FIRST - 1 : hi);
  }
  known.set(name, out);
  return out;
}

/** Byte offsets of the four UTF-8 lengths' first code points tell the code point from its offset by arithmetic. */
function runeAt(offsets: Int32Array, offset: number): number {
  const [two, three, gap, four] = offsets as unknown as [number, number, number, number];
  if (offset < two) return offset;
  if (offset < three) return 0x80 + (offset - two) / 2;
  if (offset < gap) return 0x800 + (offset - three) / 3;
  if (offset < four) return SURROGATE_LAST + 1 + (offset - gap) / 3;
  return 0x10000 + (offset - four) / 4;
}

function allCodePoints(): { text: Buffer; offsets: Int32Array } {
  if (everyone === undefined || starts === undefined) {
    const two = 0x80;
    const three = two + (0x800 - 0x80) * 2;
    const gap = three + (SURROGATE_FIRST - 0x800) * 3;
    const four = gap + (0x10000 - SURROGATE_LAST - 1) * 3;
    const bytes = Buffer.alloc(four + (MAX_RUNE + 1 - 0x10000) * 4);
    let at = 0;
    for (let rune = 0; rune <= MAX_RUNE; rune++) {
      if (rune === SURROGATE_FIRST) rune = SURROGATE_LAST + 1;
      if (rune < 0x80) bytes[at++] = rune;
      else if (rune < 0x800) {
        bytes[at++] = 0xc0 | (rune >> 6);
        bytes[at++] = 0x80 | (rune & 63);
      } else if (rune < 0x10000) {
        bytes[at++] = 0xe0 | (rune >> 12);
        bytes[at++] = 0x80 | ((rune >> 6) & 63);
        bytes[at++] = 0x80 | (rune & 63);
      } else {
        bytes[at++] = 0xf0 | (rune >> 18);
        bytes[at++] = 0x80 | ((rune >> 12) & 63);
        bytes[at++] = 0x80 | ((rune >> 6) & 63);
        bytes[at++] = 0x80 | (rune & 63);
      }
    }
    everyone = bytes;
    starts = Int32Array.of(two, three, gap, four);
  }
  return { text: everyone, offsets: starts };
}

/** Gives the 4.4 MB of text for asking back; called when all patterns of a set are compiled. */
export function releaseUnicodeText(): void {
  everyone = undefined;
  starts = undefined;
}
