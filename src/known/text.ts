/** The marks of files that people keep secrets in, read as bytes: no value becomes a string. */
export const LF = 0x0a;
const CR = 0x0d;
export const DOUBLE_QUOTE = 0x22;
export const HASH = 0x23;
export const SINGLE_QUOTE = 0x27;
const BACKSLASH = 0x5c;

/** Of the line break behind `from`, or of the bytes' end. */
export function lineEnd(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(LF, from);
  return end === -1 ? bytes.length : end;
}

/** @param at of the opening quote
 * @returns -1 for none */
export function closingQuote(bytes: Buffer, at: number, quote: number): number {
  for (let i = at + 1; i < bytes.length; i++) {
    if (bytes[i] === BACKSLASH && quote === DOUBLE_QUOTE) i++;
    else if (bytes[i] === quote) return i;
  }
  return -1;
}

/** What double quotes hold in a dotenv file: `\n`, `\r`, `\"` and `\\` are escapes. */
export function unescaped(bytes: Buffer): Buffer {
  const text = Buffer.alloc(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const next = bytes[i] === BACKSLASH ? bytes[i + 1] : undefined;
    const meaning =
      next === 0x6e ? LF : next === 0x72 ? CR : next === DOUBLE_QUOTE || next === BACKSLASH ? next : 0;
    if (meaning !== 0) i++;
    text[length++] = meaning === 0 ? (bytes[i] as number) : meaning;
  }
  return text.subarray(0, length);
}

/** Without white space around; no copy. */
export function trimmed(bytes: Buffer): Buffer {
  let start = 0;
  let end = bytes.length;
  while (start < end && isBlank(bytes[start] as number)) start++;
  while (end > start && isBlank(bytes[end - 1] as number)) end--;
  return bytes.subarray(start, end);
}

export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === CR || byte === LF;
}

export function startsWith(bytes: Buffer, prefix: Buffer): boolean {
  return bytes.length >= prefix.length && prefix.compare(bytes, 0, prefix.length) === 0;
}
