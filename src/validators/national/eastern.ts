/** Bulgaria, Croatia, Czechia, Hungary, Poland, Romania, Slovakia, Slovenia. */

import { isLetter } from '../bytes.ts';
import {
  areDigits,
  areLetters,
  code,
  isDate,
  isMod11Pure10,
  numberAt,
  readCode,
  readDigits,
  weighted,
} from '../code.ts';
import type { Validator } from '../validator.ts';

/**
 * Bulgarian EGN: YYMMDD (month plus 20 before 1900, plus 40 from 2000), three digits, check digit.
 * Source: Civil Registration Act, article 11; GRAO, structure of the EGN.
 */
export const bgEgn: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 10)) return false;
  const month = numberAt(2, 4);
  const century = month > 40 ? 2000 : month > 20 ? 1800 : 1900;
  if (month > 52 || !isDate(century + numberAt(0, 2), month % 20, numberAt(4, 6))) return false;
  return (weighted([2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10 === code[9];
};

/** Bulgarian personal number of a foreigner (LNCh): ten digits, check digit mod 10. Source: Law on foreigners; VIES algorithms. */
export const bgForeigner: Validator = (bytes, start, end) =>
  readDigits(bytes, start, end, 10) && weighted([21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10 === code[9];

/** Croatian OIB: eleven digits, ISO/IEC 7064 MOD 11,10, with or without HR before it. Source: Pravilnik o OIB (NN 1/2009). */
export const hrOib: Validator = (bytes, start, end) => {
  const from = end - start > 2 && isLetter(bytes[start]) ? start + 2 : start;
  return readDigits(bytes, from, end, 11) && isMod11Pure10(0, 11);
};

/**
 * Czech and Slovak rodné číslo: YYMMDD (month plus 50 for women, plus 20 where the numbers ran out), three digits
 * until 1953, since then four, divisible by 11. Source: zákon č. 133/2000 Sb., § 13; zákon č. 301/1995 Z. z.
 */
export const czSkBirthNumber: Validator = (bytes, start, end) => {
  const count = readCode(bytes, start, end);
  if ((count !== 9 && count !== 10) || !areDigits(0, count)) return false;
  let month = numberAt(2, 4);
  if (month > 50) month -= 50;
  if (month > 20) month -= 20;
  const year = numberAt(0, 2);
  const century = count === 9 || year >= 54 ? 1900 : 2000;
  if (!isDate(century + year, month, numberAt(4, 6))) return false;
  if (count === 9) return year < 54 && numberAt(6, 9) > 0;
  // Until 1985 a remainder of 10 was written as 0.
  return (numberAt(0, 9) % 11) % 10 === code[9];
};

/** Hungarian social security number (TAJ): eight digits and a check digit, weights 3 and 7. Source: Act XX of 1996, annex II. */
export const huTaj: Validator = (bytes, start, end) =>
  readDigits(bytes, start, end, 9) &&
  numberAt(0, 9) > 0 &&
  weighted([3, 7, 3, 7, 3, 7, 3, 7]) % 10 === code[8];

/** Hungarian tax number of a person: 8, the days since 1867, three digits, check digit. Source: Act XX of 1996, annex III. */
export const huTaxNumber: Validator = (bytes, start, end) =>
  readDigits(bytes, start, end, 10) &&
  code[0] === 8 &&
  weighted([1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 === code[9];

/**
 * Hungarian personal number: sex and century, YYMMDD, three digits, check digit, whose weights run the other way for
 * births since 1997. Source: Act XX of 1996, annex I.
 */
export const huPersonalNumber: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 11) || code[0] < 1 || code[0] > 8) return false;
  if (!isDate(2000 + numberAt(1, 3), numberAt(3, 5), numberAt(5, 7))) return false;
  const older = weighted([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) % 11;
  const newer = weighted([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11;
  return older === code[10] || newer === code[10];
};

/**
 * Polish PESEL: YYMMDD (month plus 80, 20, 40 or 60 outside of the 1900s), four digits, check digit.
 * Source: ustawa o ewidencji ludności, article 15; Ministry of Digital Affairs, Co to jest numer PESEL.
 */
export const plPesel: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 11)) return false;
  const month = numberAt(2, 4);
  const century = [1900, 2000, 2100, 2200, 1800][Math.floor(month / 20)];
  if (!isDate(century + numberAt(0, 2), month % 20, numberAt(4, 6))) return false;
  return (10 - (weighted([1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === code[10];
};

/** Polish tax number (NIP): nine digits and a check digit mod 11. Source: ustawa o zasadach ewidencji podatników; VIES algorithms. */
export const plNip: Validator = (bytes, start, end) =>
  readDigits(bytes, start, end, 10) &&
  numberAt(0, 3) > 100 &&
  weighted([6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 === code[9];

/** Polish REGON of a business: nine digits, check digit mod 11. Source: GUS, budowa numeru REGON. */
export const plRegon: Validator = (bytes, start, end) =>
  readDigits(bytes, start, end, 9) &&
  numberAt(0, 9) > 0 &&
  (weighted([8, 9, 2, 3, 4, 5, 6, 7]) % 11) % 10 === code[8];

/** Polish identity card: three letters, check digit, five digits; weights 7, 3, 1. Source: ICAO Doc 9303; MSWiA, dowód osobisty. */
export const plIdCard: Validator = (bytes, start, end) =>
  readCode(bytes, start, end) === 9 &&
  areLetters(0, 3) &&
  areDigits(3, 9) &&
  weighted([7, 3, 1, 0, 7, 3, 1, 7, 3]) % 10 === code[3];

/** Polish passport: two letters, check digit, six digits. Source: as `plIdCard`. */
export const plPassport: Validator = (bytes, start, end) =>
  readCode(bytes, start, end) === 9 &&
  areLetters(0, 2) &&
  areDigits(2, 9) &&
  weighted([7, 3, 0, 1, 7, 3, 1, 7, 3]) % 10 === code[2];

/**
 * Romanian CNP: sex and century, YYMMDD, county, three digits, check digit.
 * Source: Legea 105/1996; Direcția pentru Evidența Persoanelor, structura CNP.
 */
export const roCnp: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 13) || code[0] === 0) return false;
  const century = code[0] === 3 || code[0] === 4 ? 1800 : code[0] === 5 || code[0] === 6 ? 2000 : 1900;
  const year = code[0] > 6 ? 2000 : century;
  if (!isDate(year + numberAt(1, 3), numberAt(3, 5), numberAt(5, 7))) return false;
  const county = numberAt(7, 9);
  if (county < 1 || (county > 52 && county !== 70 && county < 80)) return false;
  const rest = weighted([2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
  return (rest === 10 ? 1 : rest) === code[12];
};

/**
 * Slovenian EMŠO, the JMBG of all former Yugoslavia: DDMMYYY, region, three digits, check digit.
 * Source: Pravilnik o določanju EMŠO (Uradni list RS 8/1999).
 */
export const siEmso: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 13)) return false;
  const year = numberAt(4, 7);
  if (year > 99 && year < 850) return false;
  if (!isDate(year < 100 ? 2000 + year : 1000 + year, numberAt(2, 4), numberAt(0, 2))) return false;
  const rest = weighted([7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return rest !== 1 && (rest === 0 ? 0 : 11 - rest) === code[12];
};

/** Slovenian tax number: seven digits and a check digit mod 11. Source: Zakon o davčni službi; VIES algorithms. */
export const siTaxNumber: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 8) || code[0] === 0) return false;
  const check = 11 - (weighted([8, 7, 6, 5, 4, 3, 2]) % 11);
  return check !== 11 && check % 10 === code[7];
};
