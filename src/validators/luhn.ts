import { isDigit, isGroupSeparator } from './bytes.ts';
import type { Validator } from './validator.ts';

/**
 * The Luhn check (ISO/IEC 7812-1, annex B): from the right every second digit is doubled, the digits of the results
 * are summed, and the sum must be a multiple of ten. Spaces and dashes are skipped; any other byte that is no digit,
 * or fewer than two digits, is refused. One random number in ten passes, so a rule needs more than this.
 */
export const luhn: Validator = (bytes, start, end) => {
  let sum = 0;
  let digits = 0;
  for (let i = end - 1; i >= start; i--) {
    const byte = bytes[i];
    if (isGroupSeparator(byte)) continue;
    if (!isDigit(byte)) return false;
    const digit = byte - 0x30;
    const doubled = digit * 2;
    sum += digits % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
    digits++;
  }
  return digits >= 2 && sum % 10 === 0;
};
