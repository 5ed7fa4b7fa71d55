/** Italy, Malta, Greece, Cyprus. */
import {
  areDigits,
  areLetters,
  code,
  isDdmmyy,
  isLuhn,
  letter,
  numberAt,
  readCode,
  readDigits,
  weighted,
} from '../code.ts';
import type { Validator } from '../validator.ts';

/** What a character at an odd place counts, by its value: a digit as the letter of the same rank. */
const CF_ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
/** Letters in place of digits where two people would share a code (omocodia). */
const CF_DIGITS = 'LMNPQRSTUV';
const CF_MONTHS = 'ABCDEHLMPRST';
const CF_DIGIT_PLACES = [6, 7, 9, 10, 12, 13, 14];

/** The rank of a character of a codice fiscale: 0 to 9 for digits, 0 to 25 for letters. */
function cfRank(value: number): number {
  return value < 10 ? value : value - 10;
}

/** The digit at a place, which may be written as a letter; -1 for any other. */
function cfDigit(at: number): number {
  if (code[at] < 10) return code[at];
  return CF_DIGITS.indexOf(String.fromCharCode(0x37 + code[at]));
}

/**
 * Italian codice fiscale: name, year, month, day (plus 40 for women), place of birth, check letter.
 * Source: Decreto del Ministro delle Finanze 23 dicembre 1976, n. 345; omocodia by Agenzia delle Entrate.
 */
export const itFiscalCode: Validator = (bytes, start, end) => {
  if (readCode(bytes, start, end) !== 16 || !areLetters(0, 6) || code[11] < 10 || code[15] < 10) return false;
  for (const at of CF_DIGIT_PLACES) if (cfDigit(at) < 0) return false;
  if (code[8] < 10 || !CF_MONTHS.includes(String.fromCharCode(0x37 + code[8]))) return false;
  const day = cfDigit(9) * 10 + cfDigit(10);
  if (day < 1 || day > 71 || (day > 31 && day < 41)) return false;
  let sum = 0;
  for (let i = 0; i < 15; i++) sum += i % 2 === 0 ? CF_ODD[cfRank(code[i])] : cfRank(code[i]);
  return sum % 26 === code[15] - 10;
};

/**
 * Italian partita IVA: seven digits, the province of the office that issued it (or one of four special ones), Luhn.
 * Source: DPR 633/1972, article 35; Agenzia delle Entrate, Struttura del numero di partita IVA.
 */
export const itVat: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 11) || numberAt(0, 7) === 0) return false;
  const office = numberAt(7, 10);
  const known = (office >= 1 && office <= 100) || [120, 121, 888, 999].includes(office);
  return known && isLuhn(0, 11);
};

/** Greek AMKA: date of birth as DDMMYY, four digits, Luhn. Source: Law 3655/2008, article 153; amka.gr. */
export const grAmka: Validator = (bytes, start, end) =>
  readDigits(bytes, start, end, 11) && isDdmmyy(0) && isLuhn(0, 11);

/** Greek tax number (AFM): nine digits, check digit mod 11 with powers of two. Source: AADE; OECD, TIN: Greece. */
export const grAfm: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 9) || numberAt(0, 9) === 0) return false;
  return (weighted([256, 128, 64, 32, 16, 8, 4, 2]) % 11) % 10 === code[8];
};

const CY_ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];

/** Cypriot tax identification code: eight digits and a letter. Source: OECD, TIN: Cyprus; European Commission, VIES algorithms. */
export const cyTic: Validator = (bytes, start, end) => {
  if (readCode(bytes, start, end) !== 9 || !areDigits(0, 8) || numberAt(0, 2) === 12) return false;
  let sum = 0;
  for (let i = 0; i < 8; i++) sum += i % 2 === 0 ? CY_ODD[code[i]] : code[i];
  return (sum % 26) + 10 === code[8];
};

const MT_LETTERS = [...'MGAPLHBZ'].map(letter);

/** Maltese identity card: up to seven digits and the letter of the register; it has no check. Source: Identity Malta; OECD, TIN: Malta. */
export const mtIdCard: Validator = (bytes, start, end) => {
  const count = readCode(bytes, start, end);
  return count >= 4 && count <= 8 && areDigits(0, count - 1) && MT_LETTERS.includes(code[count - 1]);
};
