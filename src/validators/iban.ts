import { isDigit, isGroupSeparator, isLetter, toLower } from './bytes.ts';
import type { Validator } from './validator.ts';

/**
 * Country code and length of every national format in the IBAN registry that SWIFT keeps for ISO 13616 (release 101,
 * December 2025): https://www.swift.com/standards/data-standards/iban-international-bank-account-number
 */
const REGISTERED =
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ' +
  'ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 ' +
  'LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 ' +
  'PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 ' +
  'YE30';

/**
 * Countries whose banks hand out IBANs although the registry does not list them. An account number there is as
 * personal as elsewhere, and the check digits keep chance matches at one in a hundred.
 * Source: https://www.iban.com/structure (partial and experimental formats).
 */
const UNREGISTERED =
  'AO25 BF28 BJ28 CF27 CG27 CI28 CM27 CV25 DZ26 GA27 GQ27 GW25 IR26 KM27 MA28 MG27 ML28 MZ25 NE28 SN28 TD27 TG28';

const LETTERS = 26;

/** Length by country, at `26 * first letter + second letter`; 0 where there is none. */
const LENGTHS = new Uint8Array(LETTERS * LETTERS);
for (const entry of `${REGISTERED} ${UNREGISTERED}`.split(' ')) {
  const index = (entry.charCodeAt(0) - 0x41) * LETTERS + (entry.charCodeAt(1) - 0x41);
  LENGTHS[index] = Number(entry.slice(2));
}

/** Country code and check digits: the part that moves to the end before the remainder is taken. */
const HEAD = 4;

/**
 * An International Bank Account Number (ISO 13616): a known country, the length of that country, and a remainder of
 * 1 when the number with its first four characters moved to the end is divided by 97 (ISO 7064, MOD 97-10). Letters
 * of either case are read, spaces and dashes after the country are skipped, any other byte is refused.
 */
export const iban: Validator = (bytes, start, end) => {
  let count = 0;
  let expected = 0;
  let checkDigits = 0;
  let head = 0;
  let remainder = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (isGroupSeparator(byte)) {
      // People write `DE 89 ...`, but no one parts the two letters or the two check digits.
      if (count !== 2 && count < HEAD) return false;
      continue;
    }
    const digit = isDigit(byte);
    if (!digit && !isLetter(byte)) return false;
    // ISO 13616: A is 10, B is 11, ... Z is 35.
    const value = digit ? byte - 0x30 : toLower(byte) - 0x57;
    if (count < 2) {
      if (digit) return false;
      expected = expected * LETTERS + (value - 10);
      head = head * 100 + value;
      if (count === 1) {
        expected = LENGTHS[expected];
        if (expected === 0) return false;
      }
    } else if (count < HEAD) {
      if (!digit) return false;
      checkDigits = checkDigits * 10 + value;
      head = head * 10 + value;
    } else {
      if (count === expected) return false;
      remainder = (remainder * (digit ? 10 : 100) + value) % 97;
    }
    count++;
  }
  if (count < HEAD || count !== expected) return false;
  // ISO 7064 makes check digits from 02 to 98; 00, 01 and 99 leave the same remainder but are never issued.
  if (checkDigits < 2 || checkDigits > 98) return false;
  return (remainder * 1_000_000 + head) % 97 === 1;
};
