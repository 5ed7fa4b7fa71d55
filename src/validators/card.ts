import { isDigit, isGroupSeparator } from './bytes.ts';
import type { Validator } from './validator.ts';

/**
 * Issuer ranges of the card networks that work today, each as the lowest and the highest value of the first six
 * digits and the lengths a number in it can have. Six digits tell all networks apart, although ISO/IEC 7812-1:2017
 * made the issuer identification number eight digits long.
 *
 * Sources: https://en.wikipedia.org/wiki/Payment_card_number (table of issuer identification numbers) and the public
 * rules of the networks named there. Networks that have closed (Solo, Switch, Laser, Bankcard, enRoute) are left out.
 */
const ISSUERS: readonly (readonly [low: number, high: number, lengths: readonly number[]])[] = [
  [100000, 199999, [15]], // UATP
  [220000, 220599, [16, 17, 18, 19]], // Mir, BORICA
  [222100, 272099, [16]], // Mastercard
  [300000, 305999, [14, 15, 16, 17, 18, 19]], // Diners Club
  [309000, 309999, [14, 15, 16, 17, 18, 19]], // Diners Club
  [310000, 319999, [19]], // China T-Union
  [340000, 349999, [15]], // American Express
  [352800, 358999, [16, 17, 18, 19]], // JCB, RuPay, LankaPay
  [360000, 369999, [14, 15, 16, 17, 18, 19]], // Diners Club
  [370000, 379999, [15]], // American Express
  [380000, 399999, [14, 15, 16, 17, 18, 19]], // Diners Club
  [400000, 499999, [13, 16, 19]], // Visa, Dankort, Elo
  [500000, 509999, [16, 18, 19]], // Maestro, GPN, Verve, RuPay, Elo, Dankort
  [501800, 501899, [12, 13, 14, 15, 17]], // Maestro
  [502000, 502099, [12, 13, 14, 15, 17]], // Maestro
  [503800, 503899, [12, 13, 14, 15, 17]], // Maestro
  [510000, 559999, [16]], // Mastercard
  [560000, 589999, [16, 18, 19]], // Maestro, GPN, UzCard
  [589300, 589399, [12, 13, 14, 15, 17]], // Maestro
  [600000, 609999, [16, 18, 19]], // RuPay, GPN, Hipercard
  [601100, 601199, [17]], // Discover
  [604001, 604200, [17]], // UkrCard
  [620000, 629999, [16, 17, 18, 19]], // UnionPay, Discover
  [630000, 639999, [16, 18, 19]], // Maestro, GPN, InstaPayment, Elo, Hiper
  [630400, 630499, [12, 13, 14, 15, 17]], // Maestro
  [636000, 636999, [17]], // InterPayment
  [644000, 659999, [16, 17, 18, 19]], // Discover, RuPay, Elo, Verve, Troy
  [670000, 679999, [16, 18, 19]], // Maestro
  [675900, 675999, [12, 13, 14, 15, 17]], // Maestro
  [676100, 676399, [12, 13, 14, 15, 17]], // Maestro
  [676770, 676774, [12, 13, 14, 15, 17]], // Maestro in the United Kingdom
  [810000, 829999, [16]], // RuPay, UnionPay
  [860000, 860099, [16]], // UzCard
  [970400, 970499, [16, 19]], // Napas
  [979200, 979289, [16]], // Troy
  [986000, 986099, [16]], // Humo
];

const IIN_DIGITS = 6;

/**
 * True when the digits begin like a card of a known network and are as many as that network issues. Spaces and
 * dashes are skipped, any other byte that is no digit is refused, and so is one digit repeated throughout. It says
 * nothing about the check digit: a card rule names `luhn` as well. Of random digits both together pass 3.6 % at 16
 * digits, 2.6 % at 19 and under 1.7 % at every other length.
 */
export const cardIssuer: Validator = (bytes, start, end) => {
  let digits = 0;
  let iin = 0;
  let first = -1;
  let allSame = true;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (isGroupSeparator(byte)) continue;
    if (!isDigit(byte)) return false;
    if (first < 0) first = byte;
    else if (byte !== first) allSame = false;
    if (digits < IIN_DIGITS) iin = iin * 10 + (byte - 0x30);
    digits++;
  }
  if (allSame || digits < IIN_DIGITS) return false;
  for (let i = 0; i < ISSUERS.length; i++) {
    const issuer = ISSUERS[i];
    if (iin >= issuer[0] && iin <= issuer[1] && issuer[2].includes(digits)) return true;
  }
  return false;
};
