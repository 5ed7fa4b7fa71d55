import { hexValue, isLetter } from './bytes.ts';
import { areDigits, code, isLuhn, isRepeated, letter, numberAt, readCode, readDigits } from './code.ts';
import type { Validator } from './validator.ts';

/**
 * A MAC address (IEEE 802, EUI-48) that names a device: not all zeros and not broadcast. Digits in pairs with colons
 * or dashes, the same throughout, or in fours with dots.
 */
export const mac: Validator = (bytes, start, end) => {
  let digits = 0;
  let separator = 0;
  let zeros = 0;
  let ones = 0;
  for (let i = start; i < end; i++) {
    const value = hexValue(bytes[i]);
    if (value >= 0) {
      digits++;
      if (value === 0) zeros++;
      if (value === 15) ones++;
    } else if (separator === 0) separator = bytes[i];
    else if (separator !== bytes[i]) return false;
  }
  return digits === 12 && zeros < 12 && ones < 12;
};

/** IMEI: 14 digits and the Luhn digit, first two of a body that allocates. Source: 3GPP TS 23.003, annex B; GSMA TS.06. */
export const imei: Validator = (bytes, start, end) =>
  readDigits(bytes, start, end, 15) && !isRepeated(0, 14) && numberAt(0, 8) > 1_000_000 && isLuhn(0, 15);

/** Mobile country codes that ITU-T E.212 assigns, in the order of the geographic zones. */
const COUNTRY_RANGES: readonly (readonly [low: number, high: number])[] = [
  [202, 297],
  [302, 376],
  [400, 467],
  [470, 472],
  [502, 555],
  [602, 659],
  [702, 750],
];

/** IMSI: 15 digits that begin with a mobile country code. Source: ITU-T E.212. */
export const imsi: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 15) || isRepeated(3, 15)) return false;
  const country = numberAt(0, 3);
  return COUNTRY_RANGES.some(([low, high]) => country >= low && country <= high);
};

/** ICCID of a SIM card: 89, 16 to 17 digits, Luhn. Source: ITU-T E.118. */
export const iccid: Validator = (bytes, start, end) => {
  const count = readCode(bytes, start, end);
  return (count === 19 || count === 20) && areDigits(0, count) && numberAt(0, 2) === 89 && isLuhn(0, count);
};

const VIN_WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
/** What letters count from A on; I, O and Q are not used. */
const VIN_LETTERS = [1, 2, 3, 4, 5, 6, 7, 8, -1, 1, 2, 3, 4, 5, -1, 7, -1, 9, 2, 3, 4, 5, 6, 7, 8, 9];

/**
 * Vehicle identification number: 17 characters without I, O and Q, letters and digits both. North American ones (first
 * from 1 to 5) must pass the check digit at the ninth place. Source: ISO 3779; 49 CFR 565.15.
 */
export const vin: Validator = (bytes, start, end) => {
  if (readCode(bytes, start, end) !== 17 || areDigits(0, 17) || !areDigits(14, 17)) return false;
  let sum = 0;
  for (let i = 0; i < 17; i++) {
    const value = code[i] < 10 ? code[i] : VIN_LETTERS[code[i] - 10];
    if (value < 0) return false;
    sum += value * VIN_WEIGHTS[i];
  }
  if (code[0] < 1 || code[0] > 5) return true;
  const check = sum % 11;
  return code[8] === (check === 10 ? letter('X') : check);
};

const MRZ_WEIGHTS = [7, 3, 1];

/** Check digit of ICAO Doc 9303 over `[from, to)`, where `<` counts nothing; -1 for any other byte. */
function mrzDigit(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) {
    const byte = bytes[i];
    const value = byte === 0x3c ? 0 : isLetter(byte) ? byte - 0x37 : byte - 0x30;
    if (value < 0 || value > 35) return -1;
    sum += value * MRZ_WEIGHTS[(i - from) % 3];
  }
  return sum % 10;
}

/**
 * The second line of a passport's machine-readable zone: number, nationality, birth, sex, expiry, each with its check
 * digit. Source: ICAO Doc 9303, part 4, 4.2.2.
 */
export const mrz: Validator = (bytes, start, end) => {
  if (end - start !== 44) return false;
  const at = (place: number) => bytes[start + place] - 0x30;
  return (
    mrzDigit(bytes, start, start + 9) === at(9) &&
    mrzDigit(bytes, start + 13, start + 19) === at(19) &&
    mrzDigit(bytes, start + 21, start + 27) === at(27)
  );
};
