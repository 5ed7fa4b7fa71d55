import { DASH, DOT, isDigit, isLetter, SLASH, SPACE, toLower } from './bytes.ts';

/** Longest identification number there is a check for, without separators: the machine-readable line of a passport. */
const MAX_CODE = 48;

/**
 * Digits (0 to 9) and letters (A is 10, Z is 35, case ignored) of the range read last, separators left out. Every
 * `readCode` overwrites it, so a validator reads, judges and returns; nothing is kept between two calls.
 */
export const code = new Uint8Array(MAX_CODE);

/** A letter's value in `code`: `letter('A')` is 10. */
export function letter(character: string): number {
  return character.charCodeAt(0) - 0x37;
}

/** What people and forms put between the groups of an identification number. */
function isSeparator(byte: number): boolean {
  return byte === SPACE || byte === DASH || byte === DOT || byte === SLASH;
}

/**
 * Reads `[start, end)` into `code`.
 * @returns how many digits and letters it holds, or -1 for any other byte and for more than fit
 */
export function readCode(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (isSeparator(byte)) continue;
    if (count === MAX_CODE) return -1;
    if (isDigit(byte)) code[count++] = byte - 0x30;
    else if (isLetter(byte)) code[count++] = toLower(byte) - 0x57;
    else return -1;
  }
  return count;
}

/** True when the range holds exactly `count` digits and, beside separators, nothing else; they are in `code` then. */
export function readDigits(bytes: Uint8Array, start: number, end: number, count: number): boolean {
  return readCode(bytes, start, end) === count && areDigits(0, count);
}

/** True when `code[from, to)` is digits only. */
export function areDigits(from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (code[i] > 9) return false;
  return true;
}

/** True when `code[from, to)` is letters only. */
export function areLetters(from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (code[i] < 10) return false;
  return true;
}

/** True when `code[from, to)` is one digit throughout, as fillers and test data are. */
export function isRepeated(from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++) if (code[i] !== code[from]) return false;
  return true;
}

/** The number that the digits `code[from, to)` write; at most 15 digits, so that it is exact. */
export function numberAt(from: number, to: number): number {
  let number = 0;
  for (let i = from; i < to; i++) number = number * 10 + code[i];
  return number;
}

/**
 * The sum of `code` times the weights, place by place.
 * @param from place of the first weight
 */
export function weighted(weights: readonly number[], from = 0): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += code[from + i] * weights[i];
  return sum;
}

/** True when `code[from, to)` ends in the check digit of Luhn (ISO/IEC 7812-1, annex B). */
export function isLuhn(from: number, to: number): boolean {
  let sum = 0;
  for (let i = to - 1, second = false; i >= from; i--, second = !second) {
    const value = second ? code[i] * 2 : code[i];
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/** True when the digits `code[from, to)` end in the check digit of ISO/IEC 7064, MOD 11,10. */
export function isMod11Pure10(from: number, to: number): boolean {
  let check = 5;
  for (let i = from; i < to; i++) check = ((((check || 10) * 2) % 11) + code[i]) % 10;
  return check === 1;
}

/** Products in the dihedral group D5, at `10 * a + b`. */
const D5 = Uint8Array.from(
  '0123456789123406789523401789563401289567401239567859876043216598710432765982104387659321049876543210',
  Number,
);
/** The permutation of each place, which repeats after eight. */
const PLACES = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
];
const PERMUTATIONS = Uint8Array.from([...PLACES, '7046913258'].join(''), Number);

/**
 * Verhoeff's check, which notices every wrong digit and every swap of neighbours.
 * J. Verhoeff, Error Detecting Decimal Codes, Mathematical Centre Tract 29, 1969.
 * @param end place behind the check digit; digits are `code[from, end)`
 */
export function isVerhoeff(from: number, end: number): boolean {
  let check = 0;
  for (let i = end - 1, place = 0; i >= from; i--, place = (place + 1) % 8) {
    check = D5[10 * check + PERMUTATIONS[10 * place + code[i]]];
  }
  return check === 0;
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * True for a day of the Gregorian calendar.
 * @param year as a full year; of a year in two digits pass `2000 + yy`, which has the 29 February that 1900 lacks
 */
export function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= MONTH_DAYS[month - 1] + (leap ? 1 : 0);
}

/** True when the six digits from `at` are a date as YYMMDD; the century is unknown. */
export function isYymmdd(at: number): boolean {
  return isDate(2000 + numberAt(at, at + 2), numberAt(at + 2, at + 4), numberAt(at + 4, at + 6));
}

/** True when the six digits from `at` are a date as DDMMYY; the century is unknown. */
export function isDdmmyy(at: number): boolean {
  return isDate(2000 + numberAt(at + 4, at + 6), numberAt(at + 2, at + 4), numberAt(at, at + 2));
}
