/** Australia, Brazil, Nigeria, South Africa. */
import {
  areDigits,
  code,
  isLuhn,
  isRepeated,
  isVerhoeff,
  isYymmdd,
  numberAt,
  readCode,
  readDigits,
  weighted,
} from '../code.ts';
import type { Validator } from '../validator.ts';

/** Australian tax file number: nine digits (eight in old ones), mod 11. Source: ATO, TFN algorithm; Privacy (Tax File Number) Rule 2015. */
export const auTfn: Validator = (bytes, start, end) => {
  const count = readCode(bytes, start, end);
  if (!areDigits(0, Math.max(count, 0))) return false;
  if (count === 9) return !isRepeated(0, 9) && weighted([1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0;
  return count === 8 && !isRepeated(0, 8) && weighted([10, 7, 8, 4, 6, 3, 5, 1]) % 11 === 0;
};

/**
 * Australian Medicare number: eight digits from 2 to 6, check digit, number of the card, and perhaps the place on it.
 * Source: Services Australia; Australian Institute of Health and Welfare, METEOR 270101.
 */
export const auMedicare: Validator = (bytes, start, end) => {
  const count = readCode(bytes, start, end);
  if ((count !== 10 && count !== 11) || !areDigits(0, count) || code[0] < 2 || code[0] > 6) return false;
  return code[9] > 0 && weighted([1, 3, 7, 9, 1, 3, 7, 9]) % 10 === code[8];
};

/** Australian business number: eleven digits, weights mod 89 after one is taken from the first. Source: ABR, Format of the ABN. */
export const auAbn: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 11) || code[0] === 0) return false;
  return (weighted([10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) - 10) % 89 === 0;
};

/** Australian company number: eight digits and a check digit. Source: ASIC, Australian Company Number digit check. */
export const auAcn: Validator = (bytes, start, end) =>
  readDigits(bytes, start, end, 9) &&
  numberAt(0, 9) > 0 &&
  (10 - (weighted([8, 7, 6, 5, 4, 3, 2, 1]) % 10)) % 10 === code[8];

/** One check digit mod 11 as Brazil makes them: a remainder below 2 gives 0. */
function brazilianCheck(sum: number): number {
  const rest = sum % 11;
  return rest < 2 ? 0 : 11 - rest;
}

/** Brazilian CPF: nine digits and two check digits. Source: Receita Federal, Instrução Normativa RFB 2172/2024, cálculo do DV. */
export const brCpf: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 11) || isRepeated(0, 11)) return false;
  return (
    brazilianCheck(weighted([10, 9, 8, 7, 6, 5, 4, 3, 2])) === code[9] &&
    brazilianCheck(weighted([11, 10, 9, 8, 7, 6, 5, 4, 3, 2])) === code[10]
  );
};

/** A character of a CNPJ counts its ASCII code less 48. */
function cnpjSum(weights: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += (code[i] > 9 ? code[i] + 7 : code[i]) * weights[i];
  return sum;
}

/**
 * Brazilian CNPJ: twelve characters, since July 2026 letters too, and two check digits.
 * Source: Receita Federal, Instrução Normativa RFB 2229/2024 (CNPJ alfanumérico).
 */
export const brCnpj: Validator = (bytes, start, end) => {
  if (readCode(bytes, start, end) !== 14 || !areDigits(12, 14) || isRepeated(0, 14)) return false;
  return (
    brazilianCheck(cnpjSum([5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) === code[12] &&
    brazilianCheck(cnpjSum([6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) === code[13]
  );
};

/** Brazilian PIS/PASEP/NIT: ten digits and a check digit. Source: Caixa Econômica Federal, cálculo do DV do PIS. */
export const brPis: Validator = (bytes, start, end) =>
  readDigits(bytes, start, end, 11) &&
  !isRepeated(0, 11) &&
  brazilianCheck(weighted([3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) === code[10];

/** Brazilian driving licence (CNH): nine digits and two check digits. Source: Denatran, Renach, cálculo do dígito verificador. */
export const brCnh: Validator = (bytes, start, end) => {
  if (!readDigits(bytes, start, end, 11) || isRepeated(0, 11)) return false;
  const first = weighted([9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11;
  const second = weighted([1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11;
  const reduced = first > 9 ? (second - 2 + 11) % 11 : second;
  return (first > 9 ? 0 : first) === code[9] && (reduced > 9 ? 0 : reduced) === code[10];
};

/** South African identity number: YYMMDD, four digits, citizenship, a digit, Luhn. Source: Identification Act 68 of 1997; Department of Home Affairs. */
export const zaId: Validator = (bytes, start, end) =>
  readDigits(bytes, start, end, 13) && isYymmdd(0) && code[10] <= 2 && isLuhn(0, 13);

/** Nigerian national identification number: eleven digits, Verhoeff. Source: National Identity Management Commission. */
export const ngNin: Validator = (bytes, start, end) => readDigits(bytes, start, end, 11) && isVerhoeff(0, 11);
