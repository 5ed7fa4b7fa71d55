import { DASH, isAlphanumeric, isLetter, textOf, toLower } from './bytes.ts';
import { domains } from './lazy.ts';

/**
 * Verdicts on the labels seen so far, so that the common ones cost no string. A label of at most six ASCII letters
 * is a number in base 27 below 2^31, which makes the comparison exact; a slot is simply overwritten on a collision.
 */
const SLOTS = 1024;
const PACKED_LETTERS = 6;
const packedLabels = new Int32Array(SLOTS);
const verdicts = new Uint8Array(SLOTS);

/**
 * Reserved by RFC 2606 for examples and tests. They are in no registry, yet they stand where real names would, and a
 * deployment that checks itself with `jane@shop.example` must see it redacted.
 */
const RESERVED_FOR_TESTS: ReadonlySet<string> = new Set(['example', 'test']);

/** The label as a base-27 number, or 0 when it is too long or holds more than ASCII letters. */
function pack(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > PACKED_LETTERS) return 0;
  let packed = 0;
  for (let i = start; i < end; i++) {
    if (!isLetter(bytes[i])) return 0;
    packed = packed * 27 + (toLower(bytes[i]) - 0x60);
  }
  return packed;
}

function lookUp(bytes: Uint8Array, start: number, end: number): boolean {
  const label = textOf(bytes, start, end, 'utf8').toLowerCase();
  if (RESERVED_FOR_TESTS.has(label)) return true;
  // A suffix rule can be a wildcard (`*.ck`), so the label is asked for with names before it.
  return domains().parse(`a.b.${label}`, { allowPrivateDomains: false }).isIcann === true;
}

/**
 * True when `[start, end)` is a top-level domain in the ICANN section of the public suffix list
 * (https://publicsuffix.org), in ASCII, punycode or UTF-8, or one of `.example` and `.test`.
 */
export function isTopLevelDomain(bytes: Uint8Array, start: number, end: number): boolean {
  // A label has at most 63 bytes (RFC 1035); UTF-8 needs more of them for the same label.
  if (end - start < 2 || end - start > 255) return false;
  for (let i = start; i < end; i++) {
    if (bytes[i] < 0x80 && !isAlphanumeric(bytes[i]) && bytes[i] !== DASH) return false;
  }
  const packed = pack(bytes, start, end);
  if (packed === 0) return lookUp(bytes, start, end);
  const slot = packed % SLOTS;
  if (packedLabels[slot] !== packed) {
    verdicts[slot] = lookUp(bytes, start, end) ? 1 : 0;
    packedLabels[slot] = packed;
  }
  return verdicts[slot] === 1;
}
