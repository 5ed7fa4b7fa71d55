/** India, Korea, the Philippines, Singapore, Thailand, Türkiye. */

import { COLON, isDigit, isGroupSeparator } from '../bytes.ts';
import {
  areDigits,
  areLetters,
  code,
  isDate,
  isRepeated,
  isVerhoeff,
  letter,
  numberAt,
  readCode,
  readDigits,
  weighted,
} from '../code.ts';
import type { Validator } from '../validator.ts';

/** Indian Aadhaar: twelve digits, first from 2, Verhoeff, no palindrome. Colons may part the groups. Source: UIDAI, Aadhaar numbering scheme. */
export const inAadhaar: Validator = (bytes, start, end) => {
  let count = 0;
  for (let i = start; i < end; i++) {
    if (isGroupSeparator(bytes[i]) || bytes[i] === COLON) continue;
    if (!isDigit(bytes[i])) return false;
    if (count === 12) return false;
    code[count++] = bytes[i] - 0x30;
  }
  if (count !== 12 || code[0] < 2 || !isVerhoeff(0, 12)) return false;
  for (let i = 0; i < 6; i++) if (code[i] !== code[11 - i]) return true;
  return false;
};

const PAN_HOLDERS = new Set([...'ABCFGHJLPT'].map(letter));

/** Indian permanent account number: five letters, the fourth the kind of holder, four digits, a letter. Source: Income Tax Department, PAN structure. */
export const inPan: Validator = (bytes, start, end) =>
  readCode(bytes, start, end) === 10 &&
  areLetters(0, 5) &&
  areDigits(5, 9) &&
  code[9] > 9 &&
  PAN_HOLDERS.has(code[3]) &&
  numberAt(5, 9) > 0;

/** Indian GSTIN: state, PAN of the holder, number of the registration, Z, a check character. Source: GSTN, GSTIN structure. */
export const inGstin: Validator = (bytes, start, end) => {
  if (readCode(bytes, start, end) !== 15 || !areDigits(0, 2) || !areLetters(2, 7) || !areDigits(7, 11))
    return false;
  const state = numberAt(0, 2);
  if (state < 1 || (state > 38 && state !== 97 && state !== 99)) return false;
  return code[11] > 9 && code[12] > 0 && code[13] === letter('Z');
};

/** Codes that vehicle registrations of Indian states and territories begin with. Source: Ministry of Road Transport, Central Motor Vehicles Rules 1989. */
const IN_STATES = new Set(
  'AN AP AR AS BR CG CH DD DL DN GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OD OR PB PY RJ SK TN TR TS TG UK UP UA WB'.split(
    ' ',
  ),
);

/** Indian vehicle registration: state, district, series, number, in the form of today. */
export const inVehicle: Validator = (bytes, start, end) => {
  const count = readCode(bytes, start, end);
  if (count < 5 || count > 11 || !areLetters(0, 2) || !areDigits(count - 1, count)) return false;
  return IN_STATES.has(String.fromCharCode(0x37 + code[0], 0x37 + code[1]));
};

/**
 * Korean resident registration number (seventh digit 1 to 4, 9, 0) and that of foreigners (5 to 8): YYMMDD and seven
 * digits. Issues since October 2020 have no check digit, so an earlier one is not asked for.
 */
function isKorean(bytes: Uint8Array, start: number, end: number, foreigner: boolean): boolean {
  if (!readDigits(bytes, start, end, 13)) return false;
  const kind = code[6];
  if (foreigner ? kind < 5 || kind > 8 : kind > 4) return false;
  const century = kind === 0 || kind === 9 ? 1800 : (kind - 1) % 4 < 2 ? 1900 : 2000;
  if (!isDate(century + numberAt(0, 2), numberAt(2, 4), numberAt(4, 6))) return false;
  if (kind === 0) return false;
  const rest = (11 - (weighted([2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11)) % 10;
  const check = foreigner ? (rest + 2) % 10 : rest;
  // The region of the office is below 96; since 2020 these digits are random, and so is the last.
  return numberAt(7, 9) <= 95 || check === code[12];
}

/** Korean resident registration number. Source: Resident Registration Act, enforcement rule, article 2. */
export const krRrn: Validator = (bytes, start, end) => isKorean(bytes, start, end, false);

/** Korean foreigner registration number. Source: Immigration Act, enforcement decree, article 40-2. */
export const krFrn: Validator = (bytes, start, end) => isKorean(bytes, start, end, true);

/** Korean business registration number: ten digits, check digit mod 10. Source: National Tax Service, 사업자등록번호. */
export const krBrn: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 10) || numberAt(0, 3) < 101) return false;
  const sum = weighted([1, 3, 7, 1, 3, 7, 1, 3, 5]) + Math.floor((code[8] * 5) / 10);
  return (10 - (sum % 10)) % 10 === code[9];
};

/** Philippine TIN: nine digits, the ninth a check digit mod 11, and perhaps a branch of three to five. Source: BIR, Revenue Regulations 7-2012. */
export const phTin: Validator = (bytes, start, end) => {
  const count = readCode(bytes, start, end);
  if ((count !== 9 && count < 12) || count > 14 || !areDigits(0, count) || numberAt(0, 9) === 0) return false;
  return weighted([9, 8, 7, 6, 5, 4, 3, 2]) % 11 === code[8];
};

const NRIC_LETTERS: Readonly<Record<string, readonly [offset: number, letters: string]>> = {
  S: [0, 'JZIHGFEDCBA'],
  T: [4, 'JZIHGFEDCBA'],
  F: [0, 'XWUTRQPNMLK'],
  G: [4, 'XWUTRQPNMLK'],
  M: [3, 'XWUTRQPNJLK'],
};

/** Singaporean NRIC and FIN: a letter, seven digits, check letter. Source: Immigration & Checkpoints Authority; M series since 2022. */
export const sgNric: Validator = (bytes, start, end) => {
  if (readCode(bytes, start, end) !== 9 || code[0] < 10 || !areDigits(1, 8) || code[8] < 10) return false;
  const series = NRIC_LETTERS[String.fromCharCode(0x37 + code[0])];
  if (series === undefined) return false;
  const [offset, letters] = series;
  return letters[(offset + weighted([2, 7, 6, 5, 4, 3, 2], 1)) % 11] === String.fromCharCode(0x37 + code[8]);
};

/** Thai identity number: kind, province and district, check digit mod 11. Source: Department of Provincial Administration, เลขประจำตัวประชาชน. */
export const thId: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 13) || code[0] === 0 || code[0] === 9) return false;
  const province = numberAt(1, 3);
  if (province < 10 || province > 96) return false;
  const check = (11 - (weighted([13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 10;
  return check === code[12];
};

/** Turkish identity number: two check digits. Source: Nüfus ve Vatandaşlık İşleri Genel Müdürlüğü, T.C. kimlik numarası. */
export const trIdentity: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 11) || code[0] === 0 || isRepeated(0, 11)) return false;
  const odd = code[0] + code[2] + code[4] + code[6] + code[8];
  const even = code[1] + code[3] + code[5] + code[7];
  if ((odd * 7 - even + 100) % 10 !== code[9]) return false;
  return (odd + even + code[9]) % 10 === code[10];
};

/** Turkish vehicle registration: province 01 to 81, letters, digits. Source: Karayolları Trafik Yönetmeliği, article 54. */
export const trPlate: Validator = (bytes, start, end) => {
  const count = readCode(bytes, start, end);
  return count >= 5 && areDigits(0, 2) && numberAt(0, 2) >= 1 && numberAt(0, 2) <= 81;
};
