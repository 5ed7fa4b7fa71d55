/** France. */
import { areDigits, code, isLuhn, letter, numberAt, readCode, readDigits } from '../code.ts';
import type { Validator } from '../validator.ts';

/**
 * French NIR (numéro de sécurité sociale): sex, year, month, department (2A and 2B on Corsica), commune, serial number,
 * and 97 less the remainder of the thirteen before. Months from 20 stand for an unknown one.
 * Source: INSEE, décret n° 82-103 du 22 janvier 1982; CNAV, specification of the NIR.
 */
export const frNir: Validator = (bytes, start, end) => {
  if (readCode(bytes, start, end) !== 15 || !areDigits(0, 6) || !areDigits(7, 15)) return false;
  if (code[0] < 1 || code[0] === 5 || code[0] === 6 || code[0] > 8) return false;
  const month = numberAt(3, 5);
  if (month < 1 || (month > 12 && month < 20) || (month > 42 && month < 50)) return false;
  // Corsica: 2A counts as 19, 2B as 18.
  if (code[6] > 9) {
    if (code[5] !== 2 || (code[6] !== letter('A') && code[6] !== letter('B'))) return false;
    const second = code[6] === letter('A') ? 9 : 8;
    code[5] = 1;
    code[6] = second;
  }
  return 97 - (numberAt(0, 13) % 97) === numberAt(13, 15);
};

/**
 * French tax number (numéro fiscal de référence, SPI): ten digits and their remainder by 511.
 * Source: OECD, Tax Identification Numbers: France; Direction générale des Finances publiques.
 */
export const frSpi: Validator = (bytes, start, end) =>
  readDigits(bytes, start, end, 13) && code[0] <= 3 && numberAt(0, 10) % 511 === numberAt(10, 13);

/** French SIREN (9 digits) and SIRET (14), which sole traders have: Luhn. Source: INSEE, Sirene; R. 123-220 Code de commerce. */
export const frSiren: Validator = (bytes, start, end) => {
  const count = readCode(bytes, start, end);
  return (
    (count === 9 || count === 14) &&
    areDigits(0, count) &&
    numberAt(0, 9) > 0 &&
    isLuhn(0, 9) &&
    isLuhn(0, count)
  );
};
