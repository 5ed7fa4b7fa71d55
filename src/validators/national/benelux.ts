/** Belgium, Luxembourg, the Netherlands. */
import { code, isDate, isLuhn, isRepeated, isVerhoeff, numberAt, readDigits, weighted } from '../code.ts';
import type { Validator } from '../validator.ts';

/**
 * Belgian national register number and BIS number (month plus 20 or 40): YYMMDD, a serial number, and 97 less the
 * remainder of the nine digits, with a 2 before them for births since 2000. Month and day may be 00 where unknown.
 * Source: Rijksregister, Instructions, TI 000; royal decree of 3 April 1984.
 */
export const beNationalNumber: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 11)) return false;
  const month = numberAt(2, 4) % 20;
  const day = numberAt(4, 6);
  if (numberAt(2, 4) > 52 || month > 12 || day > 31) return false;
  if (month > 0 && day > 0 && !isDate(2000 + numberAt(0, 2), month, day)) return false;
  const check = numberAt(9, 11);
  const head = numberAt(0, 9);
  return 97 - (head % 97) === check || 97 - ((2_000_000_000 + head) % 97) === check;
};

/**
 * Luxembourgish identification number: YYYYMMDD, three digits, the Luhn digit of these, and their Verhoeff digit.
 * Source: law of 19 June 2013 on the identification of natural persons; CTIE, matricule.
 */
export const luNin: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 13)) return false;
  const year = numberAt(0, 4);
  if (year < 1850 || year > 2099 || !isDate(year, numberAt(4, 6), numberAt(6, 8))) return false;
  if (!isLuhn(0, 12)) return false;
  // The second check digit is of the first eleven digits, too.
  code[11] = code[12];
  return isVerhoeff(0, 12);
};

/** Dutch burgerservicenummer: nine digits that pass the "elfproef". Source: Rijksdienst voor Identiteitsgegevens, Logisch Ontwerp BSN. */
export const nlBsn: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 9) || isRepeated(0, 9) || numberAt(0, 9) < 1_000_000) return false;
  return weighted([9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0;
};
