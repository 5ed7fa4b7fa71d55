/** Estonia, Latvia, Lithuania. */
import { code, isDate, isDdmmyy, numberAt, readDigits, weighted } from '../code.ts';
import type { Validator } from '../validator.ts';

/**
 * Estonian isikukood and Lithuanian asmens kodas: sex and century, YYMMDD, three digits, check digit in two steps.
 * Sources: Estonian standard EVS 585; Lithuanian law I-2237 on the residents' register.
 */
export const eeLtPersonalCode: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 11) || code[0] < 1 || code[0] > 8) return false;
  const century = 1800 + 100 * Math.floor((code[0] - 1) / 2);
  if (!isDate(century + numberAt(1, 3), numberAt(3, 5), numberAt(5, 7))) return false;
  let check = weighted([1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
  if (check === 10) check = weighted([3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
  return check % 10 === code[10];
};

/**
 * Latvian personas kods: until 2017 the date of birth as DDMMYY, a digit of the century, three digits and a check
 * digit; since then 32 and nine digits without any. Source: Pilsonības un migrācijas lietu pārvalde; Cabinet
 * Regulation 281 of 2017.
 */
export const lvPersonalCode: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 11)) return false;
  if (code[0] === 3 && code[1] >= 2) return true;
  if (!isDdmmyy(0) || code[6] > 2) return false;
  return ((1 + weighted([10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11) % 10 === code[10];
};
