/** Spain and Portugal. */
import { areDigits, code, letter, numberAt, readCode, readDigits, weighted } from '../code.ts';
import type { Validator } from '../validator.ts';

const DNI_LETTERS = [...'TRWAGMYFPDXBNJZSQVHLCKE'].map(letter);

/**
 * Spanish DNI (seven or eight digits) and NIE (X, Y or Z and seven digits) with the letter of the number by 23.
 * Source: Ministerio del Interior, cálculo del dígito de control del NIF/NIE.
 */
export const esDniNie: Validator = (bytes, start, end) => {
  const count = readCode(bytes, start, end);
  if (count !== 8 && count !== 9) return false;
  const foreigner = code[0] - letter('X');
  if (code[0] >= 10) {
    if (foreigner < 0 || foreigner > 2 || count !== 9) return false;
    code[0] = foreigner;
  }
  return areDigits(0, count - 1) && DNI_LETTERS[numberAt(0, count - 1) % 23] === code[count - 1];
};

/**
 * Spanish social security number: province, number, and the remainder of both by 97.
 * Source: Tesorería General de la Seguridad Social, estructura del número de afiliación.
 */
export const esNss: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 12)) return false;
  const province = numberAt(0, 2);
  const number = numberAt(2, 10);
  if (province < 1 || province > 66) return false;
  const check = numberAt(10, 12);
  // Of a number below ten million the leading zero is not written into the dividend; older software does not know.
  const short = number < 10_000_000 && (number + province * 10_000_000) % 97 === check;
  return short || numberAt(0, 10) % 97 === check;
};

const CIF_LETTERS = [...'JABCDEFGHI'].map(letter);

/**
 * Spanish CIF of a legal person: a letter, seven digits, and a check that is a digit or a letter.
 * Source: Orden EHA/451/2008.
 */
export const esCif: Validator = (bytes, start, end) => {
  if (readCode(bytes, start, end) !== 9 || code[0] < 10 || !areDigits(1, 8)) return false;
  let sum = 0;
  for (let i = 1; i < 8; i++) {
    const value = i % 2 === 1 ? code[i] * 2 : code[i];
    sum += value > 9 ? value - 9 : value;
  }
  const check = (10 - (sum % 10)) % 10;
  return code[8] === check || code[8] === CIF_LETTERS[check];
};

/** Portuguese NIF: nine digits, check digit mod 11. Source: Decreto-Lei n.º 14/2013; first digits by Autoridade Tributária. */
export const ptNif: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 9) || code[0] === 0) return false;
  const check = (11 - (weighted([9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
  return check % 10 === code[8];
};

/**
 * Portuguese Cartão de Cidadão: eight digits of the civil number, its check digit, two characters of the version, and
 * a check digit by Luhn over values in base 36. Source: AMA, Validação de Número de Documento do Cartão de Cidadão.
 */
export const ptCitizenCard: Validator = (bytes, start, end) => {
  if (readCode(bytes, start, end) !== 12 || !areDigits(0, 9) || code[11] > 9) return false;
  let sum = 0;
  for (let i = 11, second = false; i >= 0; i--, second = !second) {
    const value = second ? code[i] * 2 : code[i];
    sum += second && value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
};
