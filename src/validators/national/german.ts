/** Germany, Austria, Switzerland and Liechtenstein. */
import {
  areDigits,
  areLetters,
  code,
  isDate,
  isDdmmyy,
  isMod11Pure10,
  letter,
  numberAt,
  readCode,
  readDigits,
  weighted,
} from '../code.ts';
import type { Validator } from '../validator.ts';

/**
 * German tax identification number: 11 digits, none of the first ten more than three times, check digit by
 * ISO/IEC 7064 MOD 11,10. That one digit must occur twice or three times is not asked for, because test numbers break it.
 * Source: Bundeszentralamt für Steuern, Informationen zur Berechnung gültiger Prüfziffern (§ 139b AO).
 */
export const deTaxId: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 11) || code[0] === 0) return false;
  for (let digit = 0; digit < 10; digit++) {
    let times = 0;
    for (let i = 0; i < 10; i++) if (code[i] === digit) times++;
    if (times > 3) return false;
  }
  return isMod11Pure10(0, 11);
};

const PENSION_WEIGHTS = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];

/** Sum of the digits of a number below 100. */
function crossSum(value: number): number {
  return Math.floor(value / 10) + (value % 10);
}

/**
 * German pension insurance number: area, date of birth as DDMMYY, a letter, a serial number, check digit.
 * Source: § 2 VKVV (Versicherungsnummern-, Kontoführungs- und Versicherungsverlaufsverordnung).
 */
export const dePensionNumber: Validator = (bytes, start, end) => {
  if (readCode(bytes, start, end) !== 12 || !areDigits(0, 8) || code[8] < 10 || !areDigits(9, 12))
    return false;
  if (!isDdmmyy(2)) return false;
  const initial = code[8] - 9;
  let sum = 0;
  for (let i = 0; i < 8; i++) sum += crossSum(code[i] * PENSION_WEIGHTS[i]);
  sum +=
    crossSum(Math.floor(initial / 10) * PENSION_WEIGHTS[8]) + crossSum((initial % 10) * PENSION_WEIGHTS[9]);
  sum += crossSum(code[9] * PENSION_WEIGHTS[10]) + crossSum(code[10] * PENSION_WEIGHTS[11]);
  return sum % 10 === code[11];
};

/**
 * German health insurance number (the part that does not change): a letter, eight digits, check digit.
 * Source: § 290 SGB V, Richtlinien zum Aufbau der Krankenversichertennummer, annex 1 (weights 1 and 2, cross sums).
 */
export const deHealthInsurance: Validator = (bytes, start, end) => {
  if (readCode(bytes, start, end) !== 10 || code[0] < 10 || !areDigits(1, 10)) return false;
  const initial = code[0] - 9;
  let sum = Math.floor(initial / 10) + crossSum((initial % 10) * 2);
  for (let i = 1; i < 9; i++) sum += crossSum(code[i] * (i % 2 === 1 ? 1 : 2));
  return sum % 10 === code[9];
};

const MRZ_WEIGHTS = [7, 3, 1];

/** The check digit of ICAO Doc 9303, part 3, 4.9, over `code[0, count)`. */
function mrzCheckDigit(count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += code[i] * MRZ_WEIGHTS[i % 3];
  return sum % 10;
}

/** Letters that serial numbers of German documents hold: no vowels, nothing that looks like a digit. */
const SERIAL_LETTERS = new Set([...'CFGHJKLMNPRTVWXYZ'].map(letter));

/**
 * Serial number of a German identity card or passport: nine characters, alone or with their check digit behind them,
 * or eight with it. Of serials without check digit only those of before 2010, T and eight digits, are accepted.
 * Source: § 5 PAuswG and § 4 PassG with ICAO Doc 9303; letters as the Bundesdruckerei uses them.
 */
export const deDocument: Validator = (bytes, start, end) => {
  const count = readCode(bytes, start, end);
  if (count !== 9 && count !== 10) return false;
  for (let i = 0; i < count; i++) {
    if (code[i] >= 10 && !SERIAL_LETTERS.has(code[i])) return false;
  }
  if (code[0] < 10) return false;
  if (count === 9 && code[0] === letter('T') && areDigits(1, 9)) return true;
  return code[count - 1] === mrzCheckDigit(count - 1);
};

/**
 * Number of a German physician (LANR): six digits, a check digit, and two of the speciality.
 * Source: Kassenärztliche Bundesvereinigung, Richtlinie nach § 75 Abs. 7 SGB V (weights 4 and 9, difference to ten).
 */
export const dePhysician: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 9)) return false;
  const sum = weighted([4, 9, 4, 9, 4, 9]);
  return (10 - (sum % 10)) % 10 === code[6] && numberAt(7, 9) > 0;
};

/** Areas of the associations of statutory health insurance physicians, the first two digits of a BSNR. */
const BSNR_AREAS = new Set(
  '01 02 03 17 20 31 38 46 51 52 71 72 73 74 78 83 88 93 98 99 21 24 27 28 35 36 37 39 40 44 47 48'
    .split(' ')
    .map(Number),
);

/** Number of a German medical practice (BSNR): its area and seven digits. Source: as `dePhysician`, annex. */
export const dePractice: Validator = (bytes, start, end) =>
  readDigits(bytes, start, end, 9) && BSNR_AREAS.has(numberAt(0, 2)) && numberAt(2, 9) > 0;

/**
 * Number of a German driving licence: authority (four), serial (five), check character, and the copy's number.
 * The check character is not published, so this is structure only. Source: Anlage 8 FeV.
 */
export const deDrivingLicence: Validator = (bytes, start, end) =>
  readCode(bytes, start, end) === 11 && code[0] >= 10 && areDigits(3, 9);

/** Two digits of the state that the unified form begins with; Bavaria and North Rhine-Westphalia have one, 9 and 5. */
const TAX_STATES = new Set([10, 11, 21, 22, 23, 24, 26, 27, 28, 30, 31, 32, 40, 41]);

/**
 * German tax number: 13 digits in the unified form, which begins with the state and has a 0 at the fifth place, or 10
 * to 11 as the states write them. Check digits differ by state and office and are not judged.
 * Source: Elster, Prüfung der Steuer- und Steueridentifikationsnummer, chapter 2.
 */
export const deTaxNumber: Validator = (bytes, start, end) => {
  const count = readCode(bytes, start, end);
  if (count < 10 || count > 13 || !areDigits(0, count)) return false;
  if (count < 13) return count < 12;
  return code[4] === 0 && (code[0] === 5 || code[0] === 9 || TAX_STATES.has(numberAt(0, 2)));
};

/** German postal code: five digits from 01001 to 99998. Source: Deutsche Post, Postleitzahlen. */
export const dePostalCode: Validator = (bytes, start, end) =>
  readDigits(bytes, start, end, 5) && numberAt(0, 5) >= 1001 && numberAt(0, 5) <= 99998;

/**
 * Austrian social insurance number: three digits, check digit, date of birth as DDMMYY, whose month goes to 15 where
 * the days ran out of numbers. Source: Dachverband der Sozialversicherungsträger, Aufbau der Versicherungsnummer.
 */
export const atSocialInsurance: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 10) || code[0] === 0) return false;
  const month = numberAt(6, 8);
  if (!isDate(2000 + numberAt(8, 10), month > 12 && month < 16 ? 1 : month, numberAt(4, 6))) return false;
  return weighted([3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === code[3];
};

/**
 * Austrian tax number: office (two digits), six digits, check digit.
 * Source: Bundesministerium für Finanzen, BMF-010221, Prüfziffer der Abgabenkontonummer.
 */
export const atTaxNumber: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 9)) return false;
  let sum = 0;
  for (let i = 0; i < 8; i++) sum += i % 2 === 0 ? code[i] : crossSum(code[i] * 2);
  return (10 - (sum % 10)) % 10 === code[8];
};

/**
 * Swiss social insurance number (AHV/AVS): 756, nine digits, check digit of EAN-13.
 * Source: Zentrale Ausgleichsstelle, Wegleitung über die Versicherungsnummer.
 */
export const chAhv: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 13) || numberAt(0, 3) !== 756) return false;
  return (10 - (weighted([1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]) % 10)) % 10 === code[12];
};

/**
 * Swiss enterprise number, which sole traders have too: CHE, eight digits, check digit.
 * Source: eCH-0097, Datenstandard Unternehmensidentifikation.
 */
export const chUid: Validator = (bytes, start, end) => {
  if (readCode(bytes, start, end) !== 12 || !areLetters(0, 3) || !areDigits(3, 12)) return false;
  const check = (11 - (weighted([5, 4, 3, 2, 7, 6, 5, 4], 3) % 11)) % 11;
  return check === code[11];
};
