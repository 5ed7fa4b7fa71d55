/** The United States and Canada. */
import {
  areDigits,
  areLetters,
  code,
  isLuhn,
  isRepeated,
  letter,
  numberAt,
  readCode,
  readDigits,
  weighted,
} from '../code.ts';
import type { Validator } from '../validator.ts';

/** Numbers that were printed in advertisements and are in nobody's possession, or in thousands' of. */
const ADVERTISED_SSN = new Set([78051120, 219099999]);

/**
 * Social security number: area not 000, 666 or from 900, group not 00, serial not 0000.
 * Source: Social Security Administration, Randomization FAQ and RM 10201.035.
 */
export const usSsn: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 9)) return false;
  const area = numberAt(0, 3);
  if (area === 0 || area === 666 || area >= 900 || numberAt(3, 5) === 0 || numberAt(5, 9) === 0) return false;
  return !isRepeated(0, 9) && !ADVERTISED_SSN.has(numberAt(0, 9));
};

/** Individual taxpayer identification number: 9, and a group that is issued. Source: IRS, Internal Revenue Manual 3.21.263. */
export const usItin: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 9) || code[0] !== 9) return false;
  const group = numberAt(3, 5);
  return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group !== 93);
};

/** National provider identifier: Luhn with 80840 before it, which adds 24. Source: CMS, NPI check digit calculation, 45 CFR 162.406. */
export const usNpi: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 10) || code[0] < 1 || code[0] > 2) return false;
  let sum = 24;
  for (let i = 0; i < 10; i++) {
    const value = i % 2 === 0 ? code[i] * 2 : code[i];
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
};

const DEA_TYPES = new Set([...'ABCDEFGHJKLMPRSTUX'].map(letter));

/** DEA registration: type of registrant, a letter or 9, six digits, check digit. Source: DEA Diversion Control, Registrant validation. */
export const usDea: Validator = (bytes, start, end) => {
  if (readCode(bytes, start, end) !== 9 || !DEA_TYPES.has(code[0]) || !areDigits(2, 9)) return false;
  if (code[1] < 10 && code[1] !== 9) return false;
  return weighted([1, 2, 1, 2, 1, 2], 2) % 10 === code[8];
};

const MBI_LETTERS = new Set([...'ACDEFGHJKMNPQRTUVWXY'].map(letter));
/** By place: 1 a digit but zero, 0 a digit, a a letter, n either. */
const MBI_FORM = '1an0an0aa00';

/** Medicare beneficiary identifier: structure, it has no check digit. Source: CMS, Understanding the MBI format. */
export const usMbi: Validator = (bytes, start, end) => {
  if (readCode(bytes, start, end) !== 11) return false;
  for (let i = 0; i < 11; i++) {
    const form = MBI_FORM[i];
    const isLetterHere = MBI_LETTERS.has(code[i]);
    if (form === 'a' ? !isLetterHere : code[i] > 9 && !(form === 'n' && isLetterHere)) return false;
  }
  return code[0] > 0;
};

/** Bank routing number: a prefix of the Federal Reserve, and weights 3, 7, 1. Source: ABA, Routing number policy. */
export const usRouting: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 9) || numberAt(0, 9) === 0) return false;
  const prefix = numberAt(0, 2);
  const known =
    prefix <= 12 || (prefix >= 21 && prefix <= 32) || (prefix >= 61 && prefix <= 72) || prefix === 80;
  return known && weighted([3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0;
};

/** Employer identification number, which sole proprietors have: a prefix that is issued. Source: IRS, How EINs are assigned. */
export const usEin: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 9)) return false;
  return !UNISSUED_EIN.has(numberAt(0, 2)) && numberAt(2, 9) > 0;
};

const UNISSUED_EIN = new Set([0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97]);

/** Canadian social insurance number: nine digits, Luhn, first one not 0 or 8. Source: Service Canada, Social Insurance Number code of practice. */
export const caSin: Validator = (bytes, start, end) =>
  readDigits(bytes, start, end, 9) && code[0] !== 0 && code[0] !== 8 && isLuhn(0, 9);

/** Personal health number of British Columbia: 9, eight digits, check digit mod 11. Source: BC Ministry of Health, Vendor conformance: PHN. */
export const caBcPhn: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 10) || code[0] !== 9) return false;
  const check = 11 - (weighted([2, 4, 8, 5, 10, 9, 7, 3], 1) % 11);
  return check < 10 && check === code[9];
};

/** Health card of Ontario: ten digits, Luhn, and up to two letters of the version. Source: Ontario Ministry of Health, Technical specification OHIP. */
export const caOntarioHealth: Validator = (bytes, start, end) => {
  const count = readCode(bytes, start, end);
  return (
    count >= 10 && count <= 12 && areDigits(0, 10) && areLetters(10, count) && code[0] > 0 && isLuhn(0, 10)
  );
};

/** Letters that Canadian postal codes never hold, and those that do not begin one. Source: Canada Post, Addressing guidelines. */
const POSTAL_NEVER = new Set([...'DFIOQU'].map(letter));
const POSTAL_NOT_FIRST = new Set([...'WZ'].map(letter));

/** Canadian postal code: letter, digit, letter, digit, letter, digit. */
export const caPostalCode: Validator = (bytes, start, end) => {
  if (readCode(bytes, start, end) !== 6 || POSTAL_NOT_FIRST.has(code[0])) return false;
  for (let i = 0; i < 6; i++) {
    if (i % 2 === 0 ? code[i] < 10 || POSTAL_NEVER.has(code[i]) : code[i] > 9) return false;
  }
  return true;
};
