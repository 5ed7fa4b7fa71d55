import { DASH, DOT, isDigit, isLetter, isUpper, PLUS, SLASH, SPACE, textOf } from './bytes.ts';
import { ipv4, ipv4Public, ipv6, ipv6Public } from './ip.ts';
import { phones } from './lazy.ts';
import { isPlaceholder } from './placeholder.ts';
import { isTopLevelDomain } from './tld.ts';
import type { Validator } from './validator.ts';

const APOSTROPHE = 0x27;
const LONGEST_NAME = 120;

/** Words that programs log where a name is due and none is there. */
const NO_NAMES =
  /^(?:unknown|anonymous|guest|system|root|admin|user|default|test|name|string|text|varchar|n\/?a)$/i;

/**
 * A name of a person as it stands under a key that says so: letters of any script, with spaces, dots, apostrophes and
 * dashes (or `%20` and `+`, in a query string) between; not a placeholder, an identifier in code or a file name.
 */
export const personName: Validator = (bytes, start, end) => {
  if (end - start < 2 || end - start > LONGEST_NAME) return false;
  let letters = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (isLetter(byte) || byte >= 0x80) letters++;
    else if (byte === 0x25 || isDigit(byte)) {
      // Digits only as the hexadecimal of an escape.
      const escaped = (i > start && bytes[i - 1] === 0x25) || (i > start + 1 && bytes[i - 2] === 0x25);
      if (byte !== 0x25 && !escaped) return false;
    } else if (
      byte === DOT &&
      i - 2 >= start &&
      isLetter(bytes[i - 2]) &&
      i + 1 < end &&
      isLetter(bytes[i + 1])
    ) {
      // `J.R. Tolkien`, but not `com.example.Name`.
      return false;
    } else if (
      byte !== SPACE &&
      byte !== DOT &&
      byte !== APOSTROPHE &&
      byte !== DASH &&
      byte !== PLUS &&
      byte !== 0x2c
    )
      return false;
  }
  if (letters < 2 || isPlaceholder(bytes, start, end)) return false;
  return !NO_NAMES.test(textOf(bytes, start, end, 'latin1'));
};

/** A coordinate in degrees so exact (four decimals are ten metres) that it finds a home: `-180.0000` to `180.0000`. */
export const coordinate: Validator = (bytes, start, end) => {
  const from = bytes[start] === DASH ? start + 1 : start;
  let point = -1;
  let degrees = 0;
  for (let i = from; i < end; i++) {
    if (bytes[i] === DOT && point === -1 && i > from) point = i;
    else if (!isDigit(bytes[i])) return false;
    else if (point === -1) degrees = degrees * 10 + (bytes[i] - 0x30);
  }
  return point !== -1 && end - point > 4 && degrees <= 180;
};

const COUNTRIES =
  'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA ' +
  'CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA ' +
  'GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP ' +
  'KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS ' +
  'MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS ' +
  'RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW ' +
  'TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT XK ZA ZM ZW';
const countryCodes: ReadonlySet<string> = new Set(COUNTRIES.split(' '));

/** A business identifier code: four letters, a country of ISO 3166, two characters, perhaps three more. Source: ISO 9362. */
export const bic: Validator = (bytes, start, end) => {
  if (end - start !== 8 && end - start !== 11) return false;
  for (let i = start; i < end; i++) {
    if (!isUpper(bytes[i]) && (i < start + 6 || !isDigit(bytes[i]))) return false;
  }
  return countryCodes.has(String.fromCharCode(bytes[start + 4], bytes[start + 5]));
};

/** Regions whose national numbers can be judged, as ISO 3166-1 codes that libphonenumber takes. */
export const PHONE_REGIONS = [
  ...[
    'AT',
    'AU',
    'BE',
    'BG',
    'BR',
    'CA',
    'CH',
    'CY',
    'CZ',
    'DE',
    'DK',
    'EE',
    'ES',
    'FI',
    'FR',
    'GB',
    'GR',
    'HR',
  ],
  ...[
    'HU',
    'IE',
    'IN',
    'IS',
    'IT',
    'KR',
    'LI',
    'LT',
    'LU',
    'LV',
    'MT',
    'NG',
    'NL',
    'NO',
    'PH',
    'PL',
    'PT',
    'RO',
  ],
  ...['SE', 'SG', 'SI', 'SK', 'TH', 'TR', 'US', 'ZA'],
] as const;

/**
 * A phone number as people of one region write it, which libphonenumber (its full metadata knows the ranges that each
 * country has assigned) holds for valid there.
 */
export function nationalPhone(region: (typeof PHONE_REGIONS)[number]): Validator {
  return (bytes, start, end) => {
    if (end - start > 32) return false;
    let digits = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i];
      if (isDigit(byte)) digits++;
      else if (
        byte !== SPACE &&
        byte !== DASH &&
        byte !== DOT &&
        byte !== SLASH &&
        byte !== 0x28 &&
        byte !== 0x29
      )
        return false;
    }
    if (digits < 6 || digits > 13) return false;
    return phones().isValidPhoneNumber(textOf(bytes, start, end, 'latin1'), region);
  };
}

/** A web address: `scheme://host...`, or a host name, under a top-level domain that exists; not `www.` and one label. */
export const webAddress: Validator = (bytes, start, end) => {
  const text = textOf(bytes, start, end, 'latin1');
  const scheme = text.indexOf('://');
  const from = scheme === -1 ? 0 : scheme + 3;
  const length = text.slice(from).search(/[/?#:]/);
  const stop = length === -1 ? text.length : from + length;
  const dot = text.lastIndexOf('.', stop - 1);
  if (dot === from + 3 && text.slice(from, dot).toLowerCase() === 'www') return false;
  return dot > from && isTopLevelDomain(bytes, start + dot + 1, start + stop);
};

/** Splits `address/prefix`; both halves must be right. */
function isNetwork(bytes: Uint8Array, start: number, end: number, four: Validator, six: Validator): boolean {
  let slash = end - 1;
  while (slash > start && bytes[slash] !== SLASH) slash--;
  if (slash === start || end - slash < 2 || end - slash > 4) return false;
  let prefix = 0;
  for (let i = slash + 1; i < end; i++) {
    if (!isDigit(bytes[i])) return false;
    prefix = prefix * 10 + (bytes[i] - 0x30);
  }
  if (prefix <= 32 && four(bytes, start, slash)) return true;
  return prefix <= 128 && six(bytes, start, slash);
}

/** A network in CIDR form (RFC 4632, RFC 4291), of any address. */
export const ipNetwork: Validator = (bytes, start, end) => isNetwork(bytes, start, end, ipv4, ipv6);

/** The same for public addresses only. */
export const ipNetworkPublic: Validator = (bytes, start, end) =>
  isNetwork(bytes, start, end, ipv4Public, ipv6Public);
