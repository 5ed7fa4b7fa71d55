/** The United Kingdom and Ireland. */
import { areDigits, areLetters, code, isRepeated, letter, readCode, readDigits, weighted } from '../code.ts';
import type { Validator } from '../validator.ts';

/** NHS number of England, Wales and the Isle of Man: nine digits, check digit mod 11. Source: NHS Data Dictionary, NHS NUMBER. */
export const gbNhs: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 10) || isRepeated(0, 10)) return false;
  return (11 - (weighted([10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === code[9];
};

const UTR_CHECK = [2, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1];

/** Unique taxpayer reference: check digit first, then nine digits; a K may follow. Source: HMRC, CT600 technical pack, UTR check. */
export const gbUtr: Validator = (bytes, start, end) => {
  const count = readCode(bytes, start, end);
  if (count !== 10 && !(count === 11 && code[10] === letter('K'))) return false;
  return areDigits(0, 10) && UTR_CHECK[weighted([6, 7, 8, 9, 10, 5, 4, 3, 2], 1) % 11] === code[0];
};

const NINO_FIRST = new Set([...'ABCEGHJKLMNOPRSTWXYZ'].map(letter));
const NINO_SECOND = new Set([...'ABCEGHJKLMNPRSTWXYZ'].map(letter));
const NINO_NEVER = new Set(
  ['BG', 'GB', 'KN', 'NK', 'NT', 'TN', 'ZZ'].map((pair) => letter(pair[0]) * 36 + letter(pair[1])),
);

/** National Insurance number: a prefix that is issued, six digits, A to D. Source: HMRC, National Insurance Manual NIM39110. */
export const gbNino: Validator = (bytes, start, end) => {
  if (readCode(bytes, start, end) !== 9 || !areDigits(2, 8) || code[8] < 10 || code[8] > letter('D'))
    return false;
  return NINO_FIRST.has(code[0]) && NINO_SECOND.has(code[1]) && !NINO_NEVER.has(code[0] * 36 + code[1]);
};

/**
 * Driving licence of Great Britain: five of the surname (9 fills up), a digit of the year, month (plus 50 for women),
 * day, a digit of the year, two initials, and three characters. Source: DVLA, INF1D; Driving licence number format.
 */
export const gbDrivingLicence: Validator = (bytes, start, end) => {
  if (readCode(bytes, start, end) !== 16 || code[0] < 10 || !areDigits(5, 11)) return false;
  for (let i = 1, filled = false; i < 5; i++) {
    const filler = code[i] === 9;
    if (!filler && (filled || code[i] < 10)) return false;
    filled = filler;
  }
  const month = code[6] * 10 + code[7];
  const day = code[8] * 10 + code[9];
  if (month % 50 < 1 || month % 50 > 12 || month > 62 || day < 1 || day > 31) return false;
  const initial = (at: number) => code[at] >= 10 || code[at] === 9;
  return initial(11) && initial(12) && areLetters(14, 16);
};

const POSTCODE_AREAS = new Set(
  (
    'AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX ' +
    'FK FY G GIR GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG ' +
    'NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW ' +
    'UB W WA WC WD WF WN WR WS WV YO ZE'
  ).split(' '),
);

/** British postcode whose area exists. Source: Royal Mail, Postcode Address File, programmers' guide. */
export const gbPostcode: Validator = (bytes, start, end) => {
  const count = readCode(bytes, start, end);
  if (count < 5 || count > 7 || code[count - 3] > 9 || !areLetters(count - 2, count)) return false;
  let area = '';
  for (let i = 0; i < count - 3 && code[i] >= 10; i++) area += String.fromCharCode(0x37 + code[i]);
  return POSTCODE_AREAS.has(area);
};

const PPS_CHECK = [...'WABCDEFGHIJKLMNOPQRSTUV'].map(letter);

/**
 * Irish PPS number: seven digits, check letter, and since 2013 a second letter that counts nine-fold (W counts none).
 * Source: Department of Social Protection, PPSN; Revenue, PPSN check character.
 */
export const iePps: Validator = (bytes, start, end) => {
  const count = readCode(bytes, start, end);
  if ((count !== 8 && count !== 9) || !areDigits(0, 7) || !areLetters(7, count)) return false;
  const second = count === 9 && code[8] !== letter('W') ? code[8] - 9 : 0;
  return PPS_CHECK[(weighted([8, 7, 6, 5, 4, 3, 2]) + second * 9) % 23] === code[7];
};
