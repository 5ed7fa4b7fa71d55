/**
 * The texts logveil writes in place of values, and how it recognises its own. What an earlier run has written is
 * opaque to a later one: patterns see filler in its place, and no match may cover it. That makes redaction idempotent.
 */
import { SUBSTITUTE } from './utf8.ts';

const REDACTED = '[REDACTED:';
const WITHHELD = '[LOGVEIL: line withheld: ';
/** Hex digits of the fingerprint in a pseudonym: 40 bits keep a million values apart with p > 0.6. */
const PSEUDONYM_DIGITS = 10;

/** `[REDACTED:email]` */
export function redactedPlaceholder(rule: string): string {
  return `${REDACTED}${rule}]`;
}

/** `[email:3f9c2a71b0]` */
export function pseudonymPlaceholder(rule: string, fingerprint: string): string {
  return `[${rule}:${fingerprint.slice(0, PSEUDONYM_DIGITS)}]`;
}

/** `[LOGVEIL: line withheld: engine error]` */
export function withheldPlaceholder(reason: string): string {
  return `${WITHHELD}${reason}]`;
}

const OPEN = 0x5b;
const CLOSE = 0x5d;
const COLON = 0x3a;
const REDACTED_BYTES = Buffer.from(REDACTED);
const WITHHELD_BYTES = Buffer.from(WITHHELD);
const LONGEST_ID = 64;
/** Rule ids hold version and standard numbers of a few digits; separated ones (`078-05-1120`) count together. */
const HIDDEN_NUMBER = /\d(?:-?\d){4}/;
const LONGEST_REASON = 80;

/**
 * Finds the placeholders in a line.
 * @param ruleIds ids of the loaded rules; only theirs count as pseudonyms, since `[pid:1234567890]` is data
 * @returns flat pairs start, end in ascending order; empty when there are none
 */
export function findPlaceholders(line: Buffer, ruleIds: ReadonlySet<string>): number[] {
  const spans: number[] = [];
  let at = line.indexOf(OPEN);
  while (at !== -1) {
    const end = placeholderEnd(line, at, ruleIds);
    if (end > 0) spans.push(at, end);
    at = line.indexOf(OPEN, end > 0 ? end : at + 1);
  }
  return spans;
}

/** @returns a copy of the line with its placeholders filled, or the line itself when there are none */
export function fillSpans(line: Buffer, spans: readonly number[]): Buffer {
  if (spans.length === 0) return line;
  const copy = Buffer.from(line);
  for (let i = 0; i < spans.length; i += 2) copy.fill(SUBSTITUTE, spans[i], spans[i + 1]);
  return copy;
}

/** End of the placeholder that opens at `at`, 0 when none does. */
function placeholderEnd(line: Buffer, at: number, ruleIds: ReadonlySet<string>): number {
  if (startsWith(line, at, REDACTED_BYTES)) {
    const end = idEnd(line, at + REDACTED_BYTES.length);
    return line[end] === CLOSE && isRuleId(line, at + REDACTED_BYTES.length, end, ruleIds) ? end + 1 : 0;
  }
  if (startsWith(line, at, WITHHELD_BYTES)) {
    const end = reasonEnd(line, at + WITHHELD_BYTES.length);
    return line[end] === CLOSE ? end + 1 : 0;
  }
  const colon = idEnd(line, at + 1);
  const close = colon + 1 + PSEUDONYM_DIGITS;
  if (line[colon] !== COLON || line[close] !== CLOSE) return 0;
  for (let i = colon + 1; i < close; i++) if (!isLowerHex(line[i])) return 0;
  return ruleIds.has(line.toString('latin1', at + 1, colon)) ? close + 1 : 0;
}

/**
 * Whether `line[start, end)` is the id of a rule: of a loaded one, or, since another run may have used other rules, a
 * word that can be one. A run of digits in its place is data that hides there.
 */
function isRuleId(line: Buffer, start: number, end: number, ruleIds: ReadonlySet<string>): boolean {
  const id = line.toString('latin1', start, end);
  return ruleIds.has(id) || (/[a-z]/.test(id) && !HIDDEN_NUMBER.test(id));
}

function idEnd(line: Buffer, from: number): number {
  let at = from;
  while (at < line.length && at - from < LONGEST_ID && isIdByte(line[at])) at++;
  return at;
}

/** A reason is words; anything else in its place is data that hides there. */
function reasonEnd(line: Buffer, from: number): number {
  let at = from;
  while (at < line.length && at - from < LONGEST_REASON && isReasonByte(line[at] as number)) at++;
  return at;
}

function startsWith(line: Buffer, at: number, prefix: Buffer): boolean {
  return line.length - at >= prefix.length && prefix.compare(line, at, at + prefix.length) === 0;
}

function isIdByte(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d;
}

function isReasonByte(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || byte === 0x20;
}

function isLowerHex(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66);
}
