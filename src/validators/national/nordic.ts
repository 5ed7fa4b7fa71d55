/** Denmark, Finland, Iceland, Norway, Sweden. */
import {
  areDigits,
  code,
  isDate,
  isDdmmyy,
  isLuhn,
  numberAt,
  readCode,
  readDigits,
  weighted,
} from '../code.ts';
import type { Validator } from '../validator.ts';

/**
 * Danish CPR number: date of birth as DDMMYY and four digits. Its check digit has been given up: since 2007 numbers
 * are issued that fail it. Source: CPR-kontoret, Personnummeret i CPR-systemet.
 */
export const dkCpr: Validator = (bytes, start, end) =>
  readDigits(bytes, start, end, 10) && isDdmmyy(0) && numberAt(6, 10) > 0;

const FI_CHECK = '0123456789ABCDEFHJKLMNPRSTUVWXY';
const FI_CENTURIES = '+-ABCDEFYXWVU';

/**
 * Finnish personal identity code: DDMMYY, a sign for the century, three digits, check character (mod 31). Numbers from
 * 900 are temporary. Source: Digital and Population Data Services Agency; signs since 2023 by Act 128/2022.
 */
export const fiHetu: Validator = (bytes, start, end) => {
  if (end - start !== 11) return false;
  const sign = String.fromCharCode(bytes[start + 6]).toUpperCase();
  return FI_CENTURIES.includes(sign) && hasFinnishCheck(bytes, start, end);
};

/** The date and the check character of a code whose form is right. */
function hasFinnishCheck(bytes: Uint8Array, start: number, end: number): boolean {
  if (readCode(bytes, start, start + 6) !== 6 || !areDigits(0, 6) || !isDdmmyy(0)) return false;
  const date = numberAt(0, 6);
  if (readCode(bytes, start + 7, end) !== 4 || !areDigits(0, 3)) return false;
  const serial = numberAt(0, 3);
  const check = code[3] < 10 ? String(code[3]) : String.fromCharCode(0x37 + code[3]);
  return serial >= 2 && FI_CHECK[(date * 1000 + serial) % 31] === check;
}

/**
 * Icelandic kennitala: DDMMYY (day plus 40 for organisations), two digits, check digit, century.
 * Source: Registers Iceland (Þjóðskrá), about the ID number.
 */
export const isKennitala: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 10)) return false;
  const day = numberAt(0, 2);
  if (!isDate(2000 + numberAt(4, 6), numberAt(2, 4), day > 40 ? day - 40 : day)) return false;
  const century = code[9];
  if (century !== 0 && century !== 8 && century !== 9) return false;
  return (11 - (weighted([3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === code[8];
};

/**
 * Norwegian birth number, D-number (day plus 40) and H-number (month plus 40): date, three digits, two check digits.
 * Source: Skatteetaten, fødselsnummer; weights in forskrift til folkeregisterloven § 2-2-1.
 */
export const noFnr: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 11)) return false;
  const day = numberAt(0, 2);
  const month = numberAt(2, 4);
  if (!isDate(2000 + numberAt(4, 6), month > 40 ? month - 40 : month, day > 40 ? day - 40 : day))
    return false;
  const first = (11 - (weighted([3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11)) % 11;
  const second = (11 - (weighted([5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
  return first === code[9] && second === code[10];
};

/**
 * Norwegian bank account: eleven digits with a check digit mod 11.
 * Source: Finans Norge, Kontonummer (standard of the Norwegian banks).
 */
export const noAccount: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 11)) return false;
  return (11 - (weighted([5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === code[10];
};

/** Reads ten or twelve digits; @returns where the ten begin, or -1. */
function swedishTen(bytes: Uint8Array, start: number, end: number): number {
  // A plus in place of the dash tells that the person is over a hundred.
  let stop = end;
  let count = -1;
  for (let i = start; i < end; i++) if (bytes[i] === 0x2b) stop = i;
  if (stop === end) count = readCode(bytes, start, end);
  else {
    if (end - stop !== 5 || readCode(bytes, stop + 1, end) !== 4) return -1;
    const tail = numberAt(0, 4);
    const head = readCode(bytes, start, stop);
    if (head !== 6 && head !== 8) return -1;
    for (let i = 3, rest = tail; i >= 0; i--, rest = Math.floor(rest / 10)) code[head + i] = rest % 10;
    count = head + 4;
  }
  if ((count !== 10 && count !== 12) || !areDigits(0, count)) return -1;
  return count - 10;
}

/**
 * Swedish personal identity number and coordination number (day plus 60), in ten or twelve digits: the date, three
 * digits, and the Luhn digit of the last ten. Source: Skatteverket, SKV 704; folkbokföringslagen (1991:481) § 18.
 */
export const sePersonnummer: Validator = (bytes, start, end) => {
  const at = swedishTen(bytes, start, end);
  if (at === -1) return false;
  if (at === 2 && (numberAt(0, 2) < 18 || numberAt(0, 2) > 20)) return false;
  const day = numberAt(at + 4, at + 6);
  if (!isDate(2000 + numberAt(at, at + 2), numberAt(at + 2, at + 4), day > 60 ? day - 60 : day)) return false;
  return isLuhn(at, at + 10);
};

/**
 * Swedish organisation number, which sole traders' and associations' records carry: third digit from 2 up, so that no
 * date comes of it, and a Luhn digit. Source: Skatteverket, SKV 709.
 */
export const seOrganisation: Validator = (bytes, start, end) =>
  readDigits(bytes, start, end, 10) && code[2] >= 2 && code[0] > 0 && isLuhn(0, 10);

/** Finnish business id, which sole traders have: seven digits and a check digit mod 11. Source: ytj.fi, PRH. */
export const fiBusinessId: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 8)) return false;
  const rest = weighted([7, 9, 10, 5, 8, 4, 2]) % 11;
  return rest !== 1 && (rest === 0 ? 0 : 11 - rest) === code[7];
};
